"""Campaigns on the real maps that are at hand: every one can be taken, and holds the truth that is drawn from it."""

from pathlib import Path

import numpy as np
import pytest
from builders.campaigns import three_telescopes

from coordinator.simulation.campaign.from_maps import drawn_from_maps
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.real_maps import MapFile, maps_in
from coordinator.sky.regions import credible_areas, density_at


@pytest.fixture(scope="module")
def maps(shared_data: Path) -> tuple[MapFile, ...]:
    return maps_in(shared_data / "skymaps")


def test_every_real_map_can_be_taken(maps: tuple[MapFile, ...]) -> None:
    assert len(maps) == 16 and all(one.truth is None for one in maps)


@pytest.mark.parametrize("name", ["GW170817.GWTC1.multiorder.fits", "GRB220617A.IPN.flat.fits.gz"])
def test_a_real_map_keeps_its_size_and_holds_its_truth(maps: tuple[MapFile, ...], name: str) -> None:
    (one,) = (m for m in maps if m.name == name)
    law = Population(maps=(one,), in_reach=0.0)
    told = drawn_from_maps(np.random.default_rng(3), 0, three_telescopes(), 6.0, law)
    binary, sky = told.event.binary, told.event.best_map
    assert binary is not None
    assert credible_areas(sky, (0.9,))[0] == pytest.approx(credible_areas(one.read(), (0.9,))[0], rel=0.05)
    assert density_at(sky, binary.ra_deg, binary.dec_deg)[1][0] < 0.999
    if one.read().has_distance:
        assert binary.distance_mpc == pytest.approx(one.read().facts.distance_mpc, rel=0.5)
