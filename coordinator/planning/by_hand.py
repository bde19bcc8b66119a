"""A pointing that a person asks one telescope for: what that telescope would do, and what serves."""

from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import ByHand
from coordinator.planning.timetable import Work
from telescopes.description.telescope import Telescope


def work_by_hand(asked: ByHand, telescope: Telescope) -> Work | None:
    """Say what a telescope would do; None: it is not the one that was asked, or has not the filter."""
    if telescope.id != asked.telescope:
        return None
    camera = next((i for i in telescope.instruments if asked.filter in i.filters), None)
    if camera is None:
        return None
    return Work(camera.id, asked.filter, asked.exposure_s, asked.count, telescope.timing.readout_s)


def served_by(asked: ByHand, pointing: PlannedPointing) -> bool:
    """Say whether a planned pointing is what was asked for, but for its place and its begin."""
    wanted = (asked.telescope, asked.filter, asked.exposure_s, asked.count)
    planned = (pointing.telescope, pointing.filter, pointing.exposure_s, pointing.count)
    return planned == wanted and pointing.end <= asked.not_after
