"""Telescopes that go from galaxy to galaxy, at the planner's door."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.galaxies import a_distant_blob, around
from builders.plans import CHILE, T0, a_busy_telescope

from coordinator.planning.catalogue import Catalogue
from coordinator.planning.completeness import table_of
from coordinator.planning.document import plan_document
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_weights import galaxy_targets
from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan, PlannedPointing
from coordinator.planning.recipe import visits_for
from coordinator.planning.request import EventToPlan, Look, Objective, PlanRequest, TelescopeToPlan
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER
from coordinator.sky.skymap import SkyMap
from telescopes.description.telescope import Site, Telescope

SKY = a_distant_blob(ra_deg=20.0, dec_deg=-25.0, radius_deg=8.0)
GALAXIES = around(400, 20.0, -25.0, 8.0)
HALF = table_of([(0.0, 0.5)], "half")
SOUTH_AFRICA = Site(-32.38, 20.81, 1800.0)


def narrow(
    name: str = "n1",
    site: Site = CHILE,
    size_deg: float = 0.12,
    strategy: str = "galaxies",
    max_pointings_per_night: int = 0,
) -> Telescope:
    """A telescope that could cover 2 deg2 in its night."""
    made = a_busy_telescope(site, size_deg=size_deg, strategy=strategy, max_pointings_per_night=max_pointings_per_night)
    return replace(made, id=name)


def searched(
    *network: Telescope,
    galaxies: Galaxies | None = GALAXIES,
    sky: SkyMap = SKY,
    objective: Objective = "probability",
    hours: float = 24.0,
    lots: int = 1,
    **changes: object,
) -> EventPlan:
    event = EventToPlan("lvk:S1", 1, sky.facts.sha256, T0, objective=objective)
    request = PlanRequest((event,), tuple(TelescopeToPlan(t, T0) for t in network), T0, T0 + timedelta(hours=hours))
    request = replace(request, **changes)  # type: ignore[arg-type]
    if galaxies is None:
        return plan(request, {sky.facts.sha256: sky}).events[0]
    parts = tuple(galaxies.chosen(part) for part in np.array_split(np.arange(len(galaxies)), lots))
    return plan(request, {sky.facts.sha256: sky}, {sky.facts.sha256: Catalogue(parts, HALF)}).events[0]


def galaxies_in(pointing: PlannedPointing, galaxies: Galaxies = GALAXIES) -> set[int]:
    return set(np.flatnonzero(pointing.ranges.contains(galaxies.key >> 2 * (MAX_ORDER - RANGE_ORDER))).tolist())


@pytest.fixture(scope="module")
def alone() -> EventPlan:
    return searched(narrow())


def test_a_narrow_telescope_looks_at_the_most_probable_galaxies(alone: EventPlan) -> None:
    found = galaxy_targets([GALAXIES], SKY, 10**6)
    assert found is not None and alone.pointings
    weight = np.zeros(len(GALAXIES))
    weight[np.searchsorted(GALAXIES.key, found.galaxies.key)] = found.weight
    seen = [galaxies_in(p) for p in alone.pointings]
    held = [float(weight[list(some)].sum()) for some in seen]
    best = np.sort(weight)[::-1][: len(held)].sum()
    assert len(held) < 0.7 * len(GALAXIES) and sum(held) > 0.9 * best  # some fields have more than one


def test_no_galaxy_is_looked_at_twice_and_none_of_the_sky(alone: EventPlan) -> None:
    network = narrow("n1"), narrow("n2", SOUTH_AFRICA, 0.2), narrow("n3", SOUTH_AFRICA, 0.1)
    for made in (alone, searched(*network)):
        assert made.figures.duplicates == 0
        counts = np.bincount([g for p in made.pointings for g in galaxies_in(p)], minlength=len(GALAXIES))
        assert (counts > 1).sum() <= 0.02 * (counts > 0).sum()  # at most where the edges of two fields meet
        known: set[int] = set()
        barren = 0
        for p in made.pointings:
            barren += not galaxies_in(p) - known
            known |= galaxies_in(p)
        assert barren <= 0.01 * len(made.pointings)  # at most where the pixels of a field cut off a galaxy at its edge


def test_what_is_reported_of_a_galaxy_field_is_its_sky_and_why_names_its_galaxies(alone: EventPlan) -> None:
    for p in alone.pointings:
        assert p.probability == pytest.approx(alone.curve.probability(p.ranges), abs=1e-9)
        count = len(galaxies_in(p))
        them = "1 galaxy" if count == 1 else f"{count} galaxies"
        assert p.why.startswith(f"galaxy field: {them}, ") and "of the starlight-weighted probability" in p.why


def test_galaxies_that_fit_into_one_field_share_it() -> None:
    pairs = Galaxies.of([20.0, 20.08, 22.0], [-25.0, -25.0, -24.0], [150.0, 150.0, 150.0], mass_msun=3e10)
    made = searched(narrow(), galaxies=pairs)
    assert sorted(len(galaxies_in(p, pairs)) for p in made.pointings) == [1, 2]


def test_auto_goes_to_galaxies_where_tiles_are_too_many_and_says_why() -> None:
    made = searched(narrow("small", strategy="auto"), narrow("wide", size_deg=3.0, strategy="auto"))
    notes = {note.telescope: note.said for note in made.notes if note.telescope}
    assert notes["small"].startswith("galaxies: field too small for tiles")
    assert notes["small"].endswith("400 galaxies for a source at 150 Mpc, 50 % of the probability")
    assert notes["wide"].startswith("tiles: it can cover enough of the region")
    assert any("400 of 400 galaxies kept" in note.said for note in made.notes)
    assert all(p.why.startswith("galaxy field") == (p.telescope == "small") for p in made.pointings)
    assert made.figures.duplicates == 0


def test_a_site_that_asks_for_tiles_tiles() -> None:
    made = searched(narrow(strategy="tiles"))
    assert made.pointings and not any("galax" in p.why for p in made.pointings)


@pytest.mark.parametrize(
    ("galaxies", "sky", "reason"),
    [
        (None, SKY, "no galaxy catalogue and field too small"),
        (around(50, 200.0, 60.0, 2.0), SKY, "no galaxy of the catalogue in the region and field too small"),
        (GALAXIES, a_distant_blob(20.0, -25.0, 8.0, mpc=400.0), "source at 400 Mpc"),
    ],
)
def test_without_galaxies_that_guide_it_a_telescope_for_galaxies_rests_and_says_why(
    galaxies: Galaxies | None, sky: SkyMap, reason: str
) -> None:
    made = searched(narrow(), galaxies=galaxies, sky=sky)
    assert made.pointings == ()
    assert (made.telescopes[0].idle_because or "").startswith(reason)
    assert searched(narrow(strategy="auto"), galaxies=galaxies, sky=sky).pointings  # which tiles what it can


def test_a_telescope_that_sees_no_galaxy_says_so() -> None:
    north = around(40, 20.0, -25.0, 8.0).chosen(np.zeros(40, bool))
    far_north = Site(75.0, 20.0)
    made = searched(narrow(), narrow("north", far_north), galaxies=Galaxies.joined([north, GALAXIES]))
    idle = {t.id: t.idle_because for t in made.telescopes}
    assert idle["n1"] is None and idle["north"]


def test_neither_lots_nor_the_order_of_rows_change_a_plan(alone: EventPlan) -> None:
    by = np.random.default_rng(3).permutation(len(GALAXIES))
    shuffled = Galaxies.of(
        GALAXIES.ra_deg[by], GALAXIES.dec_deg[by], GALAXIES.distance_mpc[by], distance_err_mpc=5.0, mass_msun=3e10
    )
    documents = [
        plan_document(made, T0, T0, {})
        for made in (alone, searched(narrow(), galaxies=shuffled), searched(narrow(), lots=7))
    ]
    assert documents[0] == documents[1] == documents[2]


def test_by_detection_near_galaxies_come_first() -> None:
    near, far = around(60, 20.0, -25.0, 8.0, mpc=110.0), around(60, 20.0, -25.0, 8.0, mpc=190.0, seed=2)
    both = Galaxies.of(
        np.r_[near.ra_deg, far.ra_deg], np.r_[near.dec_deg, far.dec_deg],
        np.r_[near.distance_mpc, far.distance_mpc], distance_err_mpc=5.0, mass_msun=3e10,
    )  # fmt: skip
    objectives: tuple[Objective, Objective] = ("probability", "detection")
    made = [searched(narrow(max_pointings_per_night=30), galaxies=both, objective=o) for o in objectives]
    assert [len(m.pointings) for m in made] == [30, 30]
    by_probability, by_detection = (
        np.mean([both.distance_mpc[g] for p in m.pointings for g in galaxies_in(p, both)]) for m in made
    )
    assert by_detection < by_probability - 5.0


def test_what_is_looked_at_already_is_left_out_and_a_plan_made_again_is_the_same(alone: EventPlan) -> None:
    again = searched(narrow(), previous=alone.pointings)
    assert [p.id for p in again.pointings] == [p.id for p in alone.pointings]
    looks = tuple(Look("lvk:S1", "1", p.ranges, p.start) for p in alone.pointings[:40])
    done = {g for p in alone.pointings[:40] for g in galaxies_in(p)}
    others = searched(narrow(), looks=looks)
    assert others.pointings and all(galaxies_in(p) - done for p in others.pointings)


def test_a_telescope_for_galaxies_that_joins_is_given_work(alone: EventPlan) -> None:
    made = searched(narrow(), narrow("n2", SOUTH_AFRICA), previous=alone.pointings)
    assert {p.id for p in alone.pointings} <= {p.id for p in made.pointings}
    assert any(p.telescope == "n2" for p in made.pointings)


def test_a_new_map_of_the_same_sky_keeps_what_still_holds_half(alone: EventPlan) -> None:
    newer = replace(SKY, facts=replace(SKY.facts, sha256="newer"))
    event = EventToPlan("lvk:S1", 2, "newer", T0, objective="probability")
    made = searched(narrow(), sky=newer, previous=alone.pointings, events=(event,))
    assert {p.id for p in made.pointings} == {p.id for p in alone.pointings}


def test_a_later_visit_comes_back_to_the_same_galaxies_after_its_gap() -> None:
    event = EventToPlan("lvk:S1", 1, SKY.facts.sha256, T0, objective="probability", visits=visits_for(["1", "2"], ()))
    made = searched(narrow(), galaxies=GALAXIES.chosen(np.arange(0, 400, 8)), events=(event,))
    first = {(p.ra_deg, p.dec_deg): p.start for p in made.pointings if p.visit == "1"}
    second = [p for p in made.pointings if p.visit == "2"]
    assert first and len(second) > 0.5 * len(first)
    for p in second:
        assert p.start - min(first.values()) >= timedelta(seconds=1800)
