"""`armillary ca`: the own small certificate authority, tokens with which telescopes and people enrol, revocation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.config_file import read_settings
from coordinator.settings import Settings

if TYPE_CHECKING:
    from coordinator.security.register import Register

Config = Annotated[Path | None, typer.Option("--config", help="Config file of the observatory (TOML).")]
State = Annotated[Path | None, typer.Option("--state", metavar="DIR", help="State folder of the observatory.")]
LONGEST_HOURS = 24.0 * 30


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Certificates: who may be which telescope, and who may decide.", no_args_is_help=True)
    group.command("init")(init)
    group.command("token")(token)
    group.command("enroll")(enroll)
    group.command("list")(show)
    group.command("revoke")(revoke)
    app.add_typer(group, name="ca")


def init(config: Config = None, state: State = None) -> None:
    """Make the authority of an observatory; one that is there is never overwritten."""
    from coordinator.security.authority import make_authority

    settings = read_settings(config, state=state)
    made = make_authority(settings.authority_folder, _now())
    _register(settings)
    typer.echo(
        f"made {settings.authority_folder} (sha256 {made.sha256[:16]}…), keep a copy of it offline; next: name the "
        "hosts by which telescopes reach the gateway ([security] names), start `armillary up` anew, and make a token "
        "for each telescope: armillary ca token TELESCOPE"
    )


def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the telescope; else of the person or program.")],
    role: Annotated[str, typer.Option(help="telescope, operator, coordinator or viewer.")] = "telescope",
    hours: Annotated[float, typer.Option(min=0.01, max=LONGEST_HOURS, help="How long it can be spent.")] = 72.0,
    config: Config = None,
    state: State = None,
) -> None:
    """Make a one-time token, which goes to standard output; only its hash is kept."""
    from coordinator.security.authority import open_authority
    from coordinator.security.identity import Role, identity_of
    from telescopes.credentials.enrolment_token import EnrolmentToken
    from telescopes.description.site_file import read_sites

    settings, who = read_settings(config, state=state), identity_of(role, name)
    authority = open_authority(settings.authority_folder)
    secret, expires = _register(settings).new_token(who, _now(), hours)
    typer.echo(EnrolmentToken(who.role, who.name, settings.enrolment_port, secret, authority.sha256))
    how = "armillary ca enroll --gateway HOST:PORT --into FOLDER --token …"
    if who.role is Role.TELESCOPE:
        how = "armillary agent enroll --config SITE.toml --token …"
        if name not in [one.id for one in read_sites(settings.sites)]:
            typer.echo(f"{name}: has no site file in {settings.sites} yet; add it before the agent runs", err=True)
    typer.echo(f"for {who}, once, until {expires:%Y-%m-%dT%H:%M:%SZ}: {how}", err=True)


def enroll(
    token: Annotated[str, typer.Option(help="The one-time token; - reads it from standard input.")],
    gateway: Annotated[str, typer.Option(help="host:port of the gateway.")],
    into: Annotated[Path, typer.Option(metavar="FOLDER", help="Where key and certificates are put.")],
) -> None:
    """Get a certificate for a person or a program: makes a key here, spends a token, keeps what is signed."""
    from coordinator.cli.agent_identity import said_token
    from telescopes.agent.enrolment import enrol
    from telescopes.credentials.enrolment_token import token_of
    from telescopes.credentials.identity_files import IdentityFiles

    files = IdentityFiles.in_folder(into)
    life = enrol(token_of(said_token(token)), gateway, files)
    typer.echo(f"{life.uris[0]}: key and certificate in {into}, valid until {life.ends:%Y-%m-%dT%H:%M:%SZ}")


def show(config: Config = None, state: State = None) -> None:
    """List certificates and tokens."""
    from coordinator.security.register import LEAST_SERIAL

    settings, now = read_settings(config, state=state), _now()
    held = _register(settings)
    certificates, tokens = (
        Table(title="certificates", title_justify="left"),
        Table(title="tokens", title_justify="left"),
    )
    for column in ("who", "serial", "state", "valid until", "how", "reason"):
        certificates.add_column(column, overflow="fold", no_wrap=column == "serial")
    for one in held.certificates():
        words = (
            str(one.identity),
            one.serial[:LEAST_SERIAL],
            one.state(now),
            f"{one.expires_at:%Y-%m-%d}",
            one.how,
            one.reason,
        )
        certificates.add_row(*map(Text, words))
    for column in ("who", "state", "until"):
        tokens.add_column(column)
    for made in held.tokens():
        tokens.add_row(*map(Text, (str(made.identity), made.state(now), f"{made.expires_at:%Y-%m-%dT%H:%MZ}")))
    console = Console()
    console.print(certificates)
    console.print(tokens)


def revoke(
    which: Annotated[str, typer.Argument(metavar="NAME|SERIAL", help="All of a name, or one certificate.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the certificate.")] = "",
    config: Config = None,
    state: State = None,
) -> None:
    """Take certificates back; a running gateway heeds it with the next call."""
    settings = read_settings(config, state=state)
    taken = _register(settings).revoke(which, _now(), reason[:200])
    for one in taken:
        typer.echo(f"{one.identity}: {one.serial} taken back")
    if not taken:
        typer.echo(f"{which}: open tokens taken back")


def _register(settings: Settings) -> "Register":
    from coordinator.security.authority import open_authority
    from coordinator.security.register import FILE, Register

    open_authority(settings.authority_folder)  # no register without one
    return Register(settings.authority_folder / FILE)


def _now() -> datetime:
    return datetime.now(UTC)
