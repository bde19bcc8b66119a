"""Limits hold from the start of a pointing to its end, whatever both ends would allow."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from telescopes.agent.queue import Accept, Circumstances, answer_offer
from telescopes.agent.safety import LOOK_EVERY_S, No, looks
from telescopes.description.clocks import LinkTime
from telescopes.description.limits import first_violation, violation
from telescopes.description.messages import Exposure
from telescopes.description.states import Reason
from telescopes.description.telescope import Limits, Site

FREIBURG = Site(48.0, 8.0, 1000.0)
TREE = ((0.0, 10.0), (100.0, 10.0), (170.0, 10.0), (180.0, 60.0), (190.0, 10.0), (359.0, 10.0))


def answer(telescope, pointing, start, minutes, **changes):
    end = start + timedelta(minutes=minutes + 30)
    exposures = (Exposure("r", 60.0, minutes),)
    offer = pointing(window_start=start, window_end=end, planned_start=start, exposures=exposures, **changes)
    return answer_offer(offer, [], Circumstances(telescope, first_violation, start, LinkTime(0.0)))


def test_nobody_exposes_through_the_day_from_one_night_to_the_next(pointing, telescope):
    site, evening = telescope(site=FREIBURG), datetime(2026, 11, 30, 4, tzinfo=UTC)
    place = {"ra_deg": 10.0, "dec_deg": 85.0}
    assert answer(site, pointing, evening, 60, **place) == Accept()
    assert answer(site, pointing, evening + timedelta(hours=15), 60, **place) == Accept()
    refused = answer(site, pointing, evening, 870, **place)
    assert isinstance(refused, No) and refused.reason is Reason.DAYLIGHT
    assert "2026-11-30T05:4" in refused.detail, "it says when the Sun comes"


def test_what_stands_between_two_free_directions_is_not_looked_at(pointing, telescope):
    free, tree = telescope(site=FREIBURG), telescope(site=FREIBURG, limits=Limits(horizon=TREE, min_altitude_deg=0.0))
    start = datetime(2026, 11, 30, 20, tzinfo=UTC)
    hidden = [ra for ra in range(0, 360, 2) if passes_behind(tree, ra, start)]
    assert hidden
    for ra_deg in hidden:
        place = {"ra_deg": float(ra_deg), "dec_deg": 8.0}
        assert answer(free, pointing, start, 80, **place) == Accept()
        refused = answer(tree, pointing, start, 80, **place)
        assert isinstance(refused, No) and refused.reason is Reason.BELOW_HORIZON


def passes_behind(site, ra_deg, start):
    """Whether the tree hides a place in the middle of eighty minutes' exposures and at neither end."""
    at = (violation(site, "r", ra_deg, 8.0, start + timedelta(minutes=m)) for m in (0, 45, 90))
    return [reason is None for reason in at] == [True, False, True]


@pytest.mark.parametrize("span_s", [0.0, 1.0, 60.0, 61.0, 5000.0, 86400.0, 3 * 86400.0])
def test_looks_go_from_the_start_to_the_end_a_minute_apart(span_s):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    every = looks(start, start + timedelta(seconds=span_s))
    assert every[0] == start and every[-1] == start + timedelta(seconds=span_s)
    steps = [(b - a).total_seconds() for a, b in pairwise(every)]
    assert all(0.0 < step <= LOOK_EVERY_S + 1e-3 for step in steps)


def test_more_than_a_day_of_exposures_is_refused_before_anything_is_looked_at(pointing, telescope):
    start = datetime(2026, 11, 30, 20, tzinfo=UTC)
    polar_night = telescope(site=Site(89.0, 0.0))
    assert answer(polar_night, pointing, start, 1000, dec_deg=85.0) == Accept()
    two = (Exposure("r", 100.0, 600), Exposure("g", 100.0, 300))
    offer = pointing(window_start=start, window_end=start + timedelta(days=3), planned_start=start, exposures=two)
    refused = answer_offer(offer, [], Circumstances(polar_night, never_asked, start, LinkTime(0.0)))
    assert isinstance(refused, No) and "longer than 86400 s" in refused.detail


def never_asked(*_):
    raise AssertionError("limits were looked at")


def test_filters_that_mind_the_sun_alike_are_looked_at_once(pointing, telescope):
    asked = []

    def noting(_telescope, filter_, *_):
        asked.append(filter_)

    start = datetime(2026, 11, 30, 20, tzinfo=UTC)
    site = telescope(limits=Limits(max_sun_altitude_by_filter={"g": -18.0}))
    both = tuple(Exposure(name, 10.0) for name in ("r", "g", "r", "g"))
    offer = pointing(window_start=start, window_end=start + timedelta(hours=1), planned_start=start, exposures=both)
    assert answer_offer(offer, [], Circumstances(site, noting, start, LinkTime(0.0))) == Accept()
    assert asked == ["r", "g"]
    asked.clear()
    assert answer_offer(offer, [], Circumstances(telescope(), noting, start, LinkTime(0.0))) == Accept()
    assert asked == ["r"]
