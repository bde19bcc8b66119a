"""The chart of a candidate's field: north is up and east is left, and distances are to scale."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from coordinator.dashboard.finder import SIDE, USUAL_ARCSEC, finder
from coordinator.vetting.facts import ScoredCandidate, StoredDetection
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours
from coordinator.vetting.tangent import shifted
from telescopes.description.messages import Detection

MIDDLE = SIDE / 2.0


def at(ra_deg: float, dec_deg: float, id: str = "mine") -> ScoredCandidate:
    return ScoredCandidate(id, ra_deg, dec_deg, 0.1, 0.5, 1.0, "possible", 1, ())


@pytest.mark.parametrize("place", [(197.4, -23.4), (0.001, 60.0), (10.0, 89.999)], ids=["south", "seam", "pole"])
def test_north_is_up_east_is_left_and_the_scale_holds(place: tuple[float, float]) -> None:
    mine = at(*place)
    away = 40.0
    others = {
        "east": at(*shifted(*place, away, 0.0), "east"),
        "north": at(*shifted(*place, 0.0, away), "north"),
    }
    chart = finder(mine, (), [(away, one) for one in others.values()], ())
    marks = {mark.says.split(",")[0]: mark for mark in chart.marks}
    per_arcsec = chart.bar / chart.bar_arcsec
    assert marks["east"].x - MIDDLE == pytest.approx(-away * per_arcsec, abs=0.5)
    assert marks["east"].y == pytest.approx(MIDDLE, abs=0.2)
    assert marks["north"].y - MIDDLE == pytest.approx(-away * per_arcsec, abs=0.5)
    assert marks["north"].x == pytest.approx(MIDDLE, abs=0.2)


def test_what_a_catalogue_knows_without_a_side_is_a_ring_at_its_distance() -> None:
    near = Neighbours(galaxies=(Answer("a catalogue", (Galaxy("NGC 4993", 10.6), Galaxy("far", 5000.0))),))
    chart = finder(at(197.4, -23.4), (), (), [("remote", near)])
    (ring,) = [mark for mark in chart.marks if mark.r is not None]
    assert (ring.x, ring.y) == (MIDDLE, MIDDLE)
    assert ring.r == pytest.approx(10.6 * chart.bar / chart.bar_arcsec, rel=0.05)
    assert (chart.outside, [one.name for one in chart.around]) == (1, ["NGC 4993", "far"])


def test_the_error_is_the_least_that_is_stated_to_scale() -> None:
    seen = Detection("d", "p", 197.4, -23.4, datetime(2026, 1, 1, tzinfo=UTC), "r", 18.0)
    rows = [StoredDetection(replace(seen, pos_err_arcsec=e), "tca", None) for e in (None, 4.0, 3.0)]
    chart = finder(at(197.4, -23.4), rows, (), ())
    assert chart.half_width_arcsec == USUAL_ARCSEC
    assert chart.error_arcsec == 3.0
    assert chart.error is not None
    assert chart.error == pytest.approx(3.0 * chart.bar / chart.bar_arcsec, rel=0.02)
    assert len([m for m in chart.marks if m.kind == "measurement"]) == 3
    alone = finder(at(197.4, -23.4), rows[:1], (), ())
    assert (alone.error_arcsec, alone.error) == (None, None)
