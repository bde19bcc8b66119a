"""The driver `alpaca`: which devices the site file names, put together."""

import re
from dataclasses import replace

import httpx

from telescopes.description.section import Section
from telescopes.description.telescope import Telescope
from telescopes.drivers.alpaca.camera import AlpacaCamera
from telescopes.drivers.alpaca.client import Address, AlpacaDevice
from telescopes.drivers.alpaca.mount import AlpacaMount
from telescopes.drivers.alpaca.surroundings import AlpacaDome, AlpacaWatch, AlpacaWheel
from telescopes.drivers.devices.driver import DeviceDriver
from telescopes.drivers.devices.habits import Habits, read_habits
from telescopes.drivers.devices.parts import Parts
from telescopes.drivers.driver import CameraFault, DomeFault, DriverFault, FilterFault, MountFault, SkyTime, UnsafeStop
from telescopes.drivers.settings import settings_of

ADDRESS = re.compile(r"(?:(http://[^\s/]+)/)?(\d{1,4})")
SERVER = re.compile(r"http://[^\s/]+")
MEND = 'give the device\'s number, such as 0, or "http://host:port/0" where it is on another server'
FAULTS: dict[str, type[DriverFault]] = {
    "telescope": MountFault,
    "camera": CameraFault,
    "filterwheel": FilterFault,
    "dome": DomeFault,
    "safetymonitor": UnsafeStop,
    "observingconditions": UnsafeStop,
}
NEEDED = ("telescope", "camera")


class AlpacaDriver(DeviceDriver):
    """A telescope whose devices are on Alpaca servers.

    Parameters
    ----------
    telescope : Telescope
        Its ``[driver]`` names the devices.
    sky : SkyTime
        The clock that exposures are told by.

    Raises
    ------
    Refused
        ``[driver]`` makes no sense; every mistake is named.
    """

    def __init__(self, telescope: Telescope, sky: SkyTime) -> None:
        with settings_of(telescope) as section:
            habits, addresses = read_habits(section, telescope), _addresses(section)
            habits = replace(habits, age_unknown_is_fresh=section.flag("age_unknown_is_fresh", False))
            frame = section.needed_choice("frame", ("jnow", "j2000")) if section.has("frame") else None
        super().__init__("alpaca", telescope, _parts(addresses, habits, sky, frame, telescope.timing.readout_s), habits)


def _parts(addresses: dict[str, Address], habits: Habits, sky: SkyTime, frame: str | None, readout_s: float) -> Parts:
    # Each request has its own connection: an agent that is killed leaves none open, and no server's idle limit bites.
    http = httpx.AsyncClient(trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0))
    devices = {
        kind: AlpacaDevice(http, kind, address, FAULTS[kind], habits.answer_within_s)
        for kind, address in addresses.items()
    }
    wheel, dome = devices.get("filterwheel"), devices.get("dome")
    monitor, station = devices.get("safetymonitor"), devices.get("observingconditions")
    return Parts(
        mount=AlpacaMount(devices["telescope"], sky, habits, frame),
        camera=AlpacaCamera(devices["camera"], sky, habits, readout_s),
        wheel=None if wheel is None else AlpacaWheel(wheel, habits),
        dome=None if dome is None else AlpacaDome(dome, habits),
        watch=AlpacaWatch(monitor, station, habits) if monitor or station else None,
        close=http.aclose,
    )


def _addresses(section: Section) -> dict[str, Address]:
    server = section.text("server", "http://127.0.0.1:11111").rstrip("/")
    if not SERVER.fullmatch(server):
        section.note("server", f"{server!r} is no address", "give http://host:port, such as http://127.0.0.1:11111")
    values = section.rest_of(FAULTS)
    found = {}
    for kind, value in values.items():
        match = None if isinstance(value, bool) else ADDRESS.fullmatch(str(value))
        if match is None:
            section.note(kind, f"{value!r} is no device", MEND)
        else:
            found[kind] = Address(match[1] or server, int(match[2]))
    for kind in NEEDED:
        if kind not in values:
            section.note(kind, "is missing", MEND)
    return found
