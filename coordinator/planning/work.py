"""What a telescope would do at one field for a visit: which camera, which filter, how long."""

from coordinator.planning.depth import count_for
from coordinator.planning.timetable import Work
from telescopes.description.telescope import Instrument, Telescope


def work_for(telescope: Telescope, filters: tuple[str, ...], depth_mag_ab: float | None = None) -> Work | None:
    """Choose the first filter asked for that the telescope has, or its own first; None: it has none of them."""
    found = _camera(telescope, filters)
    if found is None:
        return None
    instrument, filter_name = found
    observing = telescope.observing
    count = count_for(instrument, filter_name, observing.exposure_s, observing.count, depth_mag_ab)
    return Work(instrument.id, filter_name, observing.exposure_s, count, telescope.timing.readout_s)


def _camera(telescope: Telescope, filters: tuple[str, ...]) -> tuple[Instrument, str] | None:
    if filters:
        return next(((i, f) for f in filters for i in telescope.instruments if f in i.filters), None)
    own = telescope.observing.filters[:1]
    if own:
        return next(((i, own[0]) for i in telescope.instruments if own[0] in i.filters), None)
    first = telescope.instruments[0]
    return (first, first.filters[0]) if first.filters else None
