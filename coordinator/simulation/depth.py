"""How deep the telescopes of a simulated network see at a place."""

import math
from collections.abc import Iterable, Iterator, Mapping

import healpy

from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.telescope import Telescope

EXTINCTION_MAG = 0.2
"""Loss of depth per airmass beyond the zenith: extinction and seeing together."""


def exposure_limits(telescope: Telescope) -> Iterator[tuple[str, float]]:
    """Yield filter and limiting magnitude of one of the telescope's own exposures, where they are known.

    A filter without a row of its own is taken to be as deep as the instrument's other rows.
    """
    for instrument in telescope.instruments:
        for name in telescope.observing.filters or instrument.filters:
            limits = [
                d.limit_mag_ab + 1.25 * math.log10(telescope.observing.exposure_s / d.exposure_s)
                for d in instrument.depth_rows(name)
            ]
            if limits:
                yield name, max(limits)


def limits_at(
    telescopes: Iterable[Telescope], ra_deg: float, dec_deg: float, reach: Mapping[str, Ranges] | None = None
) -> list[tuple[str, float]]:
    """Return filter and limit of every telescope that can point to a place, at its best altitude there.

    Parameters
    ----------
    telescopes : iterable of Telescope
        The network.
    ra_deg, dec_deg : float
        The place.
    reach : mapping of telescope id to Ranges, optional
        Sky that each can reach in the hours that matter; without it only its latitude and declination limits count.
    """
    found = []
    for telescope in telescopes:
        altitude = 90.0 - abs(telescope.site.latitude_deg - dec_deg)
        if reach is not None and not _holds(reach.get(telescope.id), ra_deg, dec_deg):
            continue
        if not _allowed(telescope, dec_deg, altitude):
            continue
        loss = EXTINCTION_MAG * (1.0 / math.sin(math.radians(max(altitude, 10.0))) - 1.0)
        found += [(name, limit - loss) for name, limit in exposure_limits(telescope)]
    return found


def _allowed(telescope: Telescope, dec_deg: float, altitude_deg: float) -> bool:
    declination = telescope.limits.declination_deg
    inside = declination is None or declination[0] <= dec_deg <= declination[1]
    return inside and altitude_deg >= telescope.limits.min_altitude_deg


def _holds(ranges: Ranges | None, ra_deg: float, dec_deg: float) -> bool:
    return ranges is not None and ranges_hold(ranges, ra_deg, dec_deg)


def ranges_hold(ranges: Ranges, ra_deg: float, dec_deg: float) -> bool:
    """Say whether a place lies inside."""
    pixel = int(healpy.ang2pix(1 << RANGE_ORDER, ra_deg, dec_deg, nest=True, lonlat=True))
    at = int(ranges.low.searchsorted(pixel, side="right")) - 1
    return at >= 0 and pixel < int(ranges.high[at])
