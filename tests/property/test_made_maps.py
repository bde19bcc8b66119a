"""Maps made of cones: what they hold, how large they are, wherever they lie; and of any numbers a map or a reason."""

import asyncio
import json
from typing import Any

import pytest
from builders.made_maps import share_within
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.message import Alerts
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.sky.errors_on_sky import cone
from coordinator.sky.make_map import map_of
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas
from coordinator.sky.write_multiorder import write_multiorder

RA = st.floats(0.0, 360.0)
DEC = st.floats(-90.0, 90.0)
CONTAINMENT = st.sampled_from([0.5, 0.68, 0.9, 0.95])
LOG_RADIUS = st.floats(-5.0, 1.5)


@pytest.mark.slow
@settings(max_examples=40)
@given(RA, DEC, LOG_RADIUS, CONTAINMENT)
def test_a_cone_holds_what_it_says(ra_deg: float, dec_deg: float, log_radius: float, containment: float) -> None:
    radius_deg = 10.0**log_radius
    sky = map_of(cone(ra_deg, dec_deg, radius_deg, containment))
    assert sky.probability.sum() == pytest.approx(1.0)
    assert share_within(sky, ra_deg, dec_deg, radius_deg) == pytest.approx(containment, rel=5e-3)


@settings(max_examples=20)
@given(RA, DEC, LOG_RADIUS)
def test_its_area_depends_on_its_radius_alone(ra_deg: float, dec_deg: float, log_radius: float) -> None:
    radius_deg = 10.0**log_radius
    here = credible_areas(map_of(cone(ra_deg, dec_deg, radius_deg, 0.9)))
    elsewhere = credible_areas(map_of(cone(120.0, -30.0, radius_deg, 0.9)))
    assert here == pytest.approx(elsewhere, rel=0.02)


@settings(max_examples=20)
@given(RA, DEC, LOG_RADIUS)
def test_what_is_written_is_read_back(ra_deg: float, dec_deg: float, log_radius: float) -> None:
    made = map_of(cone(ra_deg, dec_deg, 10.0**log_radius, 0.9))
    data = write_multiorder(made)
    again = read_skymap(data)
    assert not again.facts.warnings
    assert (again.order == made.order).all() and (again.ipix == made.ipix).all()
    assert again.probability == pytest.approx(made.probability, rel=1e-9, abs=1e-300)
    assert write_multiorder(map_of(cone(ra_deg, dec_deg, 10.0**log_radius, 0.9))) == data


NOTICE = {"instrument": "WXT", "trigger_time": "2026-11-22T19:40:05Z", "id": "1", "alert_tense": "current"}
ANY = st.floats() | st.sampled_from([0, -1, 1e-300, 1e-9, 90, 180, 360, 1, None, "x", True])
PLACE = st.fixed_dictionaries(
    {"ra": ANY | RA, "dec": ANY | DEC, "containment_probability": ANY | st.floats(0, 1)},
    optional={
        "ra_dec_error": ANY | st.lists(ANY | st.floats(0, 10), max_size=4),
        "rectangular_error_corners": st.lists(st.tuples(RA, DEC), max_size=8),
    },
)


async def read_map(_: bytes) -> MapSummary:
    raise AssertionError("no map comes")


@settings(max_examples=100)
@given(PLACE)
def test_whatever_a_notice_says_of_its_place_it_stays_an_alert(place: dict[str, Any]) -> None:
    raw = json.dumps(NOTICE | place).encode()
    meaning = asyncio.run(assess(Delivery(raw, "x", "test"), read_map))
    assert isinstance(meaning, Alerts)
    where = meaning.alerts[0].localization
    if where.kind in ("cone", "ellipse", "polygon"):
        data = meaning.maps[where.skymap_sha256 or ""]
        assert read_skymap(data).probability.sum() == pytest.approx(1.0)
    else:
        assert where.skymap_sha256 is None
