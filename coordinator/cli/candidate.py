"""`armillary candidate`: a person's word about a candidate; the machine's odds stay beside it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coordinator.cli.person import this_person
from coordinator.settings import default_state_dir

if TYPE_CHECKING:
    from coordinator.operator_link import Operator


class Mark(StrEnum):
    """What a person may say that a candidate is; `withdrawn` takes back what was said before."""

    COUNTERPART = "counterpart"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


Event = Annotated[str, typer.Argument(metavar="EVENT", help="Event key, such as lvk:S190814bv; see armillary status.")]
Candidate = Annotated[str, typer.Argument(metavar="CANDIDATE", help="A name that the candidate has or had.")]
Said = Annotated[Mark, typer.Argument(metavar="MARK", help="counterpart, rejected, or withdrawn: take the mark back.")]
Remark = Annotated[str, typer.Argument(metavar="COMMENT", help="The remark; it is kept.")]
Reason = Annotated[str, typer.Option("--reason", "--because", help="Why; it is kept with the mark.")]
Who = Annotated[str | None, typer.Option("--operator", help="Who decides; left out: the user of this machine.")]
State = Annotated[Path | None, typer.Option(metavar="DIR", help="State folder of the running observatory.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    candidate = typer.Typer(help="A person's word about a candidate.", no_args_is_help=True)
    candidate.command("mark")(mark)
    candidate.command("comment")(comment)
    app.add_typer(candidate, name="candidate")


def mark(
    event: Event, candidate: Candidate, mark: Said, reason: Reason, operator: Who = None, state: State = None
) -> None:
    """Say that a candidate is the counterpart, or is not, whatever its odds; or take that back.

    Verdict and follow-up obey; the odds stay beside the mark, and go on being made.
    """
    with _link(event, state) as link:
        seq = link.mark(event, candidate, mark.value, operator or this_person(), reason)
    typer.echo(f"{event} {candidate}: {mark.value}, entry {seq}")


def comment(event: Event, candidate: Candidate, remark: Remark, operator: Who = None, state: State = None) -> None:
    """Put a remark beside a candidate; it decides nothing."""
    with _link(event, state) as link:
        seq = link.comment(event, candidate, operator or this_person(), remark)
    typer.echo(f"{event} {candidate}: commented, entry {seq}")


def _link(event: str, state: Path | None) -> "Operator":
    from coordinator.operator_link import Operator, running_on
    from telescopes.description.event_key import require_event_key

    require_event_key(event, "EVENT")
    return Operator(running_on((state or default_state_dir()).expanduser().resolve()))
