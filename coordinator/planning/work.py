"""What a telescope would do at one field for a visit: which camera, which filter, how long."""

from math import ceil, log10

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.planning.timetable import Work
from telescopes.description.telescope import Instrument, Telescope

MOST_LENGTHENING = 12
"""A pointing is not made longer than this many times the site's own for a depth that a visit asks for."""

MOST_DEEPER_MAG = 1.25 * log10(MOST_LENGTHENING) + 0.1
"""A wish for more than this asks for the longest pointing, however much more: its power would overflow."""


def work_for(
    telescope: Telescope,
    filters: tuple[str, ...],
    depth_mag_ab: float | None = None,
    times: int = 1,
    own_filter: int = 0,
) -> Work | None:
    """Choose the first filter asked for that the telescope has, or one of its own; None: it has none of them.

    It looks at least so many `times` as long as the site's own pointing. `own_filter` counts through the site's list.
    """
    found = _camera(telescope, filters, own_filter)
    if found is None:
        return None
    instrument, filter_name = found
    observing = telescope.observing
    count = count_for(instrument, filter_name, observing.exposure_s, observing.count, depth_mag_ab)
    longer = max(count, min(times, MOST_LENGTHENING) * observing.count)
    return Work(instrument.id, filter_name, observing.exposure_s, longer, telescope.timing.readout_s)


def count_for(instrument: Instrument, filter_name: str, exposure_s: float, count: int, depth: float | None) -> int:
    """Exposures that reach a depth at zenith: never fewer than the site's own, nor very many more."""
    reached = limit_mag_ab(instrument, filter_name, exposure_s * count, 1.0)
    if depth is None or reached is None or reached >= depth:
        return count
    longer = 10 ** (min(depth - reached, MOST_DEEPER_MAG) / 1.25)
    return min(ceil(count * longer - 1e-9), MOST_LENGTHENING * count)


def _camera(telescope: Telescope, filters: tuple[str, ...], own_filter: int) -> tuple[Instrument, str] | None:
    if filters:
        return next(((i, f) for f in filters for i in telescope.instruments if f in i.filters), None)
    own = telescope.observing.filters
    if own:
        name = own[own_filter % len(own)]
        return next(((i, name) for i in telescope.instruments if name in i.filters), None)
    first = telescope.instruments[0]
    return (first, first.filters[0]) if first.filters else None
