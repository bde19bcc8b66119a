"""Bursts and neutrinos of a simulated world: how often they come, where they are said to be, and how that is read."""

from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.simulation.world.cone_notices import notices_of
from coordinator.simulation.world.cones import PER_YEAR, YEAR_D, ConeEvent, Who, drawn_cone, drawn_cones
from telescopes.description.geometry import separation_deg, unit_vectors

START = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 2500
STREAMS: dict[Who, str] = {"gbm": "fermi.gbm", "swift": "swift", "gold": "icecube", "bronze": "icecube"}


@cache
def drawn(who: Who, count: int = MANY) -> list[ConeEvent]:
    rng = np.random.default_rng(20260301)
    return [drawn_cone(rng, who, START) for _ in range(count)]


def off_deg(events: list[ConeEvent], number: int) -> np.ndarray:
    """How far the truth lies from the centre of a circle, event by event."""
    circles = [e.circles[number] for e in events]
    said = unit_vectors([c.ra_deg for c in circles], [c.dec_deg for c in circles])
    return separation_deg(unit_vectors([e.ra_deg for e in events], [e.dec_deg for e in events]), said)


def share_inside(events: list[ConeEvent], number: int) -> float:
    return float(np.mean(off_deg(events, number) <= [e.circles[number].radius_deg for e in events]))


def test_three_years_hold_as_many_of_each_as_are_published() -> None:
    events = drawn_cones(np.random.default_rng(1), START, 3 * YEAR_D)
    assert [e.t0 for e in events] == sorted(e.t0 for e in events)
    for who, per_year in PER_YEAR.items():
        count = sum(e.who == who for e in events)
        assert abs(count - 3 * per_year) < 3.0 * np.sqrt(3 * per_year), who


def test_they_come_from_everywhere_alike() -> None:
    events = drawn("gbm")
    assert np.mean([abs(e.dec_deg) < 30.0 for e in events]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([e.ra_deg < 90.0 for e in events]) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("who", "number"), [("swift", 0), ("gold", 0), ("gold", 1), ("bronze", 0)])
def test_circles_of_ninety_percent_hold_the_truth_as_often(who: Who, number: int) -> None:
    assert share_inside(drawn(who), number) == pytest.approx(0.9, abs=0.02)


def test_xrt_finds_eight_of_ten_within_arcseconds() -> None:
    both = [e for e in drawn("swift") if len(e.circles) == 2]
    assert len(both) / MANY == pytest.approx(0.8, abs=0.03)
    assert share_inside(both, 1) == pytest.approx(0.9, abs=0.02)
    assert all(e.circles[1].radius_deg * 3600.0 == pytest.approx(5.0) for e in both)
    bat = np.array([e.circles[0].radius_deg * 60.0 for e in drawn("swift")])
    assert (bat.min(), np.median(bat), bat.max()) == pytest.approx((1.0, 2.0, 3.0), abs=0.1)


def test_gbm_states_less_than_its_errors_are_by_the_published_systematic_ones() -> None:
    events = drawn("gbm")
    assert 0.3 < share_inside(events, 2) < 0.65
    core, tail = 1.8, 4.1
    radius = np.array([e.circles[2].radius_deg for e in events])
    away = off_deg(events, 2)
    by_core, by_tail = (1.0 - 0.32 ** ((away / np.hypot(radius, s)) ** 2) for s in (core, tail))
    within = 0.52 * by_core + 0.48 * by_tail  # of each offset its level under what is published
    assert [(within < level).mean() for level in (0.25, 0.5, 0.75)] == pytest.approx([0.25, 0.5, 0.75], abs=0.04)
    assert np.median(radius) == pytest.approx(3.5, abs=0.2)
    assert all(e.circles[0].radius_deg > e.circles[1].radius_deg > e.circles[2].radius_deg for e in events)


@pytest.mark.parametrize(("who", "least", "most"), [("gold", 0.5, 1.0), ("bronze", 0.3, 0.5)])
def test_as_many_neutrinos_are_from_space_as_their_notices_say(who: Who, least: float, most: float) -> None:
    events = drawn(who)
    said = np.array([e.p_astro or 0.0 for e in events])
    assert least <= said.min() and said.max() <= most
    assert np.mean([e.is_real for e in events]) == pytest.approx(said.mean(), abs=0.03)


def read(data: bytes) -> Alert:
    found = understand(data, name="notice")
    assert isinstance(found, Alerts), found
    return found.alerts[0]


@pytest.mark.parametrize("who", STREAMS)
def test_every_notice_is_read_as_what_was_drawn(who: Who) -> None:
    for event in drawn(who, 20):
        alerts = [(circle, read(data)) for circle, data in notices_of(event)]
        assert len({alert.event_key for _, alert in alerts}) == 1
        for circle, alert in alerts:
            where = alert.localization
            assert (alert.stream, alert.purpose, where.kind) == (STREAMS[who], Purpose.OBSERVATION, "cone")
            assert (where.ra_deg, where.dec_deg) == pytest.approx((circle.ra_deg, circle.dec_deg), abs=1e-5)
            assert where.radius_deg == pytest.approx(circle.radius_deg, abs=1e-6)
            assert where.containment == circle.containment
            assert alert.t_issued is not None and abs((alert.t_issued - circle.issued).total_seconds()) < 1.0
            if circle.stage != "XRT_POS":  # the time of XRT's notice is that of its observation
                assert alert.t0 is not None and abs((alert.t0 - event.t0).total_seconds()) < 0.02
        if who in ("gold", "bronze"):
            assert alerts[0][1].properties["p_astro"] == pytest.approx(event.p_astro)


def test_the_same_seed_gives_the_same_events() -> None:
    one, same = (drawn_cones(np.random.default_rng(4), START, 30.0) for _ in range(2))
    assert one == same and len(one) > 10
