"""A world, what a network sees of it, and whether the injected source comes out first.

The vetter sees detections and looks alone; only the judge knows what was injected.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from builders.camera import a_seeing_telescope, look_of, observe
from builders.vetting import T0, a_sky, an_event

from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.make import WHOLE_SKY, Search, make_world
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.combine import score
from coordinator.vetting.facts import CandidatesScored
from coordinator.vetting.prior import prior_of

DEEP = (
    a_seeing_telescope("a", -30.0, "r", 19.5),
    a_seeing_telescope("b", -25.0, "g", 19.2),
    a_seeing_telescope("c", -20.0, "clear", 18.7),
)
SMALL = (
    a_seeing_telescope("a", -30.0, "r", 18.5),
    a_seeing_telescope("b", -25.0, "g", 18.2),
    a_seeing_telescope("c", -20.0, "clear", 18.0),
)
SEARCH_H = (0.2, 0.9)
WITH_FOLLOW_UP_H = (0.2, 0.9, 4.0, 20.0)


def ranks(atlas: Atlas, seeds: int, hours: Sequence[float], telescopes: Sequence, age_h: float) -> list[int | None]:  # type: ignore[type-arg]
    fields = credible_ranges(atlas.sky, 0.95)
    return [_rank(atlas, fields, seed, hours, telescopes, age_h) for seed in range(seeds)]


def _rank(atlas, fields, seed, hours, telescopes, age_h):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    t0 = atlas.sky.facts.t0 or T0
    search = Search(t0, t0 + timedelta(hours=age_h), 4.0, telescopes, WHOLE_SKY, fields)
    world, injected = make_world(rng, atlas.sky, search, seed=seed)
    candidates = associate(observe(rng, world, fields, hours, telescopes))
    looks = [look_of(world, t, fields, h) for h in hours for t in telescopes]
    prior = prior_of(found=len(candidates), searched_deg2=fields.area_deg2)
    return place_of(score(candidates, atlas, an_event(t0=t0), prior, looks), injected)


def place_of(scored: CandidatesScored, injected: Injected) -> int | None:
    """Rank of the candidate at the injected place; None: it was not found."""
    for n, one in enumerate(scored.candidates, 1):
        east = (one.ra_deg - injected.ra_deg) * math.cos(math.radians(injected.dec_deg))
        if math.hypot(east, one.dec_deg - injected.dec_deg) * 3600 < 3.0:
            return n
    return None


def share_first(found: list[int | None], among: int = 1) -> float:
    assert None not in found, "a source a magnitude above the limit was not seen"
    return sum(rank is not None and rank <= among for rank in found) / len(found)


@pytest.mark.slow
def test_a_near_counterpart_is_first_after_two_looks() -> None:
    found = ranks(Atlas.of(a_sky(order=6, sigma_deg=1.0)), 20, SEARCH_H, DEEP, 8.0)
    assert share_first(found) >= 0.95, found


def test_a_far_counterpart_is_first_once_it_was_followed_up() -> None:
    found = ranks(
        Atlas.of(a_sky(order=6, sigma_deg=1.0, mu_mpc=250.0, sigma_mpc=50.0)), 20, WITH_FOLLOW_UP_H, SMALL, 0.2
    )
    assert share_first(found) >= 0.95, found


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "hours", "telescopes", "age_h", "among", "least"),
    [
        ("GW170817.GWTC1", SEARCH_H, DEEP, 8.0, 1, 0.95),
        # Two looks in the first hour, while a kilonova still rises: place and host alone speak, nobody is promising.
        ("S190814bv.LALInference.v1", SEARCH_H, SMALL, 0.2, 3, 0.9),
        ("S190814bv.LALInference.v1", WITH_FOLLOW_UP_H, SMALL, 0.2, 1, 0.95),
    ],
)
def test_on_real_maps(
    shared_data: Path,
    name: str,
    hours: Sequence[float],
    telescopes: Sequence,  # type: ignore[type-arg]
    age_h: float,
    among: int,
    least: float,
) -> None:
    sky: SkyMap = read_skymap((shared_data / "skymaps" / f"{name}.multiorder.fits").read_bytes())
    found = ranks(Atlas.of(sky), 40, hours, telescopes, age_h)
    assert share_first(found, among) >= least, found
