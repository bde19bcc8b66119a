"""An event whose search ends before the plan's window does: its telescopes' timetables, shortened for its turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from coordinator.planning.timetable import Timetable
from telescopes.description.ephemeris import unix_s


@contextmanager
def ending(timetables: dict[str, Timetable], until: datetime | None) -> Iterator[dict[str, Timetable]]:
    """Give an event's turn timetables that end then; what is taken of them counts in the whole ones afterwards."""
    if until is None:
        yield timetables
        return
    ends_s = {name: one.end_s for name, one in timetables.items()}
    mine = {name: one.with_end(min(one.end_s, unix_s(until))) for name, one in timetables.items()}
    yield mine
    timetables.update({name: one.with_end(ends_s[name]) for name, one in mine.items()})
