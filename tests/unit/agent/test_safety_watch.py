"""A driver's word about safety grows old: one that hangs, refuses or fails is a site that is not safe, and no end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import Safety
from telescopes.drivers.simulated import SimulatedDriver

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
AWAY = (100.0, 400.0)
"""Sky seconds from and to which the devices do not answer."""


def after(seconds):
    return T0 + timedelta(seconds=seconds)


class Devices(SimulatedDriver):
    """Is always safe, and says so only where it is asked by `safety`; notes when it was asked."""

    def __init__(self, telescope, sky):
        super().__init__(telescope, sky)
        self.sky = sky
        self.asked = []

    @property
    def away(self):
        return after(AWAY[0]) <= self.sky.now() < after(AWAY[1])

    async def safety(self):
        self.asked.append((self.sky.now() - T0).total_seconds())
        return Safety()

    async def safety_after(self, known):
        return await asyncio.get_running_loop().create_future()


class Hanging(Devices):
    """Does not come back while it is away."""

    async def safety(self):
        said = await super().safety()
        return said if not self.away else await asyncio.get_running_loop().create_future()


class Stubborn(Devices):
    """Does not even obey a cancellation while it is away."""

    async def safety(self):
        said = await super().safety()
        while self.away:
            try:
                await self.sky.wait_until(after(AWAY[1]))
            except asyncio.CancelledError:
                continue
        return said


class Refusing(Devices):
    """Refuses every connection while it is away, to the mount and the camera, too."""

    def answer(self):
        if self.away:
            raise ConnectionRefusedError(111, "Connect call failed")

    async def safety(self):
        said = await super().safety()
        self.answer()
        return said

    async def safety_after(self, known):
        await self.sky.wait_until(after(AWAY[0]))
        self.answer()
        return await super().safety_after(known)

    async def abort(self):
        self.answer()

    async def park(self):
        self.answer()
        await super().park()


class RefusingSlews(Refusing):
    """Refuses every slew while it is away, and says nothing of it where it is asked for safety."""

    async def safety(self):
        return Safety()

    async def safety_after(self, known):
        return await asyncio.get_running_loop().create_future()

    async def slew(self, target):
        self.answer()
        return await super().slew(target)


class Mistaken(Devices):
    """Has a mistake in its program."""

    async def safety(self):
        said = await super().safety()
        return said if not self.away else {}["wind"]


class GivingUp(Devices):
    """Cancels itself."""

    async def safety(self):
        said = await super().safety()
        if self.away:
            raise asyncio.CancelledError
        return said


@pytest.mark.parametrize("driver", [Hanging, Stubborn, Refusing, Mistaken, GivingUp])
def test_what_runs_is_stopped_when_the_word_is_old_and_all_goes_on_once_it_is_said_again(play, pointing, driver):
    made = []

    def make(telescope, sky):
        made.append(driver(telescope, sky))
        return made[-1]

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("later", start_s=500.0))
            await rig.sky_s(155)
            last = rig.coordinator.reports_of("runs")[-1]
            assert (last.state, last.reason) == (S.PARTIAL, Reason.UNSAFE)
            assert not rig.coordinator.status.safe
            assert Reason.UNSAFE in rig.coordinator.status.blocking_reasons
            await rig.sky_s(480)
            assert rig.coordinator.status.safe
            assert rig.coordinator.status.blocking_reasons == ()
            await rig.sky_s(1000)
        assert rig.told("later")[-1] == "completed"
        while_away = [when for when in made[0].asked if AWAY[0] <= when < AWAY[1]]
        assert 1 <= len(while_away) <= 10

    play(scenario, driver=make)


def test_a_driver_with_nothing_new_to_say_is_asked_each_minute_and_stays_safe(play, pointing):
    made, told = [], []

    def make(telescope, sky):
        made.append(Devices(telescope, sky))
        return made[-1]

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            for when in range(10, 600, 10):
                await rig.sky_s(when)
                told.append(rig.coordinator.status.safe)
        assert rig.told()[-1] == "completed"
        assert set(told) == {True}
        assert [round(when) for when in made[0].asked] == list(range(0, 600, 60))

    play(scenario, driver=make)


def test_a_mount_that_cannot_be_reached_fails_its_pointing_and_nothing_else(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("refused", start_s=150.0))
            rig.coordinator.offer(pointing("later", start_s=600.0))
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("refused")[-1]
        assert (last.state, last.reason) == (S.FAILED, Reason.MOUNT_FAULT)
        assert "Connect call failed" in last.detail
        assert rig.told("later")[-1] == "completed"

    play(scenario, driver=RefusingSlews)
