"""Searches of simulated events from end to end: the same seed, the same figures, and no truth for the vetter."""

from dataclasses import replace

import numpy as np
import pytest

from coordinator.simulation.calibration.figures import figures_of, missed
from coordinator.simulation.calibration.labels import COUNTERPART
from coordinator.simulation.calibration.play import Scene, handed, played, scene
from coordinator.simulation.calibration.record import read_record, record_of
from coordinator.simulation.calibration.report import Made, report
from coordinator.simulation.calibration.runs import one, played_events
from coordinator.simulation.calibration.vetted import vetted

pytestmark = pytest.mark.slow

SEED, FOUND = 1, 7
"""An event whose counterpart is found."""

SOME = (0, 3, FOUND, 9, 12, 13)


@pytest.fixture(scope="module")
def searched() -> Scene:
    return scene(SEED, FOUND)


@pytest.mark.long
def test_the_same_seed_gives_the_same_figures_whoever_plays() -> None:
    here = {r.number: r for r in played_events(SEED, SOME, 1)}
    there = {r.number: r for r in played_events(SEED, SOME, 2)}
    assert here == there
    assert one(FOUND, SEED + 1) != here[FOUND]
    figures = figures_of([here[n] for n in SOME])
    assert sum(figures.events.values()) == len(SOME)
    assert sum(b.members for b in figures.bins) == figures.candidates
    page = report(Made("make calibration", "0000000", SEED, len(SOME), "four cameras"), figures, {}, "")
    assert all(f"missed: {said}" in page for said in missed(figures))
    assert all(read_record(r.as_json()) == r for r in here.values())


def test_the_counterpart_is_labelled_where_the_world_has_it(searched: Scene) -> None:
    record = record_of(played(FOUND, searched, 3))
    assert record.label.count(COUNTERPART) == 1
    assert record.rank == record.label.index(COUNTERPART) + 1
    assert record.p_none + sum(record.said) + record.rest_sum == pytest.approx(1.0, abs=1e-3)


def test_the_truth_changes_no_odds(searched: Scene) -> None:
    """Kinds, ids and hosts of the world's sources, and what is injected, may be anything: the odds stay."""
    before = vetted(handed(searched, 3))
    rng = np.random.default_rng(1)
    sources = searched.world.sources
    kinds = rng.permutation([s.kind for s in sources])
    lied = tuple(
        replace(s, kind=str(kind), id=f"x{n}", host_redshift=1.0, host_redshift_err=0.1, host_separation_arcsec=0.1)
        for n, (s, kind) in enumerate(zip(sources, kinds, strict=True))
    )
    event = replace(searched.told.event, binary=None)
    liar = replace(
        searched,
        world=replace(searched.world, sources=lied),
        injected=None,
        told=replace(searched.told, event=event),
    )
    after = vetted(handed(liar, 3))
    assert [c.id for c in after.candidates] == [c.id for c in before.candidates]
    assert after.probability.tolist() == before.probability.tolist()
    assert after.p_none == before.p_none


def test_after_one_night_less_is_known(searched: Scene) -> None:
    assert len(handed(searched, 1).sightings) < len(handed(searched, 3).sightings)
    assert handed(searched, 1).event == handed(searched, 3).event
