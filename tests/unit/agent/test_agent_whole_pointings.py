"""What an agent does with a driver that is given whole pointings: it hears, believes, and can always end it."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from telescopes.description.messages import Constraints, Exposure, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import Aim, Declined, DriverCapabilities, DriverStatus, Frame, Safety, WeatherStop
from telescopes.drivers.whole_pointing import Exposing, Taken, Took, WholePointingDriver, untaken

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
EAST = timezone(timedelta(hours=14))


def after(seconds):
    return T0 + timedelta(seconds=seconds)


class Sequencer:
    """Does what the test wrote down: an async function of the sequencer, what is asked, and who hears."""

    def __init__(self, sky, script):
        self.sky, self.script = sky, script
        self.asked, self.aborts, self.closed = [], 0, False
        self.heard = None
        self.last_words = ()

    def capabilities(self):
        return DriverCapabilities(("sequencer",), simulated=False)

    async def status(self):
        return DriverStatus(None, None, parked=False)

    async def safety(self):
        return Safety()

    async def safety_after(self, known):
        return await asyncio.get_running_loop().create_future()

    async def observe(self, asked, heard):
        self.asked.append(asked)
        self.heard = heard
        await self.script(self, asked)

    async def abort(self):
        self.aborts += 1
        if self.last_words:
            self.heard(Took(self.last_words))

    async def park(self):
        pass

    async def close(self):
        self.closed = True

    async def take(self, filter_="r", exposure_s=60.0, aim=None):
        """Expose for that long, and tell."""
        start = self.sky.now()
        await self.sky.wait_until(start + timedelta(seconds=exposure_s))
        self.heard(Took((Taken(filter_, Frame(start, self.sky.now(), exposure_s)),), aim))


async def takes_all(driver, asked):
    for exposure in asked.pointing.exposures:
        for _ in range(exposure.count):
            await driver.take(exposure.filter, exposure.exposure_s, Aim(10.001, 5.0, 90.0))


async def hangs(driver, asked):
    await asyncio.get_running_loop().create_future()


@pytest.fixture
def night(play):
    """Play a scenario with a sequencer that follows a script; the sequencers made are in `rig.sequencers`."""

    def run(scenario, script, **settings):
        made = []

        def driver(telescope, sky):
            made.append(Sequencer(sky, script))
            return made[-1]

        async def told(rig):
            rig.sequencers = made
            await scenario(rig)

        play(told, driver=driver, **settings)

    return run


def test_a_sequencer_is_a_driver_of_whole_pointings():
    assert isinstance(Sequencer(None, None), WholePointingDriver)


def test_what_is_told_is_reported(night, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(600)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.actual_ra_deg, last.actual_position_angle_deg) == (10.001, 90.0)
        assert [e.exposure_index for e in last.exposures] == [0, 1, 2]
        (asked,) = rig.sequencers[0].asked
        assert asked.begun == pytest.approx(after(98), abs=timedelta(seconds=1))
        assert rig.sequencers[0].closed

    night(scenario, takes_all)


def test_a_sequencer_that_says_it_looks_elsewhere_is_stopped(night, pointing):
    async def script(driver, asked):
        driver.heard(Exposing(Aim(10.001, 5.0, 90.0)))
        await takes_all(driver, asked)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(constraints=Constraints(pointing_tolerance_arcsec=3.0)))
            await rig.sky_s(600)
        assert rig.told() == ["accepted", "slewing", "exposing", "failed"]
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.reason, last.detail) == (
            Reason.GUIDING_OR_ACQUISITION,
            "the telescope looks 3.6 arcsec off, 3 are allowed",
        )
        assert last.actual_ra_deg == 10.001
        assert rig.sequencers[0].aborts == 1

    night(scenario, script)


def test_an_image_that_shows_another_place_is_the_last_one_and_is_told(night, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(constraints=Constraints(pointing_tolerance_arcsec=3.0)))
            await rig.sky_s(600)
        assert rig.told() == ["accepted", "slewing", "exposing", "partial"]
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.reason, len(last.exposures)) == (Reason.GUIDING_OR_ACQUISITION, 1)
        assert last.actual_ra_deg == 10.001

    night(scenario, takes_all)


def test_filters_may_come_in_any_order_and_more_than_was_asked_for(night, pointing):
    async def script(driver, asked):
        for filter_ in ("g", "r", "r", "g"):
            await driver.take(filter_)

    async def scenario(rig):
        async with rig.running():
            exposures = (Exposure("r", 60.0, 1), Exposure("g", 60.0, 2))
            rig.coordinator.offer(pointing(start_s=10.0, exposures=exposures))
            await rig.sky_s(600)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.fraction_done) == (S.COMPLETED, 1.0)
        assert [e.filter for e in last.exposures] == ["g", "r", "r", "g"]

    night(scenario, script)


def test_one_that_never_comes_back_is_left_after_the_window(night, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("stuck", start_s=10.0, window_end=after(400)))
            rig.coordinator.offer(pointing("next", start_s=600.0))
            await rig.sky_s(480)
            last = rig.coordinator.reports_of("stuck")[-1]
            assert (last.state, last.reason) == (S.FAILED, Reason.CAMERA_FAULT)
            assert rig.sequencers[0].aborts == 1
            rig.sequencers[0].script = takes_all
            await rig.sky_s(1200)
        assert rig.told("next")[-1] == "completed"

    night(scenario, hangs)


def test_last_words_count_when_it_is_stopped(night, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(70)
            frames = [Frame(after(10 + 20 * n), after(30 + 20 * n), 20.0) for n in range(3)]
            rig.sequencers[0].last_words = tuple(Taken("r", frame) for frame in frames)
            rig.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(100)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason, len(last.exposures)) == (S.PARTIAL, Reason.RETRACTED, 3)

    night(scenario, hangs)


def test_late_words_are_late_truth_and_come_once(night, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(70)
            rig.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED))
            await rig.sky_s(100)
            assert rig.told()[-1] == "revoked"
            frame = Taken("r", Frame(after(10), after(70), 60.0))
            for _ in range(2):
                rig.sequencers[0].heard(Took((frame, frame, frame)))
            await rig.sky_s(110)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.late, len(last.exposures)) == (S.COMPLETED, True, 3)

    night(scenario, hangs)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Declined("no", where="x", mend="y", reason=Reason.QUOTA), S.REJECTED),
        (WeatherStop("rain", where="x", mend="y"), S.REJECTED),
    ],
)
def test_a_site_that_will_not_has_not_failed(night, pointing, fault, state):
    async def script(driver, asked):
        raise fault

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(100)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason, last.detail) == (state, fault.reason, fault.what)

    night(scenario, script)


def test_limits_end_what_runs_longer_than_was_judged(night, pointing):
    def sets(telescope, filter_, ra_deg, dec_deg, when):
        return Reason.BELOW_HORIZON if when > after(500) else None

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(700)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.REJECTED, Reason.BELOW_HORIZON)
        assert after(380) < last.report_time <= after(500)
        assert rig.sequencers[0].aborts == 1

    night(scenario, hangs, violation=sets)


def test_limits_that_cannot_be_looked_at_stop_the_telescope_and_the_agent(night, pointing):
    def breaks(telescope, filter_, ra_deg, dec_deg, when):
        if when > after(300):
            raise ZeroDivisionError("limits")

    async def scenario(rig):
        with pytest.raises(ZeroDivisionError, match="limits"):
            async with rig.running():
                rig.coordinator.offer(pointing(start_s=10.0))
                await rig.sky_s(700)
        assert rig.sequencers[0].aborts == 1

    night(scenario, hangs, violation=breaks)


def test_an_expected_end_is_told_when_it_moves(night, pointing):
    async def script(driver, asked):
        for seconds in (300, 301, 302, 400, 401):
            driver.heard(Exposing(expected_end=after(seconds)))
        await takes_all(driver, asked)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(1000)
        reports = [r for r in rig.coordinator.reports_of("p1") if r.state is S.EXPOSING and not r.exposures]
        assert [r.expected_end for r in reports] == [after(300), after(400)]

    night(scenario, script)


@pytest.mark.parametrize("said", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=EAST), after(5)])
def test_an_expected_end_beside_the_window_is_not_believed(night, pointing, said):
    async def script(driver, asked):
        driver.heard(Exposing(expected_end=said))
        await takes_all(driver, asked)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0, window_end=after(400)))
            await rig.sky_s(50)
            rig.coordinator.offer(pointing("next", start_s=600.0))
            await rig.sky_s(1000)
        ends = [r.expected_end for r in rig.coordinator.reports_of("p1") if r.expected_end is not None]
        assert ends and all(after(100) < end <= after(400) for end in ends)
        assert (rig.told()[-1], rig.told("next")[-1]) == ("completed", "completed")

    night(scenario, script)


def test_a_kill_between_the_last_exposure_and_the_end_asks_nothing_again(night, pointing, tmp_path):
    async def script(driver, asked):
        await takes_all(driver, asked)
        await hangs(driver, asked)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(300)
            assert rig.told()[-1] == "exposing"
        async with rig.running():
            await rig.sky_s(400)
        assert rig.told()[-1] == "completed"
        assert [len(s.asked) for s in rig.sequencers] == [1, 0]

    night(scenario, script, state=tmp_path)


def test_what_is_left_after_a_kill_is_asked_for_with_what_was_taken(night, pointing, tmp_path):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(80)
        async with rig.running():
            await rig.sky_s(600)
        assert rig.told()[-1] == "completed"
        first, second = (s.asked[0] for s in rig.sequencers)
        assert second.begun == first.begun
        assert [e.exposure_index for e in second.taken] == [0]
        assert second.pointing.exposures == (Exposure("r", 60.0, 2),)

    night(scenario, takes_all, state=tmp_path)


def test_what_is_left_goes_by_filter(pointing):
    asked = pointing(exposures=(Exposure("r", 60.0, 2), Exposure("g", 60.0, 1), Exposure("r", 30.0, 1)))
    left = untaken(asked, ["g", "r", "r", "r"])
    assert left.exposures == ()
    assert untaken(asked, ["g", "r"]).exposures == (Exposure("r", 60.0, 1), Exposure("r", 30.0, 1))
