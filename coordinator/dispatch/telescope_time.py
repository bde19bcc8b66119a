"""Whether a telescope has time for one more pointing, and to move there and on: one owner of its time (law 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.assignment import Assignment
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.slews import slew_s
from coordinator.planning.timetable import ROUNDED_S
from telescopes.description.ephemeris import directions, unix_s
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True)
class Turn:
    """A telescope's time at one place, from the first shutter to the last readout."""

    start: datetime
    end: datetime
    ra_deg: float
    dec_deg: float
    filter: str

    @classmethod
    def planned(cls, pointing: PlannedPointing) -> "Turn":
        """Take what a planned pointing would need."""
        return cls(pointing.start, pointing.end, pointing.ra_deg, pointing.dec_deg, pointing.filter)

    @classmethod
    def held(cls, one: Assignment) -> "Turn":
        """Take what a pointing owns, as far as is known."""
        pointing = one.offered.pointing
        return cls(one.busy_from, one.busy_until, pointing.ra_deg, pointing.dec_deg, pointing.exposures[-1].filter)


def fits(mine: Turn, others: Iterable[Turn], telescope: Telescope) -> bool:
    """Say whether a turn overlaps no other and leaves time to come from the one before and go to the one after."""
    turns = list(others)
    if any(mine.start < t.end and t.start < mine.end for t in turns):
        return False
    before = max((t for t in turns if t.end <= mine.start), key=lambda t: t.end, default=None)
    after = min((t for t in turns if t.start >= mine.end), key=lambda t: t.start, default=None)
    return (before is None or _can_follow(mine, before, telescope)) and (
        after is None or _can_follow(after, mine, telescope)
    )


def _can_follow(later: Turn, earlier: Turn, telescope: Telescope) -> bool:
    here, there = directions([earlier.ra_deg, later.ra_deg], [earlier.dec_deg, later.dec_deg])
    leaves_s, arrives_s, timing = unix_s(earlier.end), unix_s(later.start), telescope.timing
    change_s = timing.filter_change_s if earlier.filter != later.filter else 0.0
    return arrives_s - leaves_s + ROUNDED_S >= slew_s(
        timing, telescope.site, here, there, leaves_s, arrives_s, change_s
    )
