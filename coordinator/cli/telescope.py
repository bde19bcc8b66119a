"""`armillary pause|resume|veto|maintenance`: what people at the coordinator decide about one telescope."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from coordinator.cli.person import this_person
from coordinator.settings import default_state_dir
from telescopes.description.errors import Refused
from telescopes.description.event_key import require_event_key

Telescope = Annotated[str, typer.Argument(metavar="TELESCOPE", help="Its id; see armillary status.")]
Because = Annotated[str, typer.Option("--because", "--reason", help="Why; it is kept with the decision.")]
Who = Annotated[str | None, typer.Option("--operator", help="Who decides; left out: the user of this machine.")]
State = Annotated[Path | None, typer.Option(metavar="DIR", help="State folder of the running observatory.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (pause, resume, veto, maintenance):
        app.command(command.__name__)(command)


def pause(telescope: Telescope, because: Because, operator: Who = None, state: State = None) -> None:
    """Offer nothing to a telescope and ask back what has not started, until it is resumed."""
    seq = _done(lambda link, who: link.pause(telescope, who, because), operator, state)
    typer.echo(f"{telescope}: paused, entry {seq}")


def resume(
    telescope: Telescope,
    because: Because,
    event: Annotated[str | None, typer.Option(help="End the veto of this event alone.")] = None,
    operator: Who = None,
    state: State = None,
) -> None:
    """End a pause, a vetoed night and maintenance that has begun; or the veto of one event."""
    if event is not None:
        require_event_key(event, "--event")
    seq = _done(lambda link, who: link.resume(telescope, who, because, event or ""), operator, state)
    typer.echo(f"{telescope}: {'resumed' if event is None else f'{event} is welcome again'}, entry {seq}")


def veto(
    subject: Annotated[str, typer.Argument(metavar="POINTING|TELESCOPE", help="A pointing; or a telescope.")],
    because: Because,
    event: Annotated[str | None, typer.Option(help="Keep this event from the telescope.")] = None,
    night: Annotated[bool, typer.Option("--night", help="Close the telescope until its next noon.")] = False,
    operator: Who = None,
    state: State = None,
) -> None:
    """Ask one pointing back, running or not; or keep a telescope from an event, or from the rest of its night."""
    if event is not None and night:
        raise Refused("wants one of --event and --night", where="veto", mend="veto the night: it holds every event")
    if night:
        seq = _done(lambda link, who: link.veto_night(subject, who, because), operator, state)
    elif event is not None:
        require_event_key(event, "--event")
        seq = _done(lambda link, who: link.veto_event(subject, event, who, because), operator, state)
    else:
        seq = _done(lambda link, who: link.veto(subject, who, because), operator, state)
    what = "the night is" if night else f"{event} is" if event is not None else ""
    typer.echo(f"{subject}: {what} vetoed, entry {seq}".replace("  ", " "))


def maintenance(
    telescope: Telescope,
    because: Because,
    begin: Annotated[str | None, typer.Option("--from", metavar="TIME", help="When it begins (UTC).")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="When the telescope is back (UTC).")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take back what has not begun.")] = False,
    operator: Who = None,
    state: State = None,
) -> None:
    """Keep a span of a telescope's time free: its sky is given to others in time, and it is planned again after."""
    from coordinator.cli.instants import instant

    if cancel and (begin or end):
        raise Refused("--cancel takes all of it back", where="maintenance", mend="leave out --from and --to")
    if cancel:
        seq = _done(lambda link, who: link.cancel_maintenance(telescope, who, because), operator, state)
        typer.echo(f"{telescope}: maintenance taken back, entry {seq}")
        return
    if begin is None or end is None:
        raise Refused("has no begin or no end", where="maintenance", mend="give --from TIME --to TIME, or --cancel")
    start, stop = instant(begin, "--from"), instant(end, "--to")
    seq = _done(lambda link, who: link.maintain(telescope, start, stop, who, because), operator, state)
    typer.echo(f"{telescope}: maintenance from {start:%Y-%m-%dT%H:%M:%SZ} to {stop:%Y-%m-%dT%H:%M:%SZ}, entry {seq}")


def _done(act: Callable[..., int], operator: str | None, state: Path | None) -> int:
    from coordinator.operator_link import Operator, running_on

    folder = (state or default_state_dir()).expanduser().resolve()
    with Operator(running_on(folder)) as link:
        return act(link, operator or this_person())
