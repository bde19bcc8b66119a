"""What an agent does with offers and revocations while the link is whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.description.messages import Constraints, Exposure, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.world import SkySource, World

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


def test_an_accepted_pointing_is_observed_as_planned(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(600)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
        last = rig.coordinator.reports[-1]
        assert last.fraction_done == 1.0
        assert [e.exposure_index for e in last.exposures] == [0, 1, 2]
        assert abs((last.exposures[0].start - after(100)).total_seconds()) < 0.1
        assert last.exposures[0].exposure_s == 60.0
        assert abs(last.actual_dec_deg - 5.0) < 0.01
        assert not any(r.late for r in rig.coordinator.reports)

    play(scenario)


def test_sky_time_may_run_fast(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=1000.0))
            await rig.sky_s(3000)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
        assert rig.clock.now() < 16.0

    play(scenario, rate=200.0, heartbeat_s=0.5, lease_s=3.0)


def test_a_jump_of_the_sky_clock_is_followed(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=36000.0, window_start=after(35000), window_end=after(40000)))
            await rig.sky_s(60)
            rig.sky = replace(rig.sky, sky_anchor=rig.sky.sky_anchor + timedelta(seconds=35000))
            rig.coordinator.sky = rig.sky
            await rig.sky_s(36500)
        assert rig.told()[-1] == "completed"
        assert rig.clock.now() < 2000

    play(scenario)


def test_reports_are_numbered_in_order(play, pointing):
    async def scenario(rig):
        async with rig.running():
            for n in range(3):
                rig.coordinator.offer(pointing(f"p{n}", start_s=100.0 + 300 * n))
            await rig.sky_s(2000)
        numbers = [r.agent_seq for r in rig.coordinator.reports]
        assert numbers == sorted(set(numbers))
        assert all(rig.coordinator.state(f"p{n}") is S.COMPLETED for n in range(3))

    play(scenario)


def test_own_limits_refuse_an_offer_whatever_the_coordinator_wants(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing())
            await rig.sky_s(60)
        assert rig.told() == ["rejected"]
        assert rig.coordinator.reports[-1].reason is Reason.MOON

    play(scenario, violation=lambda *_: Reason.MOON)


def test_a_limit_that_is_broken_at_the_start_ends_it_unattempted(play, pointing):
    def sets(telescope, filter_, ra_deg, dec_deg, when):
        return Reason.BELOW_HORIZON if when > after(1000) else None

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("first", start_s=10.0, exposures=(Exposure("r", 300.0, 2),)))
            rig.coordinator.offer(pointing("second", start_s=650.0, exposures=(Exposure("r", 60.0, 5),)))
            await rig.sky_s(3000)
        assert rig.told("first")[-1] == "completed"
        assert rig.told("second") == ["accepted", "rejected"] or rig.told("second")[-1] == "completed"

    play(scenario, violation=sets)


@pytest.mark.parametrize(
    ("tolerance_arcsec", "told"),
    [(60.0, ["accepted", "slewing", "exposing", "completed"]), (0.001, ["accepted", "slewing", "failed"])],
)
def test_nothing_is_exposed_further_off_than_a_pointing_allows(play, pointing, tolerance_arcsec, told):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(constraints=Constraints(pointing_tolerance_arcsec=tolerance_arcsec)))
            await rig.sky_s(600)
        assert rig.told() == told
        last = rig.coordinator.reports[-1]
        if told[-1] == "failed":
            assert (last.reason, last.exposures) == (Reason.GUIDING_OR_ACQUISITION, ())
            assert last.actual_dec_deg is not None and last.actual_dec_deg != 5.0
            assert "arcsec off, 0.001 are allowed" in last.detail

    play(scenario)


def test_constraints_of_a_pointing_tighten_the_site_s_limits(play, pointing):
    seen = []

    def watch(telescope, *_):
        seen.append(telescope.limits.min_altitude_deg)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(constraints=Constraints(max_airmass=2.0)))
            await rig.sky_s(10)

    play(scenario, violation=watch)
    assert all(abs(altitude - 30.0) < 1e-6 for altitude in seen)
    assert seen


def test_nonsense_is_refused_with_a_reason(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("filter", exposures=(Exposure("z", 60.0, 1),)))
            rig.coordinator.offer(pointing("nan", ra_deg=float("nan")))
            rig.coordinator.offer(pointing("negative", exposures=(Exposure("r", -5.0, 1),)))
            rig.coordinator.offer(pointing("other", telescope_id="t2"))
            rig.coordinator.offer(pointing("past", window_end=T0, window_start=T0 - timedelta(hours=1)))
            rig.coordinator.offer(pointing("empty", exposures=()))
            await rig.sky_s(10)
        reasons = {r.pointing_id: r.reason for r in rig.coordinator.reports}
        assert reasons == {
            "filter": Reason.FILTER_UNAVAILABLE,
            "nan": Reason.INTERNAL,
            "negative": Reason.INTERNAL,
            "other": Reason.INTERNAL,
            "past": Reason.WINDOW_TOO_SHORT,
            "empty": Reason.INTERNAL,
        }

    play(scenario)


def test_an_offer_that_does_not_fit_between_accepted_ones_is_refused(play, pointing):
    async def scenario(rig):
        async with rig.running():
            tight = {"window_start": after(100), "window_end": after(320)}
            rig.coordinator.offer(pointing("first", start_s=100.0, **tight))
            rig.coordinator.offer(pointing("second", start_s=100.0, **tight))
            await rig.sky_s(1000)
        assert rig.told("first")[-1] == "completed"
        assert rig.told("second") == ["rejected"]
        assert rig.coordinator.reports_of("second")[-1].reason is Reason.BUSY_HIGHER_PRIORITY

    play(scenario)


def test_a_revocation_before_the_start_is_obeyed_at_once(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=1000.0))
            await rig.sky_s(10)
            rig.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED))
            await rig.sky_s(11)
            assert rig.told() == ["accepted", "revoked"]
            await rig.sky_s(2000)
        assert rig.told() == ["accepted", "revoked"]
        assert rig.coordinator.reports[-1].reason is Reason.RETRACTED

    play(scenario)


def test_a_queued_pointing_is_given_back_while_another_one_runs(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("waits", start_s=600.0))
            await rig.sky_s(100)
            rig.coordinator.revoke(Revocation("waits", 1, Reason.SUPERSEDED))
            await rig.sky_s(101)
            assert rig.told("waits") == ["accepted", "revoked"]
            await rig.sky_s(1000)
        assert rig.told("runs")[-1] == "completed"

    play(scenario)


def test_a_revocation_while_exposing_lets_it_finish_unless_it_asks_to_abort(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("soft", start_s=10.0))
            await rig.sky_s(50)
            rig.coordinator.revoke(Revocation("soft", 1, Reason.SUPERSEDED))
            await rig.sky_s(1000)
            assert rig.told("soft")[-1] == "completed"

            rig.coordinator.offer(pointing("hard", start_s=1100.0))
            await rig.sky_s(1120)
            rig.coordinator.revoke(Revocation("hard", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(1121)
            assert rig.told("hard") == ["accepted", "slewing", "exposing", "revoked"]

            rig.coordinator.offer(pointing("kept", start_s=1200.0))
            await rig.sky_s(1300)
            rig.coordinator.revoke(Revocation("kept", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(1301)
        last = rig.coordinator.reports_of("kept")[-1]
        assert (last.state, last.reason) == (S.PARTIAL, Reason.RETRACTED)
        assert len(last.exposures) == 1

    play(scenario)


def test_what_was_stopped_with_enough_exposures_is_partial_and_says_why(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0, acceptability_threshold=0.3))
            await rig.sky_s(100)
            rig.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(101)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.PARTIAL, Reason.RETRACTED)
        assert 0.3 < last.fraction_done < 1.0

    play(scenario)


def test_clouds_after_enough_exposures_are_told(play, pointing):
    world = World(1, T0, (), {"t1": ((after(200), after(900)),)}, bogus_per_image=0.0)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=60.0, acceptability_threshold=0.3))
            await rig.sky_s(300)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.PARTIAL, Reason.WEATHER)
        assert 0.3 < last.fraction_done < 1.0

    play(scenario, world=world)


def test_enough_within_its_window_is_completed(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0, window_end=after(150), acceptability_threshold=0.3))
            await rig.sky_s(300)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.COMPLETED, None)
        assert 0.3 < last.fraction_done < 1.0

    play(scenario)


def test_a_revocation_of_an_unknown_pointing_is_answered(play):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.states["ghost"] = S.ACCEPTED
            rig.coordinator.revoke(Revocation("ghost", 1, Reason.SUPERSEDED))
            await rig.sky_s(1)
        assert rig.told("ghost") == ["revoked"]

    play(scenario)


def test_a_newer_revision_replaces_what_has_not_started(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=500.0))
            await rig.sky_s(10)
            rig.coordinator.offer(pointing(start_s=1000.0, revision=2, dec_deg=8.0))
            await rig.sky_s(2000)
        last = rig.coordinator.reports[-1]
        assert (last.state, last.revision) == (S.COMPLETED, 2)
        assert abs(last.actual_dec_deg - 8.0) < 0.01
        assert last.exposures[0].start >= after(999)

    play(scenario)


def test_clouds_end_an_exposure_and_are_told_at_once(play, pointing):
    world = World(1, T0, (), {"t1": ((after(150), after(900)),)}, bogus_per_image=0.0)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("started", start_s=60.0))
            rig.coordinator.offer(pointing("due", start_s=400.0))
            rig.coordinator.offer(pointing("later", start_s=1000.0))
            await rig.sky_s(151)
            assert rig.coordinator.status.blocking_reasons == (Reason.WEATHER,)
            assert rig.coordinator.reports_of("started")[-1].state is S.PARTIAL
            await rig.sky_s(901)
            assert rig.coordinator.status.blocking_reasons == ()
            await rig.sky_s(2000)
        assert rig.coordinator.reports_of("started")[-1].reason is Reason.WEATHER
        assert rig.told("due") == ["accepted", "rejected"]
        assert rig.told("later")[-1] == "completed"

    play(scenario, world=world)


def test_a_cloud_in_the_first_exposure_makes_it_failed(play, pointing):
    world = World(1, T0, (), {"t1": ((after(90), after(900)),)}, bogus_per_image=0.0)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=60.0))
            await rig.sky_s(200)
        last = rig.coordinator.reports[-1]
        assert (last.state, last.reason, last.fraction_done) == (S.FAILED, Reason.WEATHER, 0.0)

    play(scenario, world=world)


def test_what_cannot_be_done_in_its_window_any_more_is_expired(play, pointing):
    world = World(1, T0, (), {}, bogus_per_image=0.0)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("p1", start_s=100.0, window_end=after(320)))
            await rig.sky_s(10)
            rig.sky = replace(rig.sky, sky_anchor=rig.sky.sky_anchor + timedelta(seconds=250))
            rig.coordinator.sky = rig.sky
            await rig.sky_s(300)
        assert rig.told() == ["accepted", "expired"]
        assert rig.coordinator.reports[-1].reason is Reason.WINDOW_TOO_SHORT

    play(scenario, world=world)


def test_a_source_in_the_field_is_detected_in_every_exposure(play, pointing):
    source = SkySource("kn", "kilonova", 10.2, 5.3, {"r": ((-10.0, 17.0), (10.0, 17.0))})

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing())
            await rig.sky_s(600)
        found = list(rig.coordinator.detections.values())
        assert len(found) == 3
        assert all(abs(d.ra_deg - 10.2) < 0.001 and abs(d.mag_ab - 17.0) < 0.2 for d in found)
        assert all(d.limiting_mag_ab < 20.0 and "kn" not in d.detection_id for d in found)

    play(scenario, world=World(1, T0, (source,), {}, bogus_per_image=0.0))


def test_a_site_with_human_approval_answers_nothing_by_itself(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(require_human_approval=True))
            await rig.sky_s(1000)
        assert rig.coordinator.state("p1") is S.EXPIRED
        assert "accepted" not in rig.told()

    play(scenario)


def test_hours_a_day_are_kept(play, pointing, telescope):
    # Three exposures of 60 s with 5 s of reading out are 195 s.
    few = replace(telescope().policy, max_hours_per_day=400 / 3600)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("p0", start_s=100.0))
            await rig.sky_s(600)
            for n in (1, 2):
                rig.coordinator.offer(pointing(f"p{n}", start_s=500.0 + 300 * n))
            await rig.sky_s(2000)
        assert [rig.told(f"p{n}")[-1] for n in range(3)] == ["completed", "completed", "rejected"]
        assert rig.coordinator.reports_of("p2")[-1].reason is Reason.QUOTA

    play(scenario, telescope=telescope(policy=few))


def test_a_quota_is_kept(play, pointing, telescope):
    observing = replace(telescope().observing, max_pointings_per_night=2)

    async def scenario(rig):
        async with rig.running():
            for n in range(3):
                rig.coordinator.offer(pointing(f"p{n}", start_s=100.0 + 300 * n))
            await rig.sky_s(1000)
            rig.coordinator.offer(pointing("p3", start_s=1100.0))
            await rig.sky_s(1001)
        assert [rig.told(f"p{n}")[-1] for n in range(4)] == ["completed", "completed", "rejected", "rejected"]
        assert rig.coordinator.reports_of("p3")[-1].reason is Reason.QUOTA

    play(scenario, telescope=telescope(observing=observing))
