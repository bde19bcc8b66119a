"""What goes wrong at a simulated telescope: faults and slow answers by chance, the same again with the same seed."""

import hashlib
from datetime import timedelta

import numpy as np

from telescopes.drivers.driver import CameraFault, DriverFault, FilterFault, MountFault
from telescopes.drivers.simulated_settings import SimulatedSettings

MEND = "nothing is broken: the site file asks the simulated driver for faults"


class Mishaps:
    """Chance of one telescope's devices; each act of a device draws once, in order, apart from the other devices'."""

    def __init__(self, settings: SimulatedSettings, telescope_id: str) -> None:
        self._settings = settings
        self._telescope_id = telescope_id
        self._dice = {device: self._of(device) for device in ("mount", "camera", "filter")}

    def mount(self) -> timedelta:
        """Say how much longer a slew takes; raise MountFault if it fails."""
        fault = MountFault("the mount stopped short", where=self._telescope_id, mend=MEND)
        return self._act("mount", self._settings.mount_fault_probability, fault)

    def camera(self) -> timedelta:
        """Say how much longer an exposure takes to come; raise CameraFault if it fails."""
        fault = CameraFault("the camera gave no image", where=self._telescope_id, mend=MEND)
        return self._act("camera", self._settings.camera_fault_probability, fault)

    def filter_wheel(self) -> timedelta:
        """Say how much longer a change of the filter takes; raise FilterFault if it fails."""
        fault = FilterFault("the filter wheel is stuck", where=self._telescope_id, mend=MEND)
        return self._act("filter", self._settings.filter_fault_probability, fault)

    def _act(self, device: str, probability: float, fault: DriverFault) -> timedelta:
        fails, slow = self._dice[device].random(2)
        if fails < probability:
            raise fault
        return timedelta(seconds=self._settings.slow_s if slow < self._settings.slow_probability else 0.0)

    def _of(self, device: str) -> np.random.Generator:
        name = f"{self._settings.seed}|{self._telescope_id}|{device}"
        return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))
