"""Every invariant of the chaos can fail: a broken rule, store, line or driver is planted, and is found out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from builders.chaos import Played, play
from builders.chaos_parts import WatchedStore
from builders.chaos_schedules import Schedule, Spell

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import NOTHING_TOLD, Book, LookedAt
from coordinator.dispatch.facts import PointingMoved
from coordinator.services.facts import fact_of
from coordinator.services.telescope_session import TelescopeSession
from telescopes.description.messages import ItemResult, PointingReport, SessionGrant, SessionRequest
from telescopes.description.states import PointingState
from telescopes.drivers.driver import Aim, ExposureSpec, Frame, Target

QUIET = Schedule(seed=3)
CUT = Schedule(seed=4, cuts=(Spell("tel-a", 100.0, 300.0),))


class Over:
    """Something that is like another but for what a subclass does."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


class ForgetfulStore(WatchedStore):
    """Loses what is said of the end."""

    def add_report(self, report: PointingReport) -> None:
        if report.state is not PointingState.COMPLETED:
            super().add_report(report)


class TalkativeStore(WatchedStore):
    """Says that it was accepted when it is over."""

    def add_report(self, report: PointingReport) -> None:
        super().add_report(report)
        if report.state is PointingState.COMPLETED:
            super().add_report(replace(report, report_id=f"{report.report_id}-again", state=PointingState.ACCEPTED))


class TwiceExposed(Over):
    """Opens its shutter once more than it says."""

    async def expose(self, spec: ExposureSpec) -> Frame:
        await self.whole.expose(spec)
        return await self.whole.expose(spec)  # type: ignore[no-any-return]


class Dawdler(Over):
    """Sets out long after it was told to."""

    async def slew(self, target: Target) -> Aim:

        await asyncio.sleep(190.0)
        return await self.whole.slew(target)  # type: ignore[no-any-return]


class Flattering(Over):
    """A line that says yes to every report and carries none of the acceptances."""

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        if all(r.state is PointingState.ACCEPTED for r in reports):
            return tuple(ItemResult(r.report_id, 0, "", r.state) for r in reports)
        return await self.whole.report_pointings(session_id, acked_seq, reports)  # type: ignore[no-any-return]


@dataclass
class BlindToOwners(Book):
    """Knows of no sky that is taken."""

    def taken_looks(self, event: str, visit: str, but_asked_back: bool = False) -> list[LookedAt]:
        return []


@dataclass
class BlindToRepeats(Book):
    """Knows of no look besides."""

    def begun(
        self, event: str, visit: str, besides: str, told: Mapping[str, Assignment] = NOTHING_TOLD
    ) -> list[Assignment]:
        return []


class Credulous(TelescopeSession):
    """Takes every cursor for one of its own journal."""

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        head = self.state.head
        known = replace(request, journal_id=self.info.journal_id, last_applied_seq=min(head, request.last_applied_seq))
        return await super().open_session(known)


def says(played: Played, words: str) -> bool:
    return any(words in sentence for sentence in played.broken())


def hands(made: type[Over]) -> Any:
    return lambda driver: made(driver)


def test_a_quiet_search_is_true_and_observes() -> None:
    played = play(QUIET)
    assert (played.broken(), played.failures) == ([], {})
    assert len(played.seen.frames) > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ({"memory": ForgetfulStore}, "happened and is not in the journal"),
        ({"memory": TalkativeStore}, "the agent says that"),
        ({"hands": hands(TwiceExposed)}, "happened and is not in the journal"),
        ({"hands": hands(Dawdler)}, "after its window"),
        ({"line": hands(Flattering)}, "which was not agreed"),
        ({"limits": lambda *_: None}, "deg high"),
        ({"book": BlindToOwners}, "own the same sky"),
        ({"door": Credulous}, "without a comparison"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_planted_bug_is_found_out(planted: dict[str, Any], words: str) -> None:
    played = play(QUIET, **planted)
    assert says(played, words), played.broken()


def test_a_late_repeat_that_is_not_told_is_found_out() -> None:
    assert late_repeats(play(CUT)) > 0
    assert says(play(CUT, book=BlindToRepeats), "late repeat, and the journal says otherwise")


def late_repeats(played: Played) -> int:
    assert played.broken() == []
    facts = (fact_of(s.entry) for s in played.entries)
    return sum(isinstance(f, PointingMoved) and f.late_repeat for f in facts)


def test_what_is_in_the_journal_twice_or_never_happened_is_found_out() -> None:
    played = play(QUIET)
    first = next(s for s in played.entries if s.entry.kind == "pointing_completed")
    again = replace(played, entries=(*played.entries, replace(first, seq=len(played.entries) + 1)))
    assert says(again, "is in the journal twice")
    played.seen.shots.clear()
    assert says(played, "is in the journal and never happened")


def test_what_starts_after_its_end_is_found_out() -> None:
    played = play(QUIET)
    early = {name: at - timedelta(hours=1) for name, at in played.ended.items()}
    assert says(replace(played, ended=early), "after it had ended")
