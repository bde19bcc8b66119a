"""Which pointing next, and which offer fits: decisions without a clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.agent.held import Held
from telescopes.agent.queue import Accept, AskPerson, Circumstances, Finish, Start, Wait, answer_offer, next_step
from telescopes.agent.safety import No, at_each, tightened
from telescopes.description.clocks import LinkTime
from telescopes.description.durations import altitude_deg, noon_before, slew_s, work_s
from telescopes.description.messages import Constraints, Exposure
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Limits, Observing, Site, SitePolicy, Timing

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def at(telescope):
    def circumstances(seconds=0.0, **changes):
        base = Circumstances(telescope(), lambda *_: None, after(seconds), LinkTime(seconds), aim=(10.0, 5.0))
        return replace(base, **changes)

    return circumstances


@pytest.fixture
def held(pointing):
    def make(name="p1", state=S.ACCEPTED, confirmed=True, start_s=100.0, exposures=(), **changes):
        return Held(pointing(name, start_s, **changes), state, confirmed, exposures=exposures)

    return make


def test_the_telescope_leaves_in_time_for_the_planned_start(at, held):
    assert next_step([held()], {}, at(97.0)) == Wait(until=after(98.0))
    assert next_step([held()], {}, at(98.0)) == Start(held())


def test_due_pointings_go_in_planned_order_and_urgent_ones_first(at, held):
    early, late, urgent = held("early", start_s=10), held("late", start_s=20), held("urgent", start_s=30, priority=95)
    assert next_step([late, early], {}, at(200.0)) == Start(early)
    assert next_step([late, early, urgent], {}, at(200.0)) == Start(urgent)


def test_nothing_starts_whose_acceptance_is_not_acknowledged(at, held):
    unanswered = held(confirmed=False)
    assert next_step([unanswered], {"p1": LinkTime(500.0)}, at(200.0)) == Wait(link_until=LinkTime(500.0))
    step = next_step([unanswered], {"p1": LinkTime(150.0)}, at(200.0))
    assert isinstance(step, Finish)
    assert (step.state, step.no.reason) == (S.EXPIRED, Reason.LINK_LOST)


def test_a_closed_site_gives_back_what_is_due_and_keeps_the_rest(at, held):
    closed = at(100.0, closed_because=Reason.WEATHER)
    step = next_step([held("due"), held("later", start_s=2000)], {}, closed)
    assert isinstance(step, Finish)
    assert (step.held.pointing.pointing_id, step.state, step.no.reason) == ("due", S.REJECTED, Reason.WEATHER)
    assert isinstance(next_step([held("later", start_s=2000)], {}, closed), Wait)


def test_an_offer_is_accepted_or_refused_with_the_first_reason(at, pointing):
    assert answer_offer(pointing(), [], at()) == Accept()
    cases = {
        Reason.INTERNAL: at(clock_is_wrong=True),
        Reason.WINDOW_TOO_SHORT: at(3600.0),
        Reason.WEATHER: at(200.0, closed_because=Reason.WEATHER),
        Reason.DAYLIGHT: at(violation=at_each(lambda *_: Reason.DAYLIGHT)),
    }
    for reason, now in cases.items():
        answer = answer_offer(pointing(), [], now)
        assert isinstance(answer, No)
        assert answer.reason is reason


def test_a_site_s_blocked_hours_and_allocation_are_kept(at, pointing, telescope):
    blocked = telescope(observing=Observing(60.0, blocked=((after(150), after(160)),)))
    outside = telescope(observing=Observing(60.0, allocation=((after(5000), after(9000)),)))
    assert answer_offer(pointing(), [], at(telescope=blocked)).reason is Reason.MAINTENANCE
    assert answer_offer(pointing(), [], at(telescope=outside)).reason is Reason.QUOTA


def test_a_site_s_policy_may_ask_a_person(at, pointing, telescope):
    careful = telescope(policy=SitePolicy(human_approval=True))
    assert answer_offer(pointing(), [], at(telescope=careful)) == AskPerson()


def test_an_offer_may_fill_a_gap_but_not_push_anything_out(at, held, pointing):
    tight = held("tight", start_s=400.0, window_start=after(400), window_end=after(600))
    assert answer_offer(pointing("fits", start_s=100.0), [tight], at()) == Accept()
    long = pointing("long", start_s=100.0, exposures=(Exposure("r", 400.0, 1),), rank=9)
    answer = answer_offer(long, [tight], at())
    assert isinstance(answer, No)
    assert answer.reason is Reason.BUSY_HIGHER_PRIORITY
    assert "tight" in answer.detail


def test_a_pointing_is_kept_while_an_acceptable_share_still_fits(at, held):
    half = replace(held(), pointing=replace(held().pointing, acceptability_threshold=0.5))
    whole = replace(held(), pointing=replace(held().pointing, acceptability_threshold=1.0))
    assert isinstance(next_step([half], {}, at(3460.0)), Start)
    assert isinstance(next_step([whole], {}, at(3460.0)), Finish)


@pytest.mark.parametrize(
    ("share", "done", "expected_s"), [(1.0, 0, 195.0), (0.9, 0, 195.0), (0.6, 0, 130.0), (0.0, 0, 65.0), (1.0, 2, 65.0)]
)
def test_work_counts_exposures_and_read_outs(pointing, share, done, expected_s):
    assert work_s(pointing(), Timing(readout_s=5.0), share, done) == pytest.approx(expected_s)


def test_slews_take_the_slower_axis_and_a_flip():
    site, here = Site(0.0, 0.0), (10.0, 0.0)
    assert slew_s(Timing(settle_s=3.0), site, None, (50.0, 0.0), T0) == 3.0
    assert slew_s(Timing(slew_rate_deg_s=2.0, settle_s=3.0), site, here, (10.0, 60.0), T0) == pytest.approx(33.0)
    axes = Timing(axis_rates_deg_s=(2.0, 1.0))
    assert slew_s(axes, site, (350.0, 0.0), (10.0, 5.0), T0) == pytest.approx(10.0)
    flip = Timing(meridian_flip_s=100.0)
    assert slew_s(flip, site, (90.0, 0.0), (110.0, 0.0), T0) == 100.0
    assert slew_s(flip, site, (90.0, 0.0), (95.0, 0.0), T0) == 0.0


def test_a_star_at_the_zenith_stands_at_ninety_degrees():
    # Greenwich sidereal time at 2026-01-01T00:00 UTC is 100.66 degrees.
    assert altitude_deg(Site(30.0, 0.0), 100.66, 30.0, T0) == pytest.approx(90.0, abs=0.2)
    assert altitude_deg(Site(30.0, 0.0), 280.66, -30.0, T0) == pytest.approx(-90.0, abs=0.2)


def test_the_stricter_limit_wins():
    limits = Limits(min_altitude_deg=25.0, max_sun_altitude_by_filter={"u": -16.0, "r": -8.0})
    joined = tightened(limits, Constraints(20.0, 2.0, -12.0, 40.0))
    assert joined.min_altitude_deg == pytest.approx(30.0)
    assert joined.max_sun_altitude_deg == -12.0
    assert joined.max_sun_altitude_by_filter == {"u": -16.0, "r": -12.0}
    assert joined.min_moon_separation_deg == 40.0


def test_a_night_begins_at_local_noon():
    assert noon_before(after(0), 0.0) == after(-12 * 3600)
    assert noon_before(after(0), 150.0) == after(-22 * 3600)
    assert noon_before(after(0), -120.0) == after(-4 * 3600)
