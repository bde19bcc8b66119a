"""Small worlds in which everything goes wrong keep the laws; a planted bug is found within the short run's worlds.

`make dst HOURS=1` plays new ones for so long; a seed that breaks a law goes into `FOUND`.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from coordinator.dispatch.book import Book, LookedAt
from coordinator.services.scheduler import Scheduler
from coordinator.simulation.faults.batch import play_batch
from coordinator.simulation.faults.draw import LASTS_S, drawn
from coordinator.simulation.faults.parts import Parts
from coordinator.simulation.faults.shrink import shrunk
from coordinator.simulation.faults.trouble import FaultWorld, News
from coordinator.simulation.faults.verdict import Verdict, play
from telescopes.agent.store import Store
from telescopes.description.messages import OK, ItemResult, PointingReport
from telescopes.description.states import PointingState

SHORT_RUN = range(1, 31)
FOUND: tuple[int, ...] = (201255,)
"""Seeds of worlds that once broke a law."""


@dataclass
class BlindToOwners(Book):
    """The check of ownership is gone: it knows of no sky that is taken."""

    def taken_looks(self, event: str, visit: str, but_asked_back: bool = False) -> list[LookedAt]:
        return []


@dataclass
class HastyScheduler(Scheduler):
    """Acknowledges reports first, and commits them afterwards."""

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        self._later = asyncio.ensure_future(super().report(telescope_id, reports))
        return tuple(ItemResult(r.report_id, OK, "", r.state) for r in reports)


class ForgetfulStore(Store):
    """Loses what is said of the end."""

    def add_report(self, report: PointingReport) -> None:
        if report.state is not PointingState.COMPLETED:
            super().add_report(report)


def first_broken(parts: Parts) -> Verdict:
    """Play the short run's worlds until one breaks a law."""
    return next(v for v in (play(drawn(seed), parts) for seed in SHORT_RUN) if v.broken)


def test_no_world_of_the_short_run_breaks_a_law() -> None:
    batch = play_batch(SHORT_RUN)
    assert [(v.world.seed, v.broken) for v in batch.broken] == []
    assert batch.frames > len(SHORT_RUN)


@pytest.mark.long
def test_no_world_of_a_longer_run_breaks_a_law() -> None:
    assert [(v.world.seed, v.broken) for v in play_batch(range(1000, 1200)).broken] == []


@pytest.mark.parametrize("seed", FOUND)
def test_a_world_that_once_broke_a_law_breaks_none(seed: int) -> None:
    assert play(drawn(seed)).broken == ()


def test_without_the_check_of_ownership_a_law_is_broken_within_the_short_run() -> None:
    found = first_broken(Parts(book=BlindToOwners))
    assert any("duplicate" in said or "own the same sky" in said for said in found.broken), found.broken


def test_a_commit_after_the_acknowledgement_is_found_within_the_short_run() -> None:
    found = first_broken(Parts(scheduler=HastyScheduler))
    assert any("was acknowledged before it was in the journal" in said for said in found.broken), found.broken


def test_a_lost_report_is_found_within_the_short_run() -> None:
    assert first_broken(Parts(store=ForgetfulStore)).broken


@pytest.mark.slow
def test_the_same_seed_gives_the_same_world_in_another_process() -> None:
    here = [f"{v.entries} {v.state_hash}" for v in (play(drawn(seed)) for seed in (1, 2))]
    asked = (
        "from coordinator.simulation.faults.batch import be_quiet; be_quiet()\n"
        "from coordinator.simulation.faults.draw import drawn\n"
        "from coordinator.simulation.faults.verdict import play\n"
        "for seed in (1, 2): v = play(drawn(seed)); print(v.entries, v.state_hash)"
    )
    other = os.environ | {"PYTHONHASHSEED": "12345"}
    told = subprocess.run([sys.executable, "-c", asked], env=other, capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == here


def test_a_script_is_shrunk_to_what_is_needed() -> None:
    world = next(w for w in map(drawn, range(1, 100)) if len(w.drawn) > 7)
    needed = {2, 5}

    def fails(one: FaultWorld) -> bool:
        return needed <= {number for number, _ in one.numbered}

    assert shrunk(world, fails).keep == needed


def test_a_failure_that_needs_no_trouble_shrinks_to_an_empty_script() -> None:
    world = shrunk(drawn(3), lambda one: True)
    assert world.numbered == ()
    assert len(world.script().splitlines()) == 1


def test_worlds_have_every_kind_of_trouble() -> None:
    worlds = [drawn(seed) for seed in range(300)]
    kinds = {type(t).__name__ for w in worlds for t in w.troubles}
    assert kinds == {
        "BadLine", "ClockStep", "Clouds", "Clumsy", "Cut", "Death", "Frozen", "JournalAway", "News", "Ordered",
        "PlannerAway", "Strike",
    }  # fmt: skip
    assert {len(w.telescopes) for w in worlds} == {2, 3, 4, 5, 6}
    retractions = [t.at_s for w in worlds for t in w.troubles if isinstance(t, News) and t.sky is None]
    assert min(retractions) < 1.0 < max(retractions) < LASTS_S
    victims = {s.service.partition("/")[0] for w in worlds for s in w.troubles if hasattr(s, "service")}
    assert victims == {"scheduler", "vetter", "telescope", "agent"}


def test_troubles_that_are_left_out_do_not_happen() -> None:
    world = replace(drawn(5), keep=frozenset({1}))
    assert [number for number, _ in world.numbered] == [1]
    assert play(world).broken == ()
