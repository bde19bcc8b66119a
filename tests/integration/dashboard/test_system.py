"""The system: actors, every stream, database, delays and versions, each as somebody tells it, and unknown else."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from coordinator.dashboard.machine.known import Machine
from coordinator.events.rules import Action, Decision
from coordinator.services.journal import Stored
from coordinator.store.snapshots import FolderSnapshots
from coordinator.store.state_files import StateFiles, state_files
from telescopes.description.errors import RetryLater

EVENT = "lvk:G298048"
GCN = {"id": "gcn", "state": "watching", "because": None, "last_message_age_s": 60.0, "counts": {"alert": 2}}


def actor(name: str, state: str = "alive", because: str | None = None, says: Any = None) -> dict[str, Any]:
    """A row of the supervisor's."""
    pid, ago_s = (11, 0.5) if state == "alive" else (None, None)
    return {"name": name, "state": state, "pid": pid, "answered_ago_s": ago_s, "because": because, "says": says or {}}


async def supervised() -> list[dict[str, Any]]:
    return [actor("supervisor"), actor("source/gcn", says=GCN), actor("vetter", "failed", "no catalogue")]


async def away() -> list[dict[str, Any]]:
    raise RetryLater("is away", where="supervisor", mend="wait", after_s=1.0)


async def hangs() -> list[dict[str, Any]]:
    await asyncio.sleep(3600)
    return []


def at(story: Any, seq: int) -> Stored:
    stored: Stored = story.journal.stored[seq - 1]
    return stored


async def said(site: httpx.AsyncClient, story: Any) -> tuple[dict[str, Any], str]:
    """What REST and the page say as of the newest entry."""
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer, page = await site.get("/api/v1/system"), await site.get("/system")
            if answer.status_code == 200 and answer.json()["as_of"]["seq"] == head and f'"{head}"' in page.text:
                return answer.json(), page.text
            await asyncio.sleep(0.02)


def row(page: str, key: str) -> str:
    """One row of a table."""
    return page.split(f'data-key="{key}"')[1].split("<tr")[0].split("</tbody>")[0]


async def test_a_stream_that_never_failed_is_shown_with_its_last_entry(site: httpx.AsyncClient, story: Any) -> None:
    await story.alert(1)
    last = await story.alert(2)
    document, page = await said(site, story)
    (stream,) = document["streams"]
    recorded = at(story, last).recorded_at.isoformat().replace("+00:00", "Z")
    assert stream["last_entry"] == {"seq": last, "kind": "alert_received", "at": recorded}
    assert (stream["state"], stream["last_message_at"], stream["configured"]) == (None, None, None)
    assert f"entry {last}" in row(page, "gcn")
    assert "unknown" in row(page, "gcn")
    assert "Which streams are configured is not known here" in page


