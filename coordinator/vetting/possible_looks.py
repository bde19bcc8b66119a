"""What the network could do for a candidate: which telescope, in which filter, how deep, for how many minutes."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.depth import limit_mag_ab
from telescopes.description.telescope import Instrument, Telescope

LONGER = (1, 4)
"""A pointing as the site likes it, and one that is so many times longer."""

AIRMASS = 1.5
"""At which depth is reckoned: nobody knows yet how high the candidate will stand."""

SLEW_DEG = 45.0
"""How far away a telescope is reckoned to be."""

DEEPER_MAG = 0.5
"""A longer look that reaches less deeper than this is not reckoned."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A look that somebody could take; `minutes` from the start of the slew to the last readout."""

    telescope: str
    filter: str
    limit_mag_ab: float
    minutes: float

    @property
    def band(self) -> str:
        """Plain name of its band."""
        return band_of(self.filter)


def possible_looks(telescopes: Iterable[Telescope]) -> tuple[Possible, ...]:
    """List looks of which none is both deeper and shorter than another in its band; not those of unknown depth.

    Parameters
    ----------
    telescopes : iterable of Telescope
        The network, as its site files describe it.
    """
    kept: list[Possible] = []
    deepest: dict[str, float] = {}
    every = [look for t in telescopes for look in _of(t)]
    for look in sorted(every, key=lambda k: (k.minutes, -k.limit_mag_ab, k.telescope, k.filter)):
        if look.limit_mag_ab > deepest.get(look.band, -math.inf) + DEEPER_MAG:
            deepest[look.band] = look.limit_mag_ab
            kept.append(look)
    return tuple(sorted(kept, key=lambda k: (k.band, k.limit_mag_ab, k.telescope)))


def _of(telescope: Telescope) -> Iterator[Possible]:
    for instrument in telescope.instruments:
        for name in instrument.filters:
            yield from _with(telescope, instrument, name)


def _with(telescope: Telescope, instrument: Instrument, name: str) -> Iterator[Possible]:
    observing, timing = telescope.observing, telescope.timing
    slew_s = 0.0 if timing.slew_rate_deg_s is None else SLEW_DEG / timing.slew_rate_deg_s
    for times in LONGER:
        count = observing.count * times
        limit = limit_mag_ab(instrument, name, observing.exposure_s * count, AIRMASS)
        if limit is not None:
            busy_s = slew_s + timing.settle_s + count * (observing.exposure_s + timing.readout_s)
            yield Possible(telescope.id, name, limit, busy_s / 60.0)
