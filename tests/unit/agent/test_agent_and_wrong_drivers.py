"""What an agent does when its driver has a mistake in it, which is no fault of any device."""

import asyncio

import pytest

from telescopes.description.errors import Broken
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.simulated import SimulatedDriver

S = PointingState


class WrongMount(SimulatedDriver):
    """Has a mistake in it, which the first slew finds; and stops no better."""

    slews = 0

    async def slew(self, target):
        self.slews += 1
        if self.slews == 1:
            raise KeyError("axis")
        return await super().slew(target)

    async def abort(self):
        raise ZeroDivisionError


class WrongCamera(SimulatedDriver):
    """Has a mistake in it, which the second exposure finds."""

    wrong = True

    async def expose(self, spec):
        if self.wrong and spec.exposure_index == 1:
            self.wrong = False
            raise ValueError("no such binning")
        return await super().expose(spec)


class ResigningMount(SimulatedDriver):
    """Cancels its own first slew."""

    slews = 0
    aborted = 0

    async def slew(self, target):
        self.slews += 1
        if self.slews == 1:
            raise asyncio.CancelledError
        assert self.aborted == 1, "the mount was stopped before it was sent elsewhere"
        return await super().slew(target)

    async def abort(self):
        self.aborted += 1
        await super().abort()


class WritingNonsense(SimulatedDriver):
    """Its first image cannot be written."""

    wrong = True

    async def expose(self, spec):
        if self.wrong:
            self.wrong = False
            raise Broken("a value that is no number", where="write_fits", mend="leave out what is unknown")
        return await super().expose(spec)


@pytest.mark.parametrize(
    ("driver", "state", "reason", "said"),
    [
        (WrongMount, S.FAILED, Reason.MOUNT_FAULT, "the driver fails: KeyError: 'axis'"),
        (WrongCamera, S.PARTIAL, Reason.CAMERA_FAULT, "the driver fails: ValueError: no such binning"),
        (WritingNonsense, S.FAILED, Reason.CAMERA_FAULT, "the driver fails: Broken: write_fits: a value"),
        (ResigningMount, S.FAILED, Reason.MOUNT_FAULT, "the driver gave up by itself"),
    ],
)
def test_a_mistake_in_a_driver_ends_its_pointing_and_not_the_agent(play, pointing, driver, state, reason, said):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("wrong", start_s=10.0))
            rig.coordinator.offer(pointing("next", start_s=600.0))
            await rig.sky_s(1000)
        last = rig.coordinator.reports_of("wrong")[-1]
        assert (last.state, last.reason) == (state, reason)
        assert said in last.detail
        assert rig.told("next")[-1] == "completed"

    play(scenario, driver=driver)