async def test_what_nobody_tells_is_unknown(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    document, page = await said(site, story)
    assert document["actors"] is None
    assert "without a supervisor" in document["actors_because"]
    assert (
        document["journal"]["kind"]
        is document["journal"]["journal_bytes"]
        is document["journal"]["snapshot_seq"]
        is None
    )
    assert "Which actors live is unknown" in page
    assert "<dt>snapshot</dt><dd>unknown" in page
    assert document["streams"] == []
    assert document["delays"]["events"] == []


async def test_a_silent_stream_is_what_the_journal_said_of_it(site: httpx.AsyncClient, story: Any) -> None:
    body = {"stream": "gcn", "state": "silent", "because": "no sign of life for 61 s"}
    await story.tell("stream_state_changed", body, "source/gcn")
    document, page = await said(site, story)
    (stream,) = document["streams"]
    assert (stream["state"], stream["state_by"], stream["because"]) == ("silent", "the journal", body["because"])
    assert stream["last_entry"] is None, "that it is silent is no message of the stream's"
    assert body["because"] in row(page, "gcn")


async def test_actors_and_configured_streams_are_as_the_supervisor_says(serve_story: Any, story: Any) -> None:
    await story.alert(1, stream="hop")
    machine = Machine((("gcn", "kafka"), ("files", "folder")), supervised, lambda: StateFiles("SQLite file", 2**20, 7))
    async with serve_story(story, machine=machine) as address, httpx.AsyncClient(base_url=address) as site:
        document, page = await said(site, story)
    assert [(a["name"], a["state"]) for a in document["actors"]] == [
        ("supervisor", "alive"), ("source/gcn", "alive"), ("vetter", "failed")
    ]  # fmt: skip
    assert "no catalogue" in row(page, "vetter")
    streams = {s["id"]: s for s in document["streams"]}
    assert set(streams) == {"gcn", "files", "hop"}
    assert streams["gcn"]["state"] == "watching"
    assert streams["gcn"]["last_message_at"] == "2026-11-23T03:11:00Z", "a minute before now"
    assert streams["files"]["state"] is None, "its actor has not said"
    assert streams["hop"]["configured"] is False
    assert "not configured" in row(page, "hop")
    assert (
        document["journal"] | {"kind": "SQLite file", "journal_bytes": 2**20, "snapshot_seq": 7} == document["journal"]
    )
    assert "1.0 MiB" in page
    assert "of entry 7" in page


@pytest.mark.parametrize(("ask", "why"), [(away, "is away"), (hangs, "has not answered")])
async def test_a_supervisor_that_is_away_says_nothing_of_anybody(
    serve_story: Any, story: Any, ask: Any, why: str
) -> None:
    await story.event()
    machine = Machine((("gcn", "kafka"),), ask)
    async with (
        serve_story(story, machine=machine) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as site,
    ):
        document, page = await said(site, story)
    assert document["actors"] is None
    assert why in document["actors_because"]
    assert "Which actors live is unknown" in page
    assert document["streams"][0]["state"] is None


async def test_delays_are_the_differences_of_recording_times(site: httpx.AsyncClient, story: Any) -> None:
    alert = await story.alert(1)
    await story.event()
    decided = await story.tell("event_decided", Decision(Action.FOLLOW, "a", "b"), event=EVENT, subject=EVENT)
    await story.alert(2)
    await story.offer()
    offered = len(story.journal.stored)
    await story.offer()
    await story.alert(1, key="lvk:S2", stream="hop")
    document, page = await said(site, story)
    other, mine = document["delays"]["events"]
    since = at(story, alert).recorded_at
    assert mine["event"] == EVENT
    assert mine["decided_s"] == (at(story, decided).recorded_at - since).total_seconds() > 0
    assert mine["offered_s"] == (at(story, offered).recorded_at - since).total_seconds() > 0
    assert (other["event"], other["decided_s"], other["offered_s"]) == ("lvk:S2", None, None)
    assert f"{mine['offered_s']:.3f}" in row(page, EVENT)
    assert row(page, "lvk:S2").count("—") == 2


async def test_what_comes_while_it_is_followed_tells_how_fast(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    assert (await said(site, story))[0]["as_of"]["seq"] > 0
    seq = await story.event(revision=2)
    document, page = await said(site, story)
    took_s = (story.now - at(story, seq).recorded_at).total_seconds()
    assert document["delays"]["heard_s"] == took_s
    assert f"{took_s:.3f} s after it was recorded" in page


async def test_versions_are_those_of_this_process(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    document, page = await said(site, story)
    assert document["versions"]["numpy"] == np.__version__
    assert document["versions"]["sqlite"] == sqlite3.sqlite_version
    assert f"<dt>numpy</dt><dd>{np.__version__}" in page


def test_files_that_are_not_there_are_unknown_and_others_are_measured(tmp_path: Path) -> None:
    snapshots = FolderSnapshots(tmp_path / "snapshots")
    journal = tmp_path / "journal.sqlite"
    assert state_files(journal, snapshots) == StateFiles("SQLite file", None, None)
    journal.write_bytes(b"x" * 10)
    journal.with_name("journal.sqlite-wal").write_bytes(b"x" * 5)
    snapshots.keep(12, b"a")
    snapshots.keep(120, b"b")
    assert state_files(journal, snapshots) == StateFiles("SQLite file", 15, 120)
