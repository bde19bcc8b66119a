"""Finds a driver by the name in the site file; drivers register by the entry points `armillary.drivers`."""

from importlib.metadata import entry_points

from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import SkyTime
from telescopes.drivers.whole_pointing import AnyDriver

GROUP = "armillary.drivers"


def load_driver(telescope: Telescope, sky: SkyTime) -> AnyDriver:
    """Make the driver that the site file names.

    Raises
    ------
    Refused
        No installed package has a driver of that name, or a package that it needs is missing.
    """
    name = telescope.driver.name
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join(sorted({e.name for e in entry_points(group=GROUP)})) or "none"
        raise Refused(
            f"there is no driver {name!r}",
            where=f"{telescope.id}: driver.name",
            mend=f"install the package that brings it, or name one of: {known}",
        )
    try:
        made = next(iter(found)).load()
    except ModuleNotFoundError as error:
        raise Refused(
            f"the driver {name!r} needs the package {error.name}",
            where=f"{telescope.id}: driver.name",
            mend=f'pip install "armillary[{name}]"',
        ) from error
    driver: AnyDriver = made(telescope, sky)
    return driver
