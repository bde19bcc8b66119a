"""Simulated worlds beside real tables and maps."""

import csv
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from coordinator.simulation.world.binaries import drawn_from, read_binaries
from coordinator.simulation.world.detectors import O4
from coordinator.simulation.world.remnant import leaves_something
from coordinator.simulation.world.sequence import RETRACTED_SHARE, STANDING_FALSE_SHARE, Telling, drawn_event
from coordinator.simulation.world.turned_map import moved_to, turned_in_ra
from coordinator.sky.distances import marginal_distance
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas, density_at

pytestmark = pytest.mark.realdata

AT2017GFO = (197.450375, -23.381500)


@pytest.mark.parametrize(
    ("name", "rows", "median_mpc"),
    [("bns_O4", 1004, 399), ("bns_O5", 1990, 735), ("nsbh_O4", 184, 775), ("nsbh_O5", 352, 1310)],
)
def test_tables_of_mergers_are_read_whole(shared_data: Path, name: str, rows: int, median_mpc: float) -> None:
    table = read_binaries(shared_data / "simulation" / f"{name}_injections.csv")
    assert len(table) == rows
    assert np.median([b.distance_mpc for b in table]) == pytest.approx(median_mpc, abs=1.0)
    assert np.mean([b.dec_deg > 0 for b in table]) == pytest.approx(0.5, abs=0.1)


def test_black_holes_mostly_swallow_their_stars_whole(shared_data: Path) -> None:
    shines = {
        name: np.mean([leaves_something(b) for b in read_binaries(shared_data / "simulation" / f"{name}.csv")])
        for name in ("bns_O4_injections", "nsbh_O4_injections")
    }
    assert shines["bns_O4_injections"] > 0.95
    assert 0.02 < shines["nsbh_O4_injections"] < 0.5


def test_false_alarms_are_as_many_as_real_ones(shared_data: Path) -> None:
    with (shared_data / "simulation" / "o3_superevents.csv").open() as file:
        retracted = [row["retracted"] == "True" for row in csv.DictReader(file)]
    with (shared_data / "simulation" / "o4_public_alerts.csv").open() as file:
        terrestrial = [float(row["Terrestrial"]) for row in csv.DictReader(file)]
    assert np.mean(retracted) == pytest.approx(RETRACTED_SHARE)
    assert np.mean(terrestrial) == pytest.approx(STANDING_FALSE_SHARE, abs=5e-4)


@pytest.mark.slow
def test_events_of_the_o4_table_are_told_with_distances_that_hold(shared_data: Path) -> None:
    draw = partial(drawn_from, table=read_binaries(shared_data / "simulation" / "bns_O4_injections.csv"))
    rng, off = np.random.default_rng(4), []
    for n in range(25):
        event = drawn_event(rng, f"S{n}", O4, draw, Telling(0.0, 0.0))
        assert event.binary is not None
        mean, spread = marginal_distance(event.best_map) or (0.0, 1.0)
        off.append((event.binary.distance_mpc - mean) / spread)
    assert abs(np.mean(off)) < 0.6
    assert 0.6 < np.std(off) < 1.5


def test_the_map_of_gw170817_says_of_the_moved_place_what_it_says_of_at2017gfo(shared_data: Path) -> None:
    sky = read_skymap((shared_data / "skymaps" / "GW170817.GWTC1.multiorder.fits").read_bytes())
    moved = turned_in_ra(sky, 100.0)
    level = float(density_at(moved, AT2017GFO[0] + 100.0, AT2017GFO[1])[1][0])
    assert level == pytest.approx(0.383, abs=0.02)
    assert credible_areas(moved) == pytest.approx(credible_areas(sky), rel=0.05)
    assert marginal_distance(moved) == pytest.approx(marginal_distance(sky), rel=0.01)
    later = datetime(2026, 8, 17, tzinfo=UTC)
    assert moved_to(sky, later).facts.t0 == later
