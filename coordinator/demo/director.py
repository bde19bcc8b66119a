"""The play: real processes are started, maps are handed in, things go wrong on purpose, and the end is awaited."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from rich.markup import escape

from coordinator.demo.options import FULL_RATE
from coordinator.demo.processes import Processes
from coordinator.demo.stage import Stage
from coordinator.demo.trials import Heard
from coordinator.demo.witness import Witness
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.operator_link import Operator, Submission
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import Broken
from telescopes.description.states import PointingState

UP_S = 240.0
AGENTS_S = 150.0
"""Who found no gateway for a while waits up to a minute between two tries."""
PLAY_S = 300.0
"""A guard, at the full rate: a busy machine needs thrice as long as one that has nothing else to do."""
LOOK_S = 0.25
MOST_OF_IT = 0.9
IDLE_S = 8.0
"""At the full rate."""
SETTLE_S = 15.0
QUIET_S = 1.5
ABOUT_TO_BEGIN_S = (0.2, 1.5)
SOON = timedelta(hours=1)
"""So long before and after it is due a follow-up is waited for."""
PATIENCE = 4.0
"""So many times as long as a link is lost is waited for what was done meanwhile, before another one is cut."""
LITTLE = 0.06
"""Who is cut off holds no more than this altogether, so that a repeat of it costs little."""


@dataclass
class Play:
    """One performance; `submitted` holds the machine's UTC at which each map was handed in."""

    stage: Stage
    processes: Processes
    witness: Witness
    tell: Callable[[str], None]
    submitted: list[datetime]
    killed_at: datetime | None = None
    cut_off: tuple[str, ...] = ()
    cut_at_s: float = 0.0
    busy_s: float = 0.0
    head: tuple[int, float] = (0, 0.0)

    def perform(self) -> None:
        """Play it to its end."""
        self._open()
        began = time.monotonic()
        self._hand_in(0)
        while True:
            time.sleep(LOOK_S)
            self.processes.require_alive("observatory")
            self.witness.look()
            elapsed = time.monotonic() - began
            self._act(elapsed)
            if self._finished(elapsed):
                return

    def _open(self) -> None:
        """Start the observatory and the agents, and wait until everybody is there."""
        stage = self.stage
        self.processes.start("observatory", ["up", "--config", str(stage.config)])
        for one in stage.cast.telescopes:
            self.processes.start(f"agent-{one.id}", ["agent", "simulate", *self._agent(one.id)])
        self._await("the observatory", UP_S, lambda: (stage.state / "run.json").exists())
        ids = {t.id for t in stage.cast.telescopes}
        self._await("all agents", AGENTS_S, lambda: ids <= {i for i, t in self._telescopes().items() if t == "up"})

    def _agent(self, telescope: str) -> list[str]:
        stage = self.stage
        arguments = ["--config", str(stage.site_file(telescope)), "--world", str(stage.world_file)]
        arguments += ["--state", str(stage.state / "agents" / telescope)]
        return [*arguments, "--lose-link-for-s", str(stage.options.pace.lost_link_s)]

    def _telescopes(self) -> dict[str, str]:
        self.witness.look()
        return {i: t.link for i, t in self.witness.state.telescopes.items()}

    def _await(self, what: str, at_most_s: float, done: Callable[[], bool]) -> None:
        give_up = time.monotonic() + at_most_s
        while not done():
            self.processes.require_alive("observatory")
            if time.monotonic() > give_up:
                raise Broken(
                    f"{what} did not come within {at_most_s:g} s", where="demo", mend=f"see {self.processes.logs}"
                )
            time.sleep(LOOK_S)
        self.tell(f"{what}: there")

    def _hand_in(self, number: int) -> None:
        """Hand a sky map in, as a person would."""
        stage, revision = self.stage, self.stage.revisions[number]
        self.submitted.append(datetime.now(UTC))
        with Operator(stage.gateway) as operator:
            operator.submit(Submission(revision.name, revision.data, "observation", stage.event))
        self.tell(f"[bold]sky map {number + 1} of {len(stage.revisions)}: {escape(revision.name)}[/]")

    def _status(self) -> dict[str, Any]:
        with Operator(self.stage.gateway) as operator:
            return operator.status()

    def _act(self, elapsed_s: float) -> None:
        """What the script says for this moment: the next map, and the scheduler's end."""
        pace = self.stage.options.pace
        given = len(self.submitted)
        if given < len(self.stage.revisions) and elapsed_s > given * pace.between_revisions_s:
            self._hand_in(given)
        if self.killed_at is None and elapsed_s > pace.kill_after_s:
            pid = self._status()["pids"]["scheduler"]
            self.killed_at = datetime.now(UTC)
            os.kill(pid, signal.SIGKILL)
            self.tell(f"[red]the scheduler (process {pid}) is killed[/]")
        elif self.killed_at is not None and elapsed_s > pace.cut_after_s and self._wants_a_cut(elapsed_s):
            self._cut_somebody_off(elapsed_s)

    def _wants_a_cut(self, elapsed_s: float) -> bool:
        """Nobody was cut off, or nothing late has come of it: who is back before anybody noticed is not late."""
        patience_s = PATIENCE * self.stage.options.pace.lost_link_s * self._slower
        return not self.cut_off or (elapsed_s > self.cut_at_s + patience_s and not self._told_late())

    def _cut_somebody_off(self, elapsed_s: float) -> None:
        """Cut the link of a telescope that has accepted a pointing and is about to begin it."""
        utc = datetime.now(UTC)
        near = (self.witness.sky_now(utc + timedelta(seconds=s)) for s in ABOUT_TO_BEGIN_S)
        first, last = near
        if first is None or last is None:
            return
        book = self.witness.state.pointings
        for one in book.live():
            soon = one.state is PointingState.ACCEPTED and first <= one.busy_from <= last
            holds = sum(a.offered.probability for a in book.live(telescope=one.telescope))
            spared = one.telescope == self.stage.clouded or one.telescope in self.cut_off
            if soon and one.revocation is None and holds < LITTLE and not spared:
                self.cut_off, self.cut_at_s = (*self.cut_off, one.telescope), elapsed_s
                self.processes.signal(f"agent-{one.telescope}", signal.SIGUSR1)
                self.tell(f"[red]{one.telescope} loses its link[/]: it has accepted {one.id}")
                return

    def _finished(self, elapsed_s: float) -> bool:
        """The play ends when all has been shown, or the hours are over."""
        if elapsed_s > PLAY_S * self._slower:
            self.tell(f"the play is ended after {elapsed_s:.0f} s, whatever it has not shown yet")
            return True
        if len(self.submitted) < len(self.stage.revisions) or self.killed_at is None:
            return False
        sky = self.witness.sky_now(datetime.now(UTC))
        over = sky is not None and sky > self.stage.start + timedelta(hours=self.stage.options.hours)
        over = over or self._idle_since(elapsed_s) > IDLE_S * self._slower
        return (over and not self._look_to_come()) or (self._followed_up() and self._told_late())

    @property
    def _slower(self) -> float:
        """How many times slower than at most the sky runs: as often as long is waited for what happens in it."""
        return FULL_RATE / self.stage.options.pace.rate

    def _idle_since(self, elapsed_s: float) -> float:
        """Link seconds since somebody last had work, or there was no scheduler that could have given any."""
        back = any(at > self.killed_at for at, _ in self.witness.schedulers if self.killed_at is not None)
        if not back or next(self.witness.state.pointings.live(), None) is not None:
            self.busy_s = elapsed_s
        return elapsed_s - self.busy_s

    def _told_late(self) -> bool:
        """One that was cut off has told what it did meanwhile."""
        every = self.witness.state.pointings.assignments.values()
        return any(a.late and a.observed for a in every if a.telescope in self.cut_off)

    def _followed_up(self) -> bool:
        """Most of the last sky was looked at, and the best candidate is promising and was looked at again."""
        scored = self.witness.state.candidates.get(self.stage.event)
        if scored is None or not scored.candidates or scored.candidates[0].verdict != "promising":
            return False
        visits = f"{FOLLOW_UP}{scored.candidates[0].id}:"
        every = self.witness.state.pointings.assignments.values()
        again = any(a.observed and a.offered.pointing.visit.startswith(visits) for a in every)
        return again and self._covered() >= MOST_OF_IT

    def _look_to_come(self) -> bool:
        """A follow-up is open, or due about now and not observed yet."""
        state, sky = self.witness.state, self.witness.sky_now(datetime.now(UTC))
        if any(a.offered.pointing.visit.startswith(FOLLOW_UP) for a in state.pointings.live()):
            return True
        served = {a.offered.pointing.visit for a in state.pointings.assignments.values() if a.observed}
        dues = [f.not_before for visit, f in state.follow_ups.items() if visit not in served]
        return sky is not None and any(due and abs(datetime.fromisoformat(due) - sky) < SOON for due in dues)

    def _covered(self) -> float:
        """Share of the last sky, as far as it can be reached, that was looked at."""
        curve, book = self._last_sky, self.witness.state.pointings
        looked_at = Ranges.union_of(book.ranges(a) for a in book.assignments.values() if a.observed)
        reach = Ranges.union_of(self.stage.cast.reach.values())
        return curve.probability(looked_at.intersection(reach)) / max(curve.probability(reach), 1e-9)

    @cached_property
    def _last_sky(self) -> ProbabilityCurve:
        return ProbabilityCurve.of(self.stage.revisions[-1].sky)

    def settle(self) -> Heard:
        """Let what runs come to its end, start nothing new, and ask the scheduler for its state's hash."""
        with Operator(self.stage.gateway) as operator:
            for one in self.stage.cast.telescopes:
                operator.pause(one.id, "demo", "the demonstration ends")
        give_up = time.monotonic() + SETTLE_S
        while self._something_runs() and time.monotonic() < give_up:
            time.sleep(LOOK_S)
            self.witness.look()
        status = self._status()
        return Heard(int(status["seq"]), str(status["state_hash"]))

    def _something_runs(self) -> bool:
        """A pointing is open, or the journal has grown a moment ago: an agent's last reports are on their way."""
        now, head = time.monotonic(), self.witness.state.applied_seq
        if head != self.head[0]:
            self.head = (head, now)
        return next(self.witness.state.pointings.live(), None) is not None or now < self.head[1] + QUIET_S
