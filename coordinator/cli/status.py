"""`armillary status`: the whole system at a glance."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.cli.output import write_json
from coordinator.settings import default_state_dir


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    state: Annotated[Path | None, typer.Option(help="State folder of the running observatory.")] = None,
    json: Annotated[
        str | None, typer.Option(help="Write armillary.status/1 to a file, or - for standard output.")
    ] = None,
) -> None:
    """Show what the running observatory is doing."""
    from coordinator.operator_link import Operator, running_on

    folder = (state or default_state_dir()).expanduser().resolve()
    with Operator(running_on(folder)) as operator:
        document = operator.status()
    if json is not None:
        write_json(document, json)
    else:
        show(document)


def show(document: dict[str, Any]) -> None:
    """Print the status as tables."""
    console = Console()
    console.print(Text(f"state {document['state_dir']}   seq {document['seq']}   hash {document['state_hash'][:16]}"))
    console.print(Text(f"gateway {document['gateway']}   dashboard {document['dashboard_url'] or 'off'}"))
    console.print(
        _table(
            document["events"],
            (
                "key",
                "revision",
                "phase",
                "retracted",
                "action",
                "rule",
                "open_pointings",
                "probability_planned",
                "probability_observed",
                "candidates",
                "leads",
            ),
            "events",
        )
    )
    for row in document["events"]:
        if row.get("action") == "ask":
            console.print(Text(f"{row['key']} waits for a person: {row['because']}; armillary approve {row['key']}"))
    console.print(
        _table(
            document["telescopes"],
            ("id", "state", "because", "open_pointings", "lease_left_s", "clock_offset_s"),
            "telescopes",
        )
    )
    console.print(_table(document["streams"], ("id", "state", "because", "last_message_age_s"), "streams"))
    for row in document["streams"]:
        dropped = row.get("dropped") or {}
        if dropped:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(dropped.items()))
            console.print(Text(f"{row['id']} dropped {sum(dropped.values()):,}: {reasons}"))
    kept = document.get("quarantined", {"count": 0, "newest": []})
    if kept["count"]:
        title = f"quarantined: {kept['count']}, the newest first"
        console.print(_table(kept["newest"], ("file", "reason"), title))


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...], title: str) -> Table:
    """Lay rows out; foreign words are shown as they are, never taken for markup."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
