"""One pointing from its offer to its end: what a fact makes of it, and whether a report may move it."""

from dataclasses import dataclass, replace
from datetime import datetime
from math import log10
from typing import Any

from coordinator.dispatch.facts import (
    PointingApproved,
    PointingMoved,
    PointingNoted,
    PointingOffered,
    RevocationRequested,
)
from telescopes.description.depths import reached_mag_ab
from telescopes.description.messages import PointingReport
from telescopes.description.states import LATE_TRUTH, LIVE, STARTED, TERMINAL, PointingState, Reason, may_move

MOST_REPORTS = 3000
"""Of one pointing: three for every exposure that it can have."""
TOO_SHALLOW_MAG = 1.0
"""Reported more than this much shallower than promised, a look does not count as observed (law 2)."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where one pointing stands; None: unknown.

    `actual_ranges` is the sky really looked at, where it was not the sky that was asked for; `abort_asked`: the
    telescope was asked to give it back even if it has started. `limit_mag_ab` is what all its exposures reach together.
    """

    offered: PointingOffered
    state: PointingState
    since: datetime
    reason: Reason | None = None
    revocation: Reason | None = None
    abort_asked: bool = False
    late: bool = False
    late_repeat: bool = False
    fraction_done: float | None = None
    expected_end: datetime | None = None
    limit_mag_ab: float | None = None
    actual_ra_deg: float | None = None
    actual_dec_deg: float | None = None
    actual_position_angle_deg: float | None = None
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    actual_ranges: str | None = None
    report_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The pointing's id."""
        return self.offered.pointing.pointing_id

    @property
    def telescope(self) -> str:
        """The telescope that holds it."""
        return self.offered.pointing.telescope_id

    @property
    def key(self) -> tuple[str, str]:
        """The event and the visit within which its sky is owned."""
        return self.offered.pointing.event_id, self.offered.pointing.visit

    @property
    def ranges(self) -> str:
        """The sky that it owns or has observed, encoded."""
        return self.actual_ranges or self.offered.ranges

    @property
    def live(self) -> bool:
        """Whether it owns sky and time now."""
        return self.state in LIVE

    @property
    def started(self) -> bool:
        """Whether the mount has begun to move for it."""
        return self.state in STARTED

    @property
    def observed(self) -> bool:
        """Whether its sky counts as observed in its visit (law 2)."""
        promised = self.offered.pointing.limit_mag_ab
        if promised is not None and self.limit_mag_ab is not None and self.limit_mag_ab < promised - TOO_SHALLOW_MAG:
            return False
        if self.state is PointingState.COMPLETED:
            return True
        enough = self.offered.pointing.acceptability_threshold
        return self.state is PointingState.PARTIAL and self.fraction_done is not None and self.fraction_done >= enough

    @property
    def depth_mag_ab(self) -> float | None:
        """How faint it sees, or saw: as was reported, else as was promised; None: unknown.

        While it is live it holds its sky as it was promised: what is reported then is of the exposures so far. Of a
        look that ended early and reports no limit, the promise less ``-1.25 log10(fraction done)``.
        """
        promised = self.offered.pointing.limit_mag_ab
        if promised is not None and self.live:
            return promised
        if self.limit_mag_ab is not None or promised is None or self.state is not PointingState.PARTIAL:
            return promised if self.limit_mag_ab is None else self.limit_mag_ab
        done = self.fraction_done
        return promised + 1.25 * log10(min(1.0, done)) if done is not None and done > 0.0 else None

    @property
    def busy_from(self) -> datetime:
        """Start of the telescope's time that it owns; the way there comes before it."""
        return self.offered.pointing.planned_start

    @property
    def began(self) -> datetime:
        """When it began, as was reported, else as is planned."""
        return self.actual_start or self.busy_from

    @property
    def ended(self) -> datetime:
        """When it ended, as was reported, else when that became known; of no use while it is live."""
        return self.actual_end or self.since

    @property
    def busy_until(self) -> datetime:
        """End of the telescope's time that it owns, as far as is known and may be believed.

        Whoever starts at the last moment of the window needs its planned length more, and nobody longer. Whoever
        exposes knows best when that ends, sooner or later than planned.
        """
        planned_end, pointing = self.offered.planned_end, self.offered.pointing
        latest = max(planned_end, pointing.window_end + (planned_end - pointing.planned_start))
        expected_end = self.expected_end or planned_end
        if self.state is PointingState.EXPOSING and expected_end > pointing.planned_start:
            return min(latest, expected_end)
        return min(latest, max(planned_end, expected_end))


def offered(fact: PointingOffered, at: datetime) -> Assignment:
    """Begin: ownership starts with the offer."""
    return Assignment(fact, PointingState.OFFERED, since=at)


def approved(mine: Assignment, fact: PointingApproved) -> Assignment:
    """A person's yes makes a new revision of the offer; its deadline stays."""
    pointing = replace(mine.offered.pointing, revision=fact.revision, approved_by=fact.approved_by)
    return replace(mine, offered=replace(mine.offered, pointing=pointing))


