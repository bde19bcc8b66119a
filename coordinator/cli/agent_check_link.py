"""The part of `armillary agent check` that looks at the certificate, the gateway and both clocks."""

import asyncio
import socket
import uuid
from collections.abc import Sequence

from coordinator.cli.agent_findings import Finding, Mark, bad, good, of_certificate, of_clock, of_sky_clock, unchecked
from telescopes.agent.announcement import announcement, bare_announcement
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.lease import ClockOffset
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import ArmillaryError, Refused
from telescopes.description.host_port import needed_host_port
from telescopes.description.messages import SessionGrant
from telescopes.description.problems import Problem, within
from telescopes.description.telescope import Telescope
from telescopes.drivers.whole_pointing import AnyDriver

ANSWER_WITHIN_S = 5.0
CLOCKS = "session, clock, sky clock"


async def check_link(
    telescope: Telescope, driver: AnyDriver | None, identity: IdentityFiles | None, problems: Sequence[Problem]
) -> list[Finding]:
    """Look at the certificate, then open a session if nothing of the telescope's name and link is wrong.

    Parameters
    ----------
    telescope : Telescope
        What could be read of the site file.
    driver : AnyDriver, optional
        None: it cannot run as it is described; then the gateway is told nothing of what the telescope is.
    identity : IdentityFiles, optional
        Who the telescope is; None: nobody in particular.
    problems : sequence of Problem
        What could not be read.
    """
    who = within(problems, "id") + tuple(k for n in ("certificate", "key", "ca") for k in within(problems, f"link.{n}"))
    where = within(problems, "link.gateway") + tuple(problem.key for problem in problems if problem.key == "link")
    found = [unchecked("certificate", who)] if who else [_certificate(telescope, identity)]
    if where:
        return [*found, unchecked(f"gateway, {CLOCKS}", where)]
    if who or found[0].mark is Mark.PROBLEM:
        reached = await asyncio.to_thread(_reached, telescope.link.gateway)
        return [*found, reached, unchecked(CLOCKS, who or ("the certificate",))]
    try:
        return found + await _session(telescope, driver, identity, whole=not problems)
    except ArmillaryError as error:
        return [*found, bad(str(error)), unchecked("clock, sky clock", (f"gateway {telescope.link.gateway}",))]


def _certificate(telescope: Telescope, identity: IdentityFiles | None) -> Finding:
    if identity is None:
        return good("no certificate: the gateway must be on this machine, or do without")
    from telescopes.credentials.key_pair import life_of

    try:
        where = str(identity.certificate)
        life = life_of(identity.read().certificate, where)
    except Refused as error:
        return bad(str(error))
    return of_certificate(telescope, life, where, SystemSkyClock().now())


def _reached(gateway: str) -> Finding:
    """Say whether anybody listens at the gateway's address."""
    try:
        at = needed_host_port(gateway, "link.gateway")
        with socket.create_connection((at.host, at.port), ANSWER_WITHIN_S):
            return good(f"gateway {gateway}: somebody listens there")
    except Refused as refused:
        return bad(str(refused))
    except OSError as error:
        mend = "check [link] gateway, and that the coordinator runs"
        return bad(f"gateway {gateway}: cannot be reached ({error}); {mend}")


async def _session(
    telescope: Telescope, driver: AnyDriver | None, identity: IdentityFiles | None, *, whole: bool
) -> list[Finding]:
    """Open a session: that says whether the gateway is there, knows the telescope, and which time it is."""
    grant, offset = await _grant(telescope, driver if whole else None, identity)
    simulated = None if driver is None else driver.capabilities().simulated
    return [
        good(f"gateway {telescope.link.gateway}: session {grant.session_epoch}, lease {grant.lease_s:g} s"),
        of_clock(telescope, offset),
        of_sky_clock(telescope, grant.sky_clock.sky_time, grant.sky_clock.rate, simulated),
    ]


async def _grant(
    telescope: Telescope, driver: AnyDriver | None, identity: IdentityFiles | None
) -> tuple[SessionGrant, ClockOffset]:
    link, offset = GrpcLink(telescope.link.gateway, identity), ClockOffset()
    try:
        # The first call opens the connection, so its way there and back says little about the clock.
        for _ in range(2):
            asked, boot_id = SystemSkyClock().now(), str(uuid.uuid4())
            if driver is None:
                request = bare_announcement(telescope, boot_id=boot_id, now=asked)
            else:
                request = announcement(telescope, driver, boot_id=boot_id, now=asked)
            grant = await link.open_session(request)
            offset.sample(asked, grant.server_time, SystemSkyClock().now())
    finally:
        await link.close()
    return grant, offset
