"""The driver `indi`: which devices of which indiserver, put together."""

from telescopes.description.host_port import HostPort, read_host_port
from telescopes.description.section import Section
from telescopes.description.telescope import Telescope
from telescopes.drivers.devices.driver import DeviceDriver
from telescopes.drivers.devices.habits import Habits, read_habits
from telescopes.drivers.devices.parts import Parts
from telescopes.drivers.driver import CameraFault, DomeFault, DriverFault, FilterFault, MountFault, SkyTime, UnsafeStop
from telescopes.drivers.indi.camera import IndiCamera
from telescopes.drivers.indi.client import IndiClient
from telescopes.drivers.indi.device import IndiDevice
from telescopes.drivers.indi.mount import IndiMount
from telescopes.drivers.indi.surroundings import IndiDome, IndiWatch, IndiWheel
from telescopes.drivers.settings import settings_of

FAULTS: dict[str, type[DriverFault]] = {
    "telescope": MountFault,
    "camera": CameraFault,
    "filterwheel": FilterFault,
    "dome": DomeFault,
    "weather": UnsafeStop,
}
NEEDED = ("telescope", "camera")
USUAL = HostPort("127.0.0.1", 7624)


class IndiDriver(DeviceDriver):
    """A telescope whose devices are behind one indiserver.

    Parameters
    ----------
    telescope : Telescope
        Its ``[driver]`` names the devices as the server does.
    sky : SkyTime
        The clock that exposures are told by.

    Raises
    ------
    Refused
        ``[driver]`` makes no sense; every mistake is named.
    """

    def __init__(self, telescope: Telescope, sky: SkyTime) -> None:
        with settings_of(telescope) as section:
            habits, server, names = read_habits(section, telescope), _server(section), _names(section)
        client = IndiClient(server, habits.answer_within_s)
        super().__init__("indi", telescope, _parts(client, names, telescope, sky, habits), habits)


def _parts(client: IndiClient, names: dict[str, str], telescope: Telescope, sky: SkyTime, habits: Habits) -> Parts:
    devices = {kind: IndiDevice(client, name, FAULTS[kind], habits.answer_within_s) for kind, name in names.items()}
    client.images_of.add(names["camera"])
    wheel, dome, weather = devices.get("filterwheel"), devices.get("dome"), devices.get("weather")
    return Parts(
        mount=IndiMount(devices["telescope"], telescope.site, sky, habits),
        camera=IndiCamera(devices["camera"], sky, habits),
        wheel=None if wheel is None else IndiWheel(wheel, habits),
        dome=None if dome is None else IndiDome(dome, habits),
        watch=None if weather is None else IndiWatch(weather, habits),
        close=client.close,
    )


def _server(section: Section) -> HostPort:
    server = section.text("server", str(USUAL))
    found = read_host_port(server)
    if found is None:
        section.note("server", f"{server!r} is no address", f"give host:port, such as {USUAL}")
    return found or USUAL


def _names(section: Section) -> dict[str, str]:
    mend = 'give the device\'s name, such as "Telescope Simulator"; `indi_getprop` lists them'
    found = {}
    for kind in FAULTS:
        name = section.optional_text(kind)
        if name:
            found[kind] = name
        elif kind in NEEDED:
            section.note(kind, "is missing", mend)
    return found