def asked_back(mine: Assignment, fact: RevocationRequested) -> Assignment:
    """A revocation is a request: it frees nothing."""
    return replace(mine, revocation=fact.reason, abort_asked=mine.abort_asked or fact.abort_if_started)


def moved(mine: Assignment, fact: PointingMoved, at: datetime) -> Assignment:
    """Fold a move into the assignment."""
    said = {} if fact.report is None else _said_of(mine, fact.report, _reached(fact, mine.limit_mag_ab))
    return replace(
        mine,
        state=fact.to,
        since=at,
        reason=fact.reason,
        late=mine.late or fact.late,
        late_repeat=mine.late_repeat or fact.late_repeat,
        actual_ranges=fact.ranges or mine.actual_ranges,
        **said,
    )


def noted(mine: Assignment, fact: PointingNoted) -> Assignment:
    """Keep a report that moves nothing; an end that is said again may bring the depth that was measured since."""
    kept = replace(mine, report_ids=(*mine.report_ids, fact.report.report_id))
    again = fact.report.state is mine.state and mine.state in LATE_TRUTH
    return replace(kept, limit_mag_ab=_reached(fact, mine.limit_mag_ab)) if again else kept


def _said_of(mine: Assignment, report: PointingReport, limit_mag_ab: float | None) -> dict[str, Any]:
    """Return what a report says of how it goes; what it leaves out stays."""
    said: dict[str, Any] = {
        "report_ids": (*mine.report_ids, report.report_id),
        "expected_end": report.expected_end or mine.expected_end,
        "limit_mag_ab": limit_mag_ab,
    }
    for name in ("fraction_done", "actual_ra_deg", "actual_dec_deg", "actual_position_angle_deg"):
        if (value := getattr(report, name)) is not None:
            said[name] = value
    if report.exposures:
        said["actual_start"] = min(e.start for e in report.exposures)
        said["actual_end"] = max(e.end for e in report.exposures)
    return said


def _reached(fact: PointingMoved | PointingNoted, otherwise: float | None) -> float | None:
    """Say how faint all exposures of a report see together; some of them may lie in a blob."""
    if fact.reached_mag_ab is not None:
        return fact.reached_mag_ab
    reached = None if fact.report is None else reached_mag_ab(fact.report.exposures)
    return otherwise if reached is None else reached


@dataclass(frozen=True, slots=True)
class Move:
    """The report moves the pointing; `late`: it is truth that comes after the coordinator had given up."""

    to: PointingState
    late: bool


@dataclass(frozen=True, slots=True)
class Note:
    """The report is behind what is known: keep it, move nothing; `reason` where its sender may not know why."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The report was stored before."""


@dataclass(frozen=True, slots=True)
class Illegal:
    """The table of states forbids the move."""

    reason: str


Verdict = Move | Note | Repeat | Illegal
_ORDER = (PointingState.OFFERED, PointingState.ACCEPTED, PointingState.SLEWING, PointingState.EXPOSING)


def judge(mine: Assignment, report: PointingReport) -> Verdict:
    """Say what a telescope's report does to a pointing; reports may come repeated and out of order.

    Of a pointing so many are kept as no honest agent sends; after that only its end is taken.
    """
    if report.report_id in mine.report_ids:
        return Repeat()
    verdict = _judge_first(mine, report)
    ends = isinstance(verdict, Move) and verdict.to not in LIVE
    if len(mine.report_ids) >= MOST_REPORTS and not ends and not isinstance(verdict, Illegal):
        return Illegal("TOO_MANY_REPORTS")
    return verdict


def _judge_first(mine: Assignment, report: PointingReport) -> Verdict:
    current = mine.offered.pointing.revision
    # What was exposed is a fact, also where a person's yes had gone out anew meanwhile.
    if report.revision > current or (report.revision < current and report.state not in LATE_TRUTH):
        return Illegal("REVISION_STALE")
    if report.state is PointingState.OFFERED:
        return Illegal("ILLEGAL_TRANSITION")
    if may_move(mine.state, report.state):
        gave_up = mine.state in (PointingState.EXPIRED, PointingState.REVOKED)
        return Move(report.state, late=report.late or gave_up)
    verdict = _overtaken(mine.state, report.state)
    lease_lost = mine.state is PointingState.EXPIRED and mine.reason is Reason.LINK_LOST
    if isinstance(verdict, Note) and lease_lost and report.state in LIVE:
        return Note("LEASE_EXPIRED")
    return verdict


def _overtaken(now: PointingState, said: PointingState) -> Verdict:
    """Tell a report that was overtaken by a later one from one that contradicts it."""
    if now in _ORDER and said in _ORDER and _ORDER.index(said) <= _ORDER.index(now):
        return Note()
    ended = now in TERMINAL or now in (PointingState.EXPIRED, PointingState.REVOKED)
    if ended and (said in _ORDER or said is now or said in (PointingState.EXPIRED, PointingState.REVOKED)):
        return Note()
    if ended and now in LATE_TRUTH:
        return Note()
    if now in (PointingState.EXPIRED, PointingState.REVOKED) and said not in LATE_TRUTH:
        return Note()
    return Illegal("ILLEGAL_TRANSITION")
