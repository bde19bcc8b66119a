"""`armillary conformance`: try any gateway, or any agent, on what the telescope link promises."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from telescopes.conformance.promise import Fact
    from telescopes.credentials.identity_files import IdentityFiles


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conformance")(conformance)


def conformance(
    target: Annotated[str | None, typer.Option(help="A gateway under test, HOST:PORT.")] = None,
    telescope: Annotated[
        str, typer.Option(help="Whose agent is played; best one that is only for tests. Left out: the certificate's.")
    ] = "",
    identity: Annotated[
        Path | None,
        typer.Option(help="With --target: for TLS, the folder with identity.key, identity.pem and authority.pem."),
    ] = None,
    agent: Annotated[bool, typer.Option("--agent", help="Play a gateway for an agent under test.")] = False,
    host: Annotated[str, typer.Option(help="With --agent: where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --agent: the port; 0 takes a free one.")] = 50051,
    within_s: Annotated[float, typer.Option(min=0.1, help="How long an answer may take.")] = 10.0,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="With --agent: others may reach it, in plain text.")
    ] = False,
) -> None:
    """Try a gateway or an agent on every promise of the telescope link, and print a line for each.

    Each line is `ok`, `failed` or `not tried`, the section of the specification, and what is promised. Status 1 if
    anything failed. A gateway is asked for sessions of one telescope; of what it offers there, one pointing is
    rejected. An agent is offered what it must refuse, and only one that says that all its drivers are `simulated` is
    offered anything that it could observe.
    """
    import asyncio

    from coordinator.security.transport import refuse_open_plain_text
    from telescopes.description.errors import Refused

    if (target is None) is not agent:
        raise Refused(
            "wants one of --target and --agent", where="conformance", mend="say --target HOST:PORT or --agent"
        )
    if target is None and identity is not None:
        raise Refused(
            "goes with --target", where="--identity", mend="leave it out: the gateway played speaks plain text"
        )
    if target is not None and insecure:
        raise Refused("goes with --agent", where="--insecure", mend="leave it out: nothing is served")
    if target is None:
        refuse_open_plain_text(host, insecure=insecure)
        facts = _of_agent(host, port, within_s)
    else:
        files = _files_in(identity)
        facts = _of_gateway(target, _telescope(telescope, files), within_s, files)
    if asyncio.run(_print(facts)):
        raise typer.Exit(1)


async def _print(facts: "AsyncIterator[Fact]") -> int:
    """Print each fact as it comes; return how many failed."""
    from collections import Counter

    from telescopes.conformance.promise import FAILED, NOT_TRIED, OK

    said: Counter[str] = Counter()
    async for fact in facts:
        typer.echo(" ".join(str(fact).splitlines()))
        said[fact.outcome] += 1
    typer.echo(f"{said[OK]} ok, {said[FAILED]} failed, {said[NOT_TRIED]} not tried")
    return said[FAILED]


def _files_in(folder: Path | None) -> "IdentityFiles | None":
    from telescopes.credentials.identity_files import IdentityFiles

    return None if folder is None else IdentityFiles.in_folder(folder)


def _telescope(said: str, files: "IdentityFiles | None") -> str:
    """Say whose agent is played: as told, else as the certificate says."""
    from coordinator.security.identity import Role, identity_in
    from telescopes.credentials.key_pair import life_of
    from telescopes.description.errors import Refused

    if files is None:
        if not said:
            raise Refused("wants a telescope", where="--telescope", mend="say whose agent is played: --telescope ID")
        return said
    named = map(identity_in, life_of(files.read().certificate, str(files.certificate)).uris)
    own = next((who.name for who in named if who is not None and who.role is Role.TELESCOPE), None)
    if own is None:
        raise Refused("is no telescope's certificate", where=str(files.certificate), mend="give one of a telescope")
    if said not in ("", own):
        mend = "leave out --telescope, or give that telescope's certificate"
        raise Refused(f"is {own}'s certificate, not {said[:64]}'s", where=str(files.certificate), mend=mend)
    return own


def _of_gateway(target: str, telescope: str, within_s: float, files: "IdentityFiles | None") -> "AsyncIterator[Fact]":
    from telescopes.conformance.server_suite import try_server

    return try_server(target, telescope, within_s, files)


def _of_agent(host: str, port: int, within_s: float) -> "AsyncIterator[Fact]":
    from telescopes.conformance.agent_suite import try_agent

    return try_agent(host, port, within_s, listening=lambda at: typer.echo(f"waiting for an agent at {at}", err=True))
