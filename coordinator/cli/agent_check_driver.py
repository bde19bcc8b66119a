"""The part of `armillary agent check` that looks at the driver, its settings, the map of filters and the devices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from coordinator.cli.agent_findings import Finding, bad, good, unchecked
from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import MonotonicClock
from telescopes.description.errors import ArmillaryError
from telescopes.description.footprint import Circle
from telescopes.description.problems import ConfigRefused, Problem, within
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import ChecksDevices, HoldsDevices
from telescopes.drivers.registry import load_driver
from telescopes.drivers.whole_pointing import AnyDriver

SHAPE = re.compile(r"instruments\[\d+\]\.(footprint|depth|position_angle_deg)\b.*")
STAND_IN = Circle(0.5)


async def check_driver(telescope: Telescope, problems: Sequence[Problem]) -> tuple[list[Finding], AnyDriver | None]:
    """Load the driver, and let it look at its devices.

    Parameters
    ----------
    telescope : Telescope
        What could be read of the site file.
    problems : sequence of Problem
        What could not.

    Returns
    -------
    list of Finding
        Every mistake, and what could not be looked at.
    AnyDriver or None
        The driver; None: it cannot run as it is described.
    """
    if spoilt := within(problems, "driver"):
        return [unchecked("driver, devices", spoilt)], None
    blurred = tuple(key for key in within(problems, "instruments") if SHAPE.fullmatch(key) is None)
    found = [unchecked("driver.filters", blurred)] if blurred and "filters" in telescope.driver.settings else []
    looked_at = _sharp(telescope, problems, filters_known=not blurred)
    try:
        driver = load_driver(looked_at, AgentSky(MonotonicClock()))
    except ArmillaryError as error:
        return found + await _what_is_left(looked_at, error), None
    found.append(good(f"driver {', '.join(driver.capabilities().drivers)}"))
    return found + await _devices(driver), driver


def _sharp(telescope: Telescope, problems: Sequence[Problem], *, filters_known: bool) -> Telescope:
    """Put a field where the site file describes none; forget the filters if they are not known."""
    cameras = telescope.instruments
    if any(SHAPE.fullmatch(problem.key) for problem in problems):
        cameras = tuple(replace(camera, footprint=STAND_IN, depth=()) for camera in cameras)
    if filters_known:
        return replace(telescope, instruments=cameras)
    settings = {key: value for key, value in telescope.driver.settings.items() if key != "filters"}
    cameras = tuple(replace(camera, filters=()) for camera in cameras)
    return replace(telescope, instruments=cameras, driver=replace(telescope.driver, settings=settings))


async def _what_is_left(telescope: Telescope, error: ArmillaryError) -> list[Finding]:
    """Name each mistake of the settings; look at the devices all the same where the mistakes are not about them."""
    said, first = _mistakes(telescope, error)
    found = list(map(bad, said))
    settings = settings_without(telescope.driver.settings, first) if isinstance(error, ConfigRefused) else None
    if settings is None:
        return [*found, unchecked("devices", first)]
    try:
        lesser = replace(telescope, driver=replace(telescope.driver, settings=settings))
        driver = load_driver(lesser, AgentSky(MonotonicClock()))
    except ArmillaryError as further:
        # A second word about a key that was left out here would be about nothing that the file says.
        more, keys = _mistakes(telescope, further)
        found += [bad(line) for line, key in zip(more, keys, strict=True) if key not in first]
        return [*found, unchecked("devices", first + keys)]
    return found + await _devices(driver)


def _mistakes(telescope: Telescope, error: ArmillaryError) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a line for each mistake, and where it is."""
    if isinstance(error, ConfigRefused):
        return tuple(map(str, error.problems)), tuple(problem.key for problem in error.problems)
    return (str(error),), (error.where.removeprefix(f"{telescope.id}: "),)


def settings_without(settings: Mapping[str, object], keys: Sequence[str]) -> dict[str, object] | None:
    """Leave out wrong settings that say nothing of where the devices are.

    A number, a flag or an entry of a table, such as one filter, can be left out. A text or a list cannot: it may be
    a device's name, its server's address or its program, and what stands in its place would be about another device.

    Returns
    -------
    dict or None
        The settings that are left; None: there is nothing that would say anything of the devices.
    """
    left = {key: dict(value) if isinstance(value, dict) else value for key, value in settings.items()}
    for dotted in keys:
        _, key, *inner = (*re.sub(r"\[\d+\]", "", dotted).split("."), "")
        table = left.get(key)
        if key not in left or isinstance(table, str | list):
            return None
        if isinstance(table, dict) and inner[0]:
            table.pop(inner[0], None)
        else:
            left[key] = None
    return {key: value for key, value in left.items() if value is not None}


async def _devices(driver: AnyDriver) -> list[Finding]:
    """Let the driver name what is wrong with its devices; one that cannot say counts as well."""
    if not isinstance(driver, ChecksDevices):
        return []
    try:
        problems = await driver.problems()
    except ArmillaryError as error:
        problems = [str(error)]
    finally:
        if isinstance(driver, HoldsDevices):
            await driver.close()
    return [bad(problem) for problem in dict.fromkeys(problems)] or [
        good("the driver finds nothing wrong with its devices")
    ]
