"""`armillary approve`, `armillary dismiss`: a person's word about an event goes before every rule."""

from pathlib import Path
from typing import Annotated

import typer

from coordinator.cli.person import this_person
from coordinator.settings import default_state_dir

Event = Annotated[str, typer.Argument(metavar="EVENT", help="Event key, such as lvk:S190814bv; see armillary status.")]
Approved = Annotated[
    str, typer.Argument(metavar="EVENT|POINTING|VISIT", help="Event key, or a pointing or follow-up that wants a yes.")
]
FOLLOW_UP = "follow-up:"
Reason = Annotated[str, typer.Option("--reason", "--because", help="Why; it is kept with the decision.")]
Who = Annotated[str | None, typer.Option("--operator", help="Who decides; left out: the user of this machine.")]
State = Annotated[Path | None, typer.Option(metavar="DIR", help="State folder of the running observatory.")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("approve")(approve)
    app.command("dismiss")(dismiss)


def approve(event: Approved, reason: Reason, operator: Who = None, state: State = None) -> None:
    """Let an event be searched, whatever the rules say; a test still reaches only telescopes that accept tests.

    Or say yes to a pointing: enough where its site's file allows that (policy.coordinator_may_approve). Or to a look at
    a candidate that waits for one, such as follow-up:1f2e3d4c5b6a:r:1 ([follow_up] policy = "ask").
    """
    if ":" in event and not event.startswith(FOLLOW_UP):
        _decide(event, True, reason, operator, state)
    else:
        _approve_pointing(event, reason, operator, state)


def dismiss(event: Event, reason: Reason, operator: Who = None, state: State = None) -> None:
    """End the search of an event, whatever the rules say; what runs comes to its end."""
    _decide(event, False, reason, operator, state)


def _decide(event: str, approve: bool, reason: str, operator: str | None, state: Path | None) -> None:
    from coordinator.operator_link import Operator, running_on
    from telescopes.description.event_key import require_event_key

    require_event_key(event, "EVENT")
    folder = (state or default_state_dir()).expanduser().resolve()
    with Operator(running_on(folder)) as link:
        seq = link.decide(event, approve=approve, operator=operator or this_person(), reason=reason)
    typer.echo(f"{event}: {'approved' if approve else 'dismissed'}, entry {seq}")


def _approve_pointing(pointing: str, reason: str, operator: str | None, state: Path | None) -> None:
    from coordinator.operator_link import Operator, running_on

    folder = (state or default_state_dir()).expanduser().resolve()
    with Operator(running_on(folder)) as link:
        seq = link.approve_pointing(pointing, operator or this_person(), reason)
    typer.echo(f"{pointing}: approved, entry {seq}")
