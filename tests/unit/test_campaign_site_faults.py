"""What people and clocks do to a night of a campaign: how often, when, and what stays as it was."""

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from operator import attrgetter

import numpy as np
import pytest
from builders.campaigns import a_setting, three_telescopes

from coordinator.dispatch.facts import OperatorActed
from coordinator.simulation.campaign.drawn_world import DrawnWorld, drawn_world
from coordinator.simulation.campaign.faults import FaultLaw
from coordinator.simulation.campaign.people import drawn_reaction
from coordinator.simulation.campaign.policies import Coordinated, Independent
from coordinator.simulation.campaign.site_faults import drawn_clocks, drawn_words
from coordinator.simulation.script import Said
from telescopes.agent.people import Act, Word
from telescopes.description.telescope import Telescope

EVENT, TOLD = "lvk:S260301a", timedelta(minutes=2)
OFTEN = FaultLaw(operator_h=2.0, clock_h=2.0)


def words(seed: int, law: FaultLaw = OFTEN, hours: float = 12.0) -> tuple[Said, ...]:
    return drawn_words(np.random.default_rng(seed), three_telescopes(), hours, law, EVENT, TOLD)


def of(said: tuple[Said, ...], act: Act, telescope: str) -> list[timedelta]:
    every = (s for s in said if s.telescope == telescope and isinstance(s.word, Word) and s.word.act is act)
    return [s.after for s in every]


def by_people(telescope: Telescope) -> Telescope:
    return replace(telescope, link=replace(telescope.link, kind="human", reaction_s=1200.0))


def test_people_step_in_as_often_as_the_law_says_and_not_where_nothing_happens() -> None:
    first = [s for n in range(200) for s in words(n, FaultLaw(operator_h=50.0), 10.0) if is_first(s)]
    assert len(first) / (200 * 3 * 10.0) == pytest.approx(1.0 / 50.0, rel=0.3)
    kinds = {s.word.act if isinstance(s.word, Word) else s.word.action for s in first}
    assert kinds == {Act.PAUSE, Act.VETO_EVENT, "pause"}
    assert words(1, FaultLaw.none()) == ()


def is_first(said: Said) -> bool:
    return (said.word.act if isinstance(said.word, Word) else said.word.action) not in (Act.RESUME, "resume")


def test_who_pauses_a_telescope_gives_it_back_before_the_next_pause() -> None:
    for seed in range(20):
        said = words(seed)
        for one in three_telescopes():
            pauses, resumed = of(said, Act.PAUSE, one.id), of(said, Act.RESUME, one.id)
            turns = sorted([*((t, "pause") for t in pauses), *((t, "resume") for t in resumed)])
            assert [what for _, what in turns] == ["pause", "resume"] * (len(turns) // 2) + ["pause"] * (len(turns) % 2)
        assert all(s.after < timedelta(hours=12) for s in said)


def test_orders_from_afar_have_names_of_their_own() -> None:
    orders = [s.word.action_id for n in range(10) for s in words(n) if isinstance(s.word, OperatorActed)]
    assert len(orders) > 10
    one_night = [s.word.action_id for s in words(0) if isinstance(s.word, OperatorActed)]
    assert len(set(one_night)) == len(one_night)


def test_a_veto_is_about_the_event_and_comes_a_reaction_time_after_its_first_word() -> None:
    vetoes = [s for n in range(60) for s in words(n) if isinstance(s.word, Word) and s.word.act is Act.VETO_EVENT]
    assert len(vetoes) > 30
    assert {s.word.subject for s in vetoes if isinstance(s.word, Word)} == {EVENT}
    later_s = [(s.after - TOLD).total_seconds() for s in vetoes]
    assert min(later_s) > 0.0 and np.median(later_s) == pytest.approx(300.0, rel=0.35)


def test_people_at_a_site_of_people_take_the_time_that_its_file_says() -> None:
    rng, robot = np.random.default_rng(1), three_telescopes()[0]
    for one, usual_s in ((robot, 300.0), (by_people(robot), 1200.0)):
        took_s = [drawn_reaction(rng, one).total_seconds() for _ in range(400)]
        assert np.median(took_s) == pytest.approx(usual_s, rel=0.15)


def test_clocks_go_wrong_by_some_seconds_either_way_and_are_set_right_before_the_next_time() -> None:
    wrong = [c for n in range(100) for c in drawn_clocks(np.random.default_rng(n), three_telescopes(), 12.0, OFTEN)]
    off_s = np.array([c.error_s for c in wrong])
    assert np.abs(off_s).min() >= 0.2 and np.abs(off_s).max() <= 5.0
    assert 0.4 < (off_s > 0).mean() < 0.6 and 0.15 < (np.abs(off_s) > 2.0).mean() < 0.45
    night = drawn_clocks(np.random.default_rng(3), three_telescopes(), 12.0, OFTEN)
    for one in three_telescopes():
        mine = [c for c in night if c.telescope == one.id]
        assert all(b.after > a.after + a.lasts for a, b in pairwise(mine))


def a_world(law: FaultLaw) -> DrawnWorld:
    return drawn_world(replace(a_setting(), faults=law), 5, 1)


def test_people_and_clocks_change_nothing_else_of_a_world() -> None:
    nobody = replace(FaultLaw(link_h=6.0), operator_h=math.inf, clock_h=math.inf)
    calm, busy = a_world(nobody), a_world(replace(nobody, operator_h=1.0, clock_h=1.0))
    for name in ("sky", "happened.words", "injected", "start", "faults", "telescopes"):
        assert attrgetter(name)(calm) == attrgetter(name)(busy)
    assert (calm.site_faults.said, calm.site_faults.clocks) == ((), ())
    assert busy.site_faults.said and busy.site_faults.clocks
    assert calm.fingerprint() != busy.fingerprint()
    assert a_world(replace(nobody, operator_h=1.0, clock_h=1.0)).fingerprint() == busy.fingerprint()


def test_each_team_meets_what_happens_at_its_own_sites() -> None:
    world = a_world(OFTEN)
    (whole,) = world.nights(Coordinated())
    assert (whole.said, whole.clock_errors) == (world.site_faults.said, world.site_faults.clocks)
    for night in world.nights(Independent()):
        (mine,) = night.telescopes
        assert night.said == tuple(s for s in whole.said if s.telescope == mine.id)
        assert night.clock_errors == tuple(c for c in whole.clock_errors if c.telescope == mine.id)
