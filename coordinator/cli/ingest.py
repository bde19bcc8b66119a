"""`armillary ingest`: read alerts of any known format, say what they mean, hand them to the running observatory."""

import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.cli.output import write_json
from coordinator.settings import default_state_dir
from telescopes.description.errors import Refused, RetryLater

PATIENCE_S = 60.0
"""Link time for which a part of the observatory that restarts is waited for."""

if TYPE_CHECKING:
    from armillary.operator.v1 import operator_pb2 as pb

    from coordinator.alerts.avro_schema import Schema
    from coordinator.alerts.message import Understood
    from coordinator.alerts.persons_word import PersonsWord
    from coordinator.operator_link import Operator, Submission
    from coordinator.services.assess import Delivery


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def ingest(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Alerts or FITS sky maps.")] = None,
    purpose: Annotated[
        str | None,
        typer.Option(help="What for, where they don't say: observation, test, mock, injection."),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The event of a bare sky map: S190814bv, GRB 260101A, or its key."),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write what they mean as JSON; - is standard output.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what they mean.")] = False,
    state: Annotated[Path | None, typer.Option(metavar="DIR", help="State folder of the running observatory.")] = None,
    schemas: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Folder of Avro schemas (.avsc), for messages that name theirs by its id."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Config file whose rules decide; left out: the default rules.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="ISO", help="When the rules are asked (UTC); left out: now.")
    ] = None,
    retry_quarantine: Annotated[
        bool, typer.Option("--retry-quarantine", help="Read everything in quarantine again; no files are given.")
    ] = False,
) -> None:
    """Read alerts of any known format and hand them to the running observatory.

    Ends with status 1 if a file was rejected.
    """
    from coordinator.alerts.persons_word import persons_word
    from coordinator.cli.quarantine import retry

    folder = (state or default_state_dir()).expanduser().resolve()
    if retry_quarantine:
        _require(not files, "FILE and --retry-quarantine exclude each other", "give one of them")
        retry(folder)
        return
    _require(bool(files), "there is nothing to read", "give files, or --retry-quarantine")
    word = persons_word(purpose, _event_key(event, folder, running=not dry_run))
    deliveries = [(str(path), _delivery(path, word)) for path in _no_folders(files or [])]
    rejected = False
    if dry_run or json_file:
        meanings = asyncio.run(_assess(deliveries, schemas or []))
        rejected = _say(meanings, _decisions(meanings, config, at), json_file)
    if not dry_run:
        submissions = [_submission(delivery) for _, delivery in deliveries]
        rejected = _submit(submissions, folder, quiet=json_file == "-") or rejected
    if rejected:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Known:
    """An event of the running observatory, as far as its name goes."""

    key: str
    name: str
    t0: datetime | None


def _event_key(event: str | None, state: Path, *, running: bool) -> str | None:
    """Return the key of the event that a person names: what it holds in itself, else what the observatory knows."""
    from coordinator.events.names import key_in, key_named

    if not event:
        return None
    return key_in(event) or key_named(event, _known_events(state) if running else ())


def _known_events(state: Path) -> list[_Known]:
    from coordinator.operator_link import Operator, running_on

    with Operator(running_on(state)) as operator:
        rows = operator.status()["events"]
    times = (None if row["t0"] is None else datetime.fromisoformat(row["t0"]) for row in rows)
    return [_Known(row["key"], row["name"], t0) for row, t0 in zip(rows, times, strict=True)]


def _require(fact: bool, what: str, mend: str) -> None:
    if not fact:
        raise Refused(what, where="armillary ingest", mend=mend)


def _no_folders(paths: list[Path]) -> list[Path]:
    """Pass over folders, which a shell's pattern brings along, and say so."""
    folders = [path for path in paths if path.is_dir()]
    _require(len(folders) < len(paths), "only folders are given", "give their files: FOLDER/*")
    for folder in folders:
        typer.echo(f"passed over, for it is a folder: {folder}; its files are {folder}/*", err=True)
    return [path for path in paths if path not in folders]


def _delivery(path: Path, word: "PersonsWord") -> "Delivery":
    """Read a file, with the headers that lie beside a recorded message."""
    from coordinator.services.assess import Delivery
    from coordinator.sources.sidecar import read_headers_beside

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(path), mend="give a readable file") from error
    return Delivery(raw, path.name, "ingest", headers=read_headers_beside(path), word=word)


async def _assess(deliveries: "list[tuple[str, Delivery]]", folders: list[Path]) -> "list[tuple[str, Understood]]":
    from coordinator.services.assess import assess
    from coordinator.sources.map_thread import read_map_in_thread

    schemas = _schemas(deliveries, folders)
    return [(file, await assess(delivery, read_map_in_thread, schemas)) for file, delivery in deliveries]


def _schemas(deliveries: "list[tuple[str, Delivery]]", folders: list[Path]) -> "dict[int, Schema]":
    """Read the schemas of the given folders, and of those whose schemas are among the files."""
    from coordinator.sources.schema_folder import SUFFIX, schemas_in

    found: dict[int, Schema] = {}
    for folder in sorted({Path(file).parent for file, _ in deliveries if file.endswith(SUFFIX)}):
        # Such a file is read as a message, too: there is said what is wrong with it.
        with contextlib.suppress(Refused):
            found |= schemas_in(folder)
    for folder in folders:
        found |= schemas_in(folder)
    return found


