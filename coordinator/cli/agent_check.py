"""`armillary agent check`: one line for each thing that is well, and one with the mend for each that is not."""

import asyncio
import shutil
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import typer

from coordinator.cli.agent_identity import identity_of
from coordinator.cli.agent_process import default_state, with_own_paths
from telescopes.agent.announcement import announcement
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.lease import ClockOffset
from telescopes.agent.sky_time import AgentSky
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.errors import ArmillaryError, Refused
from telescopes.description.messages import SessionGrant
from telescopes.description.site_file import check_site_file, read_site_file
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import ChecksDevices, Devices, HoldsDevices
from telescopes.drivers.registry import load_driver

CLOCK_WARNING_S = 0.2
RENEWAL_LATE = timedelta(days=14)


def check_site(config: Path, state: Path | None) -> None:
    """Check everything that an agent needs; ends with status 1 if something is wrong."""
    problems = check_site_file(config)
    for problem in problems:
        _bad(str(problem))
    if problems:
        raise typer.Exit(1)
    telescope = with_own_paths(read_site_file(config), config.parent)
    _good(f"site file {config}: {telescope.id}, {telescope.name}")
    _check_approval(telescope)
    try:
        _check_reduction(telescope)
        driver = load_driver(telescope, AgentSky(MonotonicClock()))
        _good(f"driver {', '.join(driver.capabilities().drivers)}")
        well = asyncio.run(_check_devices(driver))
        identity = identity_of(telescope, state or default_state(telescope))
        _check_identity(telescope, identity)
        asyncio.run(_check_link(telescope, driver, identity))
    except ArmillaryError as error:
        _bad(str(error))
        raise typer.Exit(1) from None
    if not well:
        raise typer.Exit(1)


async def _check_devices(driver: Devices) -> bool:
    """Let the driver name what is wrong with its devices; one that cannot say counts as well."""
    if not isinstance(driver, ChecksDevices):
        return True
    try:
        problems = await driver.problems()
    finally:
        if isinstance(driver, HoldsDevices):
            await driver.close()
    for problem in problems:
        _bad(problem)
    if not problems:
        _good("devices answer, and hold every filter")
    return not problems


async def _check_link(telescope: Telescope, driver: Devices, identity: IdentityFiles | None) -> None:
    """Open a session: that says whether the gateway is there, knows the telescope, and which time it is."""
    link, offset = GrpcLink(telescope.link.gateway, identity), ClockOffset()
    try:
        # The first call opens the connection, so its way there and back says little about the clock.
        for _ in range(2):
            asked = SystemSkyClock().now()
            grant = await link.open_session(announcement(telescope, driver, boot_id=str(uuid.uuid4()), now=asked))
            offset.sample(asked, grant.server_time, SystemSkyClock().now())
    finally:
        await link.close()
    _good(f"gateway {telescope.link.gateway}: session {grant.session_epoch}, lease {grant.lease_s:g} s")
    _check_clock(telescope, offset)
    _check_rate(telescope, driver, grant)


def _check_identity(telescope: Telescope, identity: IdentityFiles | None) -> None:
    """Say until when the certificate is valid; one of another telescope opens nothing here."""
    if identity is None:
        _good("no certificate: the gateway must be on this machine, or do without")
        return
    from telescopes.credentials.key_pair import life_of

    life = life_of(identity.read().certificate, str(identity.certificate))
    if not any(uri.endswith(f"/telescope/{telescope.id}") for uri in life.uris):
        raise Refused(
            f"names {', '.join(life.uris) or 'nobody'}, not telescope {telescope.id}",
            where=str(identity.certificate),
            mend="enrol this telescope with a token of its own",
        )
    said = f"certificate of {life.uris[0]}, valid until {life.ends:%Y-%m-%dT%H:%M:%SZ}"
    if life.left(SystemSkyClock().now()) < RENEWAL_LATE:
        _bad(f"{telescope.id}: {said}, and not renewed; let the agent run, and see its log")
    else:
        _good(said)


def _check_approval(telescope: Telescope) -> None:
    if telescope.policy.human_approval:
        _bad(
            f"{telescope.id}: policy.human_approval: no way yet to say yes to an offer, so every offer expires; "
            "set it to false, or do not run this agent until there is"
        )


def _check_reduction(telescope: Telescope) -> None:
    """Look for the program that reduces images, where the agent would look."""
    command = telescope.reduction.command
    if not command:
        return
    if shutil.which(command[0]) is None:
        raise Refused(
            f"there is no program {command[0]!r}",
            where=f"{telescope.id}: reduction.command",
            mend="install it, or give its whole path",
        )
    _good(f"reduction by {command[0]}, within {telescope.reduction.within_s:g} s")


def _check_clock(telescope: Telescope, offset: ClockOffset) -> None:
    off_s = -(offset.offset_s or 0.0)
    said = f"this machine's clock is {off_s:+.3f} s off the coordinator's"
    if offset.wrong:
        raise Refused(said, where=telescope.id, mend="set it by NTP: windows would be refused")
    if abs(off_s) > CLOCK_WARNING_S:
        _bad(f"{telescope.id}: {said}; better set it by NTP")
    else:
        _good(said)


def _check_rate(telescope: Telescope, driver: Devices, grant: SessionGrant) -> None:
    rate = grant.sky_clock.rate
    if rate != 1.0 and not driver.capabilities().simulated:
        raise Refused(
            f"the coordinator's sky clock runs at {rate:g} times",
            where=telescope.id,
            mend="use only simulated drivers with a coordinator in demonstration",
        )
    _good(f"sky clock {grant.sky_clock.sky_time:%Y-%m-%dT%H:%M:%SZ}, rate {rate:g}")


def _good(line: str) -> None:
    print(f"ok       {line}")


def _bad(line: str) -> None:
    print(f"problem  {line}", file=sys.stderr)
