"""How deep the telescopes of a simulated network see at a place."""

import math
from collections.abc import Iterable, Iterator, Mapping

import healpy

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.telescope import Telescope


def exposure_limits(telescope: Telescope, airmass: float = 1.0) -> Iterator[tuple[str, float]]:
    """Yield filter and limiting magnitude of one of the telescope's own exposures, where they are known."""
    for instrument in telescope.instruments:
        for name in telescope.observing.filters or instrument.filters:
            limit = limit_mag_ab(instrument, name, telescope.observing.exposure_s, airmass)
            if limit is not None:
                yield name, limit


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
    found: list[tuple[str, float]] = []
    for telescope in telescopes:
        altitude = 90.0 - abs(telescope.site.latitude_deg - dec_deg)
        if reach is not None and not _holds(reach.get(telescope.id), ra_deg, dec_deg):
            continue
        if not _allowed(telescope, dec_deg, altitude):
            continue
        found += exposure_limits(telescope, airmass=1.0 / math.sin(math.radians(max(altitude, 10.0))))
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
