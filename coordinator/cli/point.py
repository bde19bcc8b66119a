"""`armillary point`, `armillary withdraw`: ask one telescope for a place by hand, and take that back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coordinator.cli.person import this_person
from coordinator.settings import default_state_dir
from telescopes.description.errors import Refused
from telescopes.description.event_key import require_event_key

if TYPE_CHECKING:
    from coordinator.operator_link import Operator

Telescope = Annotated[str, typer.Argument(metavar="TELESCOPE", help="Its id; see armillary status.")]
Event = Annotated[str, typer.Argument(metavar="EVENT", help="Event key, such as lvk:S190814bv; it must be searched.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What `armillary point` called it: hand-…")]
Place = Annotated[str | None, typer.Option("--at", metavar="RA,DEC", help="The place, ICRS degrees.")]
Candidate = Annotated[str | None, typer.Option(help="One of the event's best candidates, instead of a place.")]
Because = Annotated[str, typer.Option("--because", "--reason", help="Why; it is kept with the decision.")]
Who = Annotated[str | None, typer.Option("--operator", help="Who decides; left out: the user of this machine.")]
State = Annotated[Path | None, typer.Option(metavar="DIR", help="State folder of the running observatory.")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("point")(point)
    app.command("withdraw")(withdraw)


def point(
    telescope: Telescope,
    event: Event,
    because: Because,
    at: Place = None,
    candidate: Candidate = None,
    filter: Annotated[str | None, typer.Option(help="Left out: the site's own.")] = None,
    exposure: Annotated[float | None, typer.Option(metavar="S", help="One exposure; left out: the site's own.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Exposures; left out: the site's own.")] = None,
    begin: Annotated[str | None, typer.Option("--from", metavar="TIME", help="At the soonest (UTC); else now.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Ended by (UTC); else a day later.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also where its sky is somebody's already.")] = False,
    operator: Who = None,
    state: State = None,
) -> None:
    """Ask one telescope to look at a place, before its searches; what cannot be done is refused with why."""
    from coordinator.cli.instants import instant

    require_event_key(event, "EVENT")
    said = {
        "candidate_id": candidate,
        "filter": filter,
        "exposure_s": exposure,
        "count": count,
        "start_time": None if begin is None else instant(begin, "--from"),
        "end_time": None if end is None else instant(end, "--to"),
        "anyway": anyway or None,
        **_place(at),
    }
    what = {name: value for name, value in said.items() if value is not None}
    with _link(state) as link:
        seq, name = link.ask_pointing(telescope, event, operator or this_person(), because, **what)
    typer.echo(f"{telescope}: asked for {name}, entry {seq}")


def withdraw(telescope: Telescope, name: Name, because: Because, operator: Who = None, state: State = None) -> None:
    """Withdraw a pointing that was asked for by hand; what has not begun is asked back."""
    with _link(state) as link:
        seq = link.withdraw_pointing(telescope, name, operator or this_person(), because)
    typer.echo(f"{telescope}: {name} withdrawn, entry {seq}")


def _place(at: str | None) -> dict[str, float]:
    if at is None:
        return {}
    try:
        ra_deg, dec_deg = (float(part) for part in at.split(","))
    except ValueError:
        raise Refused(
            f"{at!r} is no place", where="--at", mend="give RA,DEC in degrees, such as 197.45,-23.38"
        ) from None
    return {"ra_deg": ra_deg, "dec_deg": dec_deg}


def _link(state: Path | None) -> "Operator":
    from coordinator.operator_link import Operator, running_on

    return Operator(running_on((state or default_state_dir()).expanduser().resolve()))
