"""What an agent does when devices are slow, silent or broken, and when it does not know yet whether it is safe."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.description.messages import Exposure, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import CameraFault, MountFault, Safety
from telescopes.drivers.simulated import SimulatedDriver

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
UNSAFE = Safety(safe=False, blocking=(Reason.UNSAFE,))


def after(seconds):
    return T0 + timedelta(seconds=seconds)


class Devices(SimulatedDriver):
    """Knows the sky's time as a driver does."""

    def __init__(self, telescope, sky):
        super().__init__(telescope, sky)
        self.sky = sky
        self.parked = 0

    async def park(self):
        self.parked += 1
        await super().park()


class SlowMount(Devices):
    """Takes 100 s longer than its site file says."""

    async def slew(self, target):
        await self.sky.wait_until(self.sky.now() + timedelta(seconds=100))
        return await super().slew(target)


class SlowSensor(Devices):
    """Says after a moment whether it is safe."""

    async def safety(self):
        await asyncio.sleep(0.05)
        return await super().safety()


class SilentSensor(Devices):
    """Never says whether it is safe."""

    async def safety(self):
        return await asyncio.get_running_loop().create_future()


class NotParking(Devices):
    """Is unsafe from 50 s to 250 s, and cannot park before 100 s."""

    async def safety(self):
        return UNSAFE if after(50) <= self.sky.now() < after(250) else Safety()

    async def safety_after(self, known):
        for change in (after(50), after(250)):
            await self.sky.wait_until(change)
            if (safety := await self.safety()) != known:
                return safety
        return await asyncio.get_running_loop().create_future()

    async def park(self):
        if self.sky.now() < after(100):
            raise MountFault("stuck", where="mount", mend="push it")
        await super().park()


class SlowRoof(Devices):
    """Is unsafe from 50 s on, and takes ten minutes to park and to close."""

    def capabilities(self):
        return replace(super().capabilities(), park_within_s=660.0)

    async def safety(self):
        return UNSAFE if self.sky.now() >= after(50) else Safety()

    async def safety_after(self, known):
        await self.sky.wait_until(after(50))
        return UNSAFE if known != UNSAFE else await asyncio.get_running_loop().create_future()

    async def park(self):
        await self.sky.wait_until(self.sky.now() + timedelta(seconds=600))
        await super().park()


class NotStopping(Devices):
    """Does not obey an abort."""

    async def abort(self):
        raise CameraFault("goes on", where="camera", mend="switch it off")


class StuckMount(Devices):
    """Never comes back from its first slew."""

    stuck = True

    async def slew(self, target):
        if self.stuck:
            self.stuck = False
            await asyncio.get_running_loop().create_future()
        return await super().slew(target)


class StuckCamera(Devices):
    """Never comes back from its second exposure."""

    stuck = True

    async def expose(self, spec):
        if self.stuck and spec.exposure_index == 1:
            self.stuck = False
            await asyncio.get_running_loop().create_future()
        return await super().expose(spec)


def test_limits_are_looked_at_again_when_it_runs_later_than_was_judged(play, pointing):
    def sets(telescope, filter_, ra_deg, dec_deg, when):
        return Reason.BELOW_HORIZON if when > after(310) else None

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.PARTIAL, Reason.BELOW_HORIZON)
        assert last.exposures[-1].end <= after(310)

    play(scenario, violation=sets, driver=SlowMount)


def test_a_late_pointing_goes_on_while_no_limit_is_broken(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(1000)
        assert rig.told()[-1] == "completed"

    play(scenario, driver=SlowMount)


def test_a_restarted_agent_waits_for_the_first_word_on_safety_and_goes_on(play, pointing, tmp_path):
    drivers = []

    def driver(telescope, sky):
        drivers.append(SlowSensor(telescope, sky))
        return drivers[-1]

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0, exposures=(Exposure("r", 60.0, 5),)))
            await rig.sky_s(100)
        async with rig.running():
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, len(last.exposures)) == (S.COMPLETED, 5)
        assert [d.parked for d in drivers] == [0, 0]

    play(scenario, state=tmp_path, driver=driver)


def test_an_offer_that_is_due_is_not_refused_before_the_first_word_on_safety(play, pointing):
    async def scenario(rig):
        rig.coordinator.offer(pointing(start_s=0.0))
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]

    play(scenario, driver=SlowSensor)


def test_a_site_that_never_says_whether_it_is_safe_is_not(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(25)
            assert rig.told() == ["accepted"]
            await rig.sky_s(60)
            assert rig.coordinator.status.blocking_reasons == (Reason.UNSAFE,)
        assert rig.told() == ["accepted", "rejected"]
        assert rig.coordinator.reports_of("p1")[-1].reason is Reason.UNSAFE

    play(scenario, driver=SilentSensor)


def test_a_mount_that_does_not_park_is_told_and_parked_later(play, pointing):
    drivers = []

    def driver(telescope, sky):
        drivers.append(NotParking(telescope, sky))
        return drivers[-1]

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("later", start_s=400.0))
            await rig.sky_s(60)
            assert rig.coordinator.status.blocking_reasons == (Reason.UNSAFE, Reason.MOUNT_FAULT)
            assert drivers[0].parked == 0
            await rig.sky_s(200)
            assert rig.coordinator.status.blocking_reasons == (Reason.UNSAFE,)
            assert drivers[0].parked == 1
            await rig.sky_s(1000)
            assert rig.coordinator.status.blocking_reasons == ()
        assert rig.told("later")[-1] == "completed"

    play(scenario, driver=driver)


def test_a_park_takes_as_long_as_the_driver_says_that_it_may(play):
    drivers = []

    def driver(telescope, sky):
        drivers.append(SlowRoof(telescope, sky))
        return drivers[-1]

    async def scenario(rig):
        async with rig.running():
            await rig.sky_s(1000)
            assert drivers[0].parked == 1
            assert rig.coordinator.status.blocking_reasons == (Reason.UNSAFE,)

    play(scenario, driver=driver)


def test_a_camera_that_does_not_stop_changes_nothing_of_what_is_told(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("retracted", start_s=10.0))
            rig.coordinator.offer(pointing("next", start_s=500.0))
            await rig.sky_s(40)
            rig.coordinator.revoke(Revocation("retracted", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("retracted")[-1]
        assert (last.state, last.reason) == (S.REVOKED, Reason.RETRACTED)
        assert rig.told("next")[-1] == "completed"

    play(scenario, driver=NotStopping)


@pytest.mark.parametrize(
    ("driver", "state", "reason"),
    [(StuckMount, S.FAILED, Reason.MOUNT_FAULT), (StuckCamera, S.PARTIAL, Reason.CAMERA_FAULT)],
)
def test_a_device_that_never_answers_is_left_when_the_window_is_over(play, pointing, driver, state, reason):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("stuck", start_s=10.0, window_end=after(400)))
            rig.coordinator.offer(pointing("next", start_s=600.0))
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("stuck")[-1]
        assert (last.state, last.reason) == (state, reason)
        assert rig.told("next")[-1] == "completed"

    play(scenario, driver=driver)
