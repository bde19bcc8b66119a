"""`armillary agent status|veto|pause|resume|approve`: a person's word at the site, whether the agent runs or not."""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.cli.agent_process import default_state
from coordinator.cli.output import write_json
from telescopes.agent.control import NoAgent, ask
from telescopes.agent.people import Act, Wishes, Word
from telescopes.agent.site_desk import remember, wishes_document
from telescopes.agent.store import Store
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import Refused
from telescopes.description.site_file import read_site_file
from telescopes.description.telescope import Telescope

KEPT_FOR_LATER = frozenset({Act.PAUSE, Act.RESUME, Act.VETO_EVENT, Act.VETO_NIGHT, Act.ALLOW_EVENT, Act.VETO_POINTING})
STATE_FILE = "agent.sqlite"


def say(config: Path, state: Path | None, word: Word) -> None:
    """Hand a word to the agent; where none runs, write it down so that the next one obeys from its start."""
    telescope = read_site_file(config)
    folder = _folder(telescope, state)
    try:
        typer.echo(f"{telescope.id}: {ask(folder, word).said}")
    except NoAgent:
        if word.act not in KEPT_FOR_LATER:
            raise
        _write_down(telescope, folder, word)
        typer.echo(f"{telescope.id}: no agent runs on {folder}; written down, the next one obeys from its start")


def show(config: Path, state: Path | None, json: str | None) -> None:
    """Show how the agent and its pointings stand; without an agent, what is written down for the next one."""
    telescope = read_site_file(config)
    folder = _folder(telescope, state)
    try:
        document = ask(folder).status or {}
    except NoAgent:
        known = _wishes(telescope, folder)
        document = {"telescope": telescope.id, "running": None, "agent": "none", **wishes_document(known)}
        _print(document, json)
        raise
    _print({"agent": "runs", **document}, json)


def _folder(telescope: Telescope, state: Path | None) -> Path:
    return (state or default_state(telescope)).expanduser().resolve()


def _write_down(telescope: Telescope, folder: Path, word: Word) -> None:
    store = Store(folder / STATE_FILE, telescope.id)
    try:
        known, utc = store.known_sky(), SystemSkyClock().now()
        now = utc if known is None else known.at(utc)
        if word.act is Act.VETO_POINTING:
            _require_known(store, word.subject)
        remember(store, store.wishes(), word, now, telescope.site.longitude_deg)
    finally:
        store.close()


def _require_known(store: Store, pointing_id: str) -> None:
    held = store.find(pointing_id)
    if held is None:
        raise Refused("was never offered here", where=pointing_id, mend="see `armillary agent status`")
    if not held.is_open:
        raise Refused(f"is {held.state} already", where=pointing_id, mend="nothing to do")


def _wishes(telescope: Telescope, folder: Path) -> Wishes:
    if not (folder / STATE_FILE).exists():
        return Wishes()
    store = Store(folder / STATE_FILE, telescope.id)
    try:
        return store.wishes()
    finally:
        store.close()


def _print(document: dict[str, Any], json: str | None) -> None:
    if json is not None:
        write_json(document, json)
        return
    console = Console()
    for key in ("telescope", "sky_time", "link", "safe", "blocking", "running", "unsent_reports"):
        if key in document:
            value = document[key]
            said = ", ".join(value) if isinstance(value, list) else value
            console.print(Text(f"{key.replace('_', ' ')}: {'none' if said in (None, '') else said}"))
    for key in ("paused", "night_vetoed"):
        closed = document[key]
        if closed is not None:
            until = closed["until"] or "somebody resumes it"
            console.print(Text(f"{key.replace('_', ' ')} until {until}: {closed['because']}"))
    for event, because in document["events_vetoed"].items():
        console.print(Text(f"event vetoed: {event}: {because}"))
    _print_pointings(console, document.get("pointings", []))


def _print_pointings(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(title="pointings", title_justify="left")
    for column in ("id", "event", "state", "start", "priority"):
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(str(row[c])) for c in ("id", "event", "state", "start", "priority")))
    if rows:
        console.print(table)
    for row in rows:
        if row["answer_within_s"] is not None:
            left_s = row["answer_within_s"]
            console.print(Text(f"{row['id']} wants a yes within {left_s:.0f} s: armillary agent approve {row['id']}"))
