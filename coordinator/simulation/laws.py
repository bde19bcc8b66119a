"""The laws, checked on a journal entry by entry: what must hold after every event of every run.

The journal is folded as everywhere else; what a law says is worked out here anew, not asked of the rules that keep it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PointingMoved, PointingOffered, RevocationRequested
from coordinator.events.event import Event
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.weighing import Scales, limit_of
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.messages import Pointing
from telescopes.description.states import may_move
from telescopes.description.telescope import Telescope, Timing

HALF = 0.5 - 1e-9
ABOUT = 1e-3
"""So far, of the whole, two ways to sum over distances may lie apart."""

SCHEDULER = "scheduler"
GRACE = timedelta(seconds=200)
"""So long, by a clock at rate 1, a scheduler that runs may take to ask back what a retraction ends."""

ROUNDED_S = 0.01
TINY = 1e-9
Sky = Callable[[str], ProbabilityCurve]


def broken_laws(journal: Iterable[Stored], sky: Sky, telescopes: Mapping[str, Telescope]) -> Iterator[str]:
    """Fold a journal and yield a sentence for every law that an entry breaks.

    Parameters
    ----------
    journal
        All entries from the first.
    sky
        Finds a sky map's curve by its sha256.
    telescopes
        The network by id.
    """
    watch = LawWatch(sky, telescopes)
    for stored in journal:
        yield from watch.before(stored, fact_of(stored.entry))
        watch.state.apply(stored)
        yield from watch.after(stored)
    yield from watch.at_the_end()


@dataclass
class LawWatch:
    """What must be remembered of the entries before; who asks it folds each entry between `before` and `after`.

    `retracted` holds since when a running scheduler has known of each retraction; None: one has just been elected.
    """

    sky: Sky
    telescopes: Mapping[str, Telescope]
    state: ObservatoryState = field(default_factory=ObservatoryState)
    expected_seq: int = 1
    epochs: dict[str, int] = field(default_factory=dict)
    reports: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    scales: dict[tuple[int, bool], Scales] = field(default_factory=dict)
    retracted: dict[str, datetime | None] = field(default_factory=dict)

    def before(self, stored: Stored, fact: object) -> Iterator[str]:
        """Hold an entry, and the fact that it tells, against the laws and what was before it."""
        if stored.seq != self.expected_seq:
            yield f"seq {stored.seq} follows {self.expected_seq - 1}"
        self.expected_seq = stored.seq + 1
        yield from self._writer(stored)
        match fact:
            case PointingOffered():
                yield from self._offer(fact)
            case PointingMoved():
                yield from self._move(fact)
            case RevocationRequested() if fact.abort_if_started:
                self.asked.add(fact.pointing_id)
            case Event():
                self._learn(fact, stored.entry.sky_time)

    def after(self, stored: Stored) -> Iterator[str]:
        """Hold what an entry has led to against the laws."""
        if stored.writer == SCHEDULER and stored.entry.kind != "writer_elected":
            yield from self._overdue(stored.entry.sky_time)

    def at_the_end(self) -> Iterator[str]:
        """Say what is still open when the journal ends."""
        for key in sorted(self.retracted):
            yield from self._not_asked_back(key)

    def _writer(self, stored: Stored) -> Iterator[str]:
        """Law 3: a newer epoch ends every older one, and the scheduler alone changes ownership."""
        entry, newest = stored.entry, self.epochs.get(stored.writer, 0)
        if entry.kind == "writer_elected":
            if stored.epoch <= newest:
                yield f"{stored.writer} was elected with epoch {stored.epoch} after {newest}"
            self.epochs[stored.writer] = stored.epoch
            if stored.writer == SCHEDULER:
                self.retracted = dict.fromkeys(self.retracted)
        elif stored.epoch != newest:
            yield f"seq {stored.seq} is written by {stored.writer} in epoch {stored.epoch}; the newest is {newest}"
        if entry.kind.startswith("pointing_") and stored.writer != SCHEDULER:
            yield f"seq {stored.seq} changes ownership and is written by {stored.writer}"

    def _offer(self, fact: PointingOffered) -> Iterator[str]:
        pointing = fact.pointing
        event, telescope = self.state.events.get(pointing.event_id), self.telescopes[pointing.telescope_id]
        if event is None or event.retracted:
            yield f"{pointing.pointing_id} is offered for {pointing.event_id}, which is not open"
            return
        if event.purpose is None or event.purpose.value not in telescope.policy.accepts:
            yield f"{pointing.pointing_id} is for {event.purpose or 'nobody knows what'}; {telescope.id} takes no such"
        yield from self._time(fact, telescope.timing)
        yield from self._sky(fact, self.sky(event.skymap_sha256 or ""))

    def _sky(self, fact: PointingOffered, curve: ProbabilityCurve) -> Iterator[str]:
        """Law 2: at least half of what a look is worth is new beside what is owned or observed in its visit."""
        mine, by_distance = fact.pointing, fact.objective == "detection"
        held = (a for a in self.state.pointings.of_event(mine.event_id) if a.key[1] == mine.visit)
        others = [(self.state.pointings.ranges(a), limit_of(a)) for a in held if a.live or a.observed]
        scales = self.scales.setdefault((id(curve), by_distance), Scales(curve, by_distance))
        found = scales.weigh((Ranges.decode(fact.ranges), mine.limit_mag_ab), others)
        spare = ABOUT * found.own if by_distance else 0.0
        if found.new < HALF * found.own - spare:
            yield f"{mine.pointing_id} is a duplicate: {found.new:.4f} of {found.own:.4f} is new"
        said, away = f"{fact.new_value:.6f} of {fact.value:.6f}", abs(fact.new_value - found.new)
        if max(away, abs(fact.value - found.own)) > ABOUT * found.own + TINY:
            yield f"{mine.pointing_id} says that {said} is new: it is {found.new:.6f} of {found.own:.6f}"

    def _time(self, fact: PointingOffered, timing: Timing) -> Iterator[str]:
        """Law 2: nothing else at the same time, and time to move from what is before and to what comes after."""
        mine, start, end = fact.pointing, fact.pointing.planned_start, fact.planned_end
        held = list(self.state.pointings.live(telescope=mine.telescope_id))
        for one in (a for a in held if start < a.busy_until and a.busy_from < end):
            yield f"{mine.telescope_id} holds {one.id} and {mine.pointing_id} at the same time"
        before = max((a for a in held if a.busy_until <= start), key=lambda a: a.busy_until, default=None)
        after = min((a for a in held if a.busy_from >= end), key=lambda a: a.busy_from, default=None)
        gaps = [(before, start - before.busy_until)] if before else []
        gaps += [(after, after.busy_from - end)] if after else []
        for one, gap in gaps:
            if gap.total_seconds() < least_move_s(timing, mine, one) - ROUNDED_S:
                yield f"{mine.telescope_id} cannot move between {one.id} and {mine.pointing_id} in {gap}"

    def _move(self, fact: PointingMoved) -> Iterator[str]:
        mine = self.state.pointings.assignments.get(fact.pointing_id)
        if mine is None:
            yield f"{fact.pointing_id} moved and was never offered"
        elif not may_move(mine.state, fact.to):
            yield f"{fact.pointing_id} went from {mine.state} to {fact.to}"
        if fact.report is not None:
            if fact.report.report_id in self.reports:
                yield f"report {fact.report.report_id} is in the journal twice"
            self.reports.add(fact.report.report_id)

    def _learn(self, event: Event, at: datetime) -> None:
        if event.retracted:
            self.retracted.setdefault(event.key, at)
        else:
            self.retracted.pop(event.key, None)

    def _overdue(self, now: datetime) -> Iterator[str]:
        """Law 5: a retraction revokes every open pointing of its event, running or not."""
        clock = self.state.sky_clock
        for key, since in sorted(self.retracted.items()):
            if since is None:
                self.retracted[key] = now
            elif now - since > GRACE * (clock.rate if clock else 1.0):
                yield from self._not_asked_back(key)

    def _not_asked_back(self, key: str) -> Iterator[str]:
        for one in self.state.pointings.live(event=key):
            if one.id not in self.asked:
                self.asked.add(one.id)  # said once
                yield f"{one.id} was not asked back, though {key} is retracted"


def least_move_s(timing: Timing, mine: Pointing, other: Assignment) -> float:
    """Return the seconds that a mount needs at least from one field to another, settled and in its filter."""
    there = other.offered.pointing
    turn = abs((mine.ra_deg - there.ra_deg + 180.0) % 360.0 - 180.0)
    climb = abs(mine.dec_deg - there.dec_deg)
    change_s = timing.filter_change_s if mine.exposures[0].filter != there.exposures[0].filter else 0.0
    if turn < 1e-3 and climb < 1e-3:
        return change_s
    if timing.axis_rates_deg_s is not None:
        moving_s = max(turn / timing.axis_rates_deg_s[0], climb / timing.axis_rates_deg_s[1])
    elif timing.slew_rate_deg_s is not None:
        dec, dec_there = math.radians(mine.dec_deg), math.radians(there.dec_deg)
        cosine = math.sin(dec) * math.sin(dec_there)
        cosine += math.cos(dec) * math.cos(dec_there) * math.cos(math.radians(turn))
        moving_s = math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) / timing.slew_rate_deg_s
    else:
        moving_s = 0.0
    return moving_s + timing.settle_s + change_s
