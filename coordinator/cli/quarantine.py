"""Reading the quarantine again: of a running observatory, or of the state folder of one that does not run."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.operator_link import Running
    from coordinator.services.quarantined import ReadAgain

SOURCE = "ingest"


def retry(folder: Path) -> None:
    """Read every message in quarantine again, a line each.

    Raises
    ------
    Refused
        There is no observatory on this state folder, running or not.
    """
    count = left = 0
    for file, outcome, event_key, reason in _read(folder):
        count, left = count + 1, left + (outcome == "rejected")
        word = "still rejected" if outcome == "rejected" else outcome
        print(f"{file}: {', '.join(filter(None, [word, event_key, reason]))}")
    print(f"{count} read again, {left} left in quarantine")


def _read(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    from coordinator.operator_link import running_on

    try:
        running = running_on(folder)
    except Refused:
        if not (folder / "journal.sqlite").exists():
            raise
        for one in asyncio.run(_read_folder(folder)):
            yield one.file, one.outcome, one.event_key, one.reason
        return
    yield from _ask(running)


def _ask(running: "Running") -> Iterator[tuple[str, str, str, str]]:
    """Let a running observatory do it, page by page."""
    from coordinator.operator_link import Operator

    after = ""
    with Operator(running) as operator:
        while True:
            page = operator.retry_quarantine(after)
            for one in page.messages:
                yield one.file, one.outcome, one.event_key, one.reason
            after = page.next
            if not after:
                return


async def _read_folder(folder: Path) -> "list[ReadAgain]":
    """Do it here, with the state folder locked so that nobody starts on it meanwhile."""
    from coordinator import factory
    from coordinator.actors.names import source
    from coordinator.actors.observatory import give_back, take_state_folder
    from coordinator.config_file import read_settings
    from coordinator.services.quarantine import read_again
    from coordinator.store.journal import SqliteJournal

    settings = read_settings(None, state=folder)
    lock = take_state_folder(settings, patience_s=0.0)
    journal = SqliteJournal(settings.journal_file, factory.utc_now)
    try:
        clock = factory.sky_clock()
        await clock.catch_up(journal)
        intake = await factory.intake(settings, journal, clock, source(SOURCE))
        read: list[ReadAgain] = []
        after = ""
        while True:
            page = await read_again(intake, after)
            read += page.messages
            after = page.next
            if not after:
                return read
    finally:
        await journal.close()
        give_back(settings, lock)
