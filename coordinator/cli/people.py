"""`armillary people`: who may use the dashboard, as what, and what opens it for them."""

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
    from coordinator.security.people import People

Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name at the dashboard.")]
Config = Annotated[Path | None, typer.Option("--config", help="Config file of the observatory (TOML).")]
State = Annotated[Path | None, typer.Option("--state", metavar="DIR", help="State folder of the observatory.")]
BY = "the command line"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="People: who may look at the dashboard, and who may decide.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(show)
    group.command("link")(link)
    group.command("invite")(invite)
    group.command("token")(token)
    group.command("sign-out")(sign_out)
    group.command("remove")(remove)
    group.command("audit")(audit)
    app.add_typer(group, name="people")


def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, operator, coordinator or admin.")] = "viewer",
    telescope: Annotated[list[str] | None, typer.Option(help="A telescope of an operator; may be repeated.")] = None,
    config: Config = None,
    state: State = None,
) -> None:
    """Make an account, or change one; prints an invitation with which the person sets a password."""
    from coordinator.security.person import person_of

    settings = read_settings(config, state=state)
    person, people = person_of(name, role, frozenset(telescope or ())), _people(settings)
    people.put(person, _now(), BY)
    typer.echo(f"{settings.dashboard.address}/invitation/{people.invite(name, _now(), BY)}")
    typer.echo(f"for {person}: opens once, within three days", err=True)


def invite(name: Name, config: Config = None, state: State = None) -> None:
    """Let somebody set a new password; prints an address that opens once, within three days."""
    settings = read_settings(config, state=state)
    typer.echo(f"{settings.dashboard.address}/invitation/{_people(settings).invite(name, _now(), BY)}")


def link(name: Name, config: Config = None, state: State = None) -> None:
    """Sign somebody in without a password; prints an address that opens once, within half an hour."""
    settings = read_settings(config, state=state)
    typer.echo(f"{settings.dashboard.address}/enter/{_people(settings).link(name, _now(), BY)}")


def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    config: Config = None,
    state: State = None,
) -> None:
    """Make a token for somebody's scripts: `Authorization: Bearer TOKEN`; it holds until it is taken back."""
    settings = read_settings(config, state=state)
    typer.echo(_people(settings).token(name, label, _now(), BY))


def show(config: Config = None, state: State = None) -> None:
    """List accounts."""
    table = Table()
    for column in ("name", "role", "telescopes", "state", "last signed in"):
        table.add_column(column, overflow="fold")
    for one in _people(read_settings(config, state=state)).accounts():
        closed = "closed" if one.disabled else "open" if one.has_password else "no password yet"
        seen = "never" if one.last_seen is None else f"{one.last_seen:%Y-%m-%dT%H:%MZ}"
        words = (one.person.name, one.person.standing, " ".join(sorted(one.person.telescopes)), closed, seen)
        table.add_row(*map(Text, words))
    Console().print(table)


def sign_out(name: Name, config: Config = None, state: State = None) -> None:
    """End all of somebody's sessions and take back their tokens."""
    people = _people(read_settings(config, state=state))
    ended = {kind: people.end(name, kind, _now(), BY) for kind in ("session", "token", "link", "invitation")}
    typer.echo(f"{name}: ended " + ", ".join(f"{count} {kind}s" for kind, count in ended.items()))


def remove(name: Name, config: Config = None, state: State = None) -> None:
    """Close an account and all that opens it; what the person decided stays in the journal."""
    _people(read_settings(config, state=state)).disable(name, _now(), BY)
    typer.echo(f"{name}: closed")


def audit(
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many lines.")] = 50,
    config: Config = None,
    state: State = None,
) -> None:
    """List what was done with accounts, the newest first."""
    for one in _people(read_settings(config, state=state)).audit(most):
        typer.echo(f"{one.at:%Y-%m-%dT%H:%M:%SZ}  {one.name}  {one.what}  ({one.origin})")


def _people(settings: Settings) -> "People":
    from coordinator.factory import people

    return people(settings)


def _now() -> datetime:
    return datetime.now(UTC)