def _decisions(meanings: "list[tuple[str, Understood]]", config: Path | None, at: str | None) -> list[dict[str, Any]]:
    """Say what the rules make of every event of these files, all its alerts together."""
    from coordinator.alerts.message import Alerts
    from coordinator.config_file import read_settings
    from coordinator.events.fold import EventBook
    from coordinator.events.rules import decide

    now, rules = _instant(at), read_settings(config).policy.all_rules()
    book = EventBook()
    for _, meaning in meanings:
        for alert in meaning.alerts if isinstance(meaning, Alerts) else ():
            book.add(alert)
    made = {key: decide(event, now, rules) for key, event in sorted(book.events.items())}
    return [
        {
            "event_key": key,
            "action": one.action.value,
            "rule": one.rule,
            "because": one.because,
            "visits": list(one.visits),
            "priority": one.priority,
        }
        for key, one in made.items()
    ]


def _instant(at: str | None) -> datetime:
    from coordinator.alerts.fields import instant

    found = datetime.now(UTC) if at is None else instant(at)
    if found is None:
        raise Refused(f"{at!r} is no time", where="--at", mend="give UTC, such as 2026-11-23T00:00:00Z")
    return found


def _say(meanings: "list[tuple[str, Understood]]", decisions: list[dict[str, Any]], json_file: str | None) -> bool:
    """Write the document or the table; say whether a file was rejected."""
    from coordinator.alerts.document import alerts_document

    document = alerts_document(meanings) | {"decisions": decisions}
    if json_file:
        write_json(document, json_file)
    else:
        console = Console()
        # Lines that go into a file are as long as they need be.
        console = console if console.is_terminal else Console(width=240)
        console.print(_table(document))
        for one in decisions:
            console.print(Text(f"{one['event_key']}: {one['action']} by rule {one['rule']!r}: {one['because']}"))
    return bool(document["rejected"])


def _table(document: dict[str, Any]) -> Table:
    table = Table("file", "outcome", "event", "phase", "purpose", "T0 (UTC)", "90 % area", "remark", box=None)
    for column in table.columns:
        column.overflow = "fold"
    for alert in document["alerts"]:
        where = alert["localization"]
        area, remarks = where["area90_deg2"], filter(None, [where["refused"], *where["warnings"]])
        phase = alert["phase"] or alert["stage"]
        known = [alert["event_key"], phase, alert["purpose"], (alert["t0"] or "unknown")[:19]]
        sky = "unknown" if area is None else f"{area:.4g} deg2"
        _add(table, alert["file"], "alert", *map(_shown, known), sky, "; ".join(remarks))
    for outcome in ("ignored", "rejected"):
        for entry in document[outcome]:
            _add(table, entry["file"], outcome, "", "", "", "", "", entry["reason"])
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row; foreign words are shown as they are, never taken for markup."""
    table.add_row(*map(Text, cells))


def _shown(value: object) -> str:
    return "unknown" if value is None else str(value)


def _submission(delivery: "Delivery") -> "Submission":
    """Prepare a file for the way: headers don't travel, so what they mark is handed over as its purpose."""
    from coordinator.alerts.alert import Purpose
    from coordinator.alerts.purpose import markers_of_headers, strictest_stated
    from coordinator.operator_link import Submission

    marked = markers_of_headers(delivery.headers or {})
    # A mark that nobody can read is taken for a test: the stricter way.
    purpose = strictest_stated([delivery.word.purpose, *(mark or Purpose.TEST for mark in marked)])
    return Submission(delivery.name, delivery.raw, purpose or "", delivery.word.event_key or "")


def _submit(submissions: "list[Submission]", state: Path, *, quiet: bool) -> bool:
    """Hand the files over in order, a line each; say whether one was rejected."""
    from coordinator.operator_link import Operator, running_on

    rejected = False
    with Operator(running_on(state)) as operator:
        for submission in submissions:
            outcome, line = _handed_over(operator, submission)
            rejected = rejected or outcome == "rejected"
            print(line, file=sys.stderr if quiet else sys.stdout)
    return rejected


def _handed_over(operator: "Operator", submission: "Submission") -> tuple[str, str]:
    """Hand one file over; say what became of it. One that is not taken keeps no other back."""
    from coordinator.operator_link import UNREACHABLE

    try:
        answer = _answer(operator, submission)
    except Refused as refusal:
        if refusal.reason == UNREACHABLE:
            raise
        return "rejected", str(refusal)
    parts = [answer.outcome, answer.event_key, f"entry {answer.seq}" if answer.seq else "", answer.reason]
    return answer.outcome, f"{submission.name}: {', '.join(filter(None, parts))}"


def _answer(operator: "Operator", submission: "Submission") -> "pb.SubmitAlertResponse":
    """Hand it over again while a part of the observatory restarts; a repeated file gets its first answer."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            return operator.submit(submission)
        except RetryLater as later:
            if time.monotonic() + later.after_s > give_up:
                raise
            time.sleep(later.after_s)
