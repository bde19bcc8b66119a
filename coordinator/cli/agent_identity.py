"""Who a telescope is to the gateway: where its key and certificate lie, how it gets them, who keeps them fresh."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import typer

from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import Refused
from telescopes.description.site_file import read_site_file
from telescopes.description.telescope import Telescope


def with_identity_paths(telescope: Telescope, folder: Path) -> Telescope:
    """Read the paths of key and certificates as relative to the site file."""
    link = telescope.link
    certificate, key, ca = (
        name and str(folder / Path(name).expanduser()) for name in (link.certificate, link.key, link.ca)
    )
    return replace(telescope, link=replace(link, certificate=certificate, key=key, ca=ca))


def files_of(telescope: Telescope, state: Path) -> IdentityFiles:
    """Name a telescope's files: those of its site file, else those in the folder of the agent's memory."""
    link = telescope.link
    if link.certificate and link.key and link.ca:
        return IdentityFiles(Path(link.key), Path(link.certificate), Path(link.ca))
    return IdentityFiles.in_folder(state)


def identity_of(telescope: Telescope, state: Path) -> IdentityFiles | None:
    """Return a telescope's files; None: it never enrolled, and its site file names none."""
    files = files_of(telescope, state)
    return files if files.there or telescope.link.certificate else None


def enrol_telescope(config: Path, token: str, state: Path | None) -> None:
    """Spend a token for this telescope's certificate."""
    from coordinator.cli.agent_process import default_state, with_own_paths
    from telescopes.agent.enrolment import enrol
    from telescopes.credentials.enrolment_token import token_of

    telescope = with_own_paths(read_site_file(config), config.parent)
    given = token_of(said_token(token))
    if (given.role, given.name) != ("telescope", telescope.id):
        raise Refused(
            f"is for {given.role} {given.name}, not for telescope {telescope.id}; it was not spent",
            where="--token",
            mend="give the token and the site file of the same telescope",
        )
    files = files_of(telescope, state or default_state(telescope))
    life = enrol(given, telescope.link.gateway, files)
    typer.echo(
        f"{telescope.id}: enrolled, certificate {files.certificate} valid until {life.ends:%Y-%m-%dT%H:%M:%SZ}; "
        f"next: armillary agent check --config {config}"
    )


def said_token(token: str) -> str:
    """Return a token, or read it from standard input where it is ``-``: there nobody sees it in a list of processes."""
    return sys.stdin.readline() if token == "-" else token


@contextlib.asynccontextmanager
async def renewing(telescope: Telescope, identity: IdentityFiles | None) -> AsyncIterator[None]:
    """Keep the certificate fresh as long as the agent runs."""
    if identity is None:
        yield
        return
    from telescopes.agent.renewal import Renewal

    renewal = Renewal(telescope.id, telescope.link.gateway, identity, SystemSkyClock().now)
    task = asyncio.create_task(renewal.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
