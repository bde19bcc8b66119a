"""The system as its page tells of it, over real processes: who lives, how streams are, what lies on disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.notices import a_map, a_notice
from builders.running import Running, poll

pytestmark = [pytest.mark.e2e, pytest.mark.ray, pytest.mark.long]
NAME = "S260320sy"
EVENT = f"lvk:{NAME}"


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Running]:
    """An observatory with a dashboard and without agents."""
    made = Running.staged(tmp_path, dashboard=True)
    try:
        made.up()
        yield made
    finally:
        made.close()
    poll("nothing that was started runs", lambda: not made.left())


def told(night: Running) -> dict[str, Any] | None:
    """What REST says of the system; None: not yet, or not all actors are up."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{night.stage.dashboard_port}/api/v1/system", timeout=60.0)
    except httpx.HTTPError:
        return None
    if answer.status_code != 200:
        return None
    document: dict[str, Any] = answer.json()
    actors = document["actors"] or [{"state": "unknown"}]
    return document if {a["state"] for a in actors} == {"alive"} else None


@pytest.mark.timeout(600)
def test_actors_streams_and_delays_are_those_of_the_processes(night: Running) -> None:
    poll("all actors live", lambda: told(night))
    seq = night.hand_in("preliminary.json", a_notice(NAME, "PRELIMINARY", 0, a_map(2)))
    night.first(seq, "event_decided", event=EVENT)

    def decided() -> dict[str, Any] | None:
        document = told(night)
        events = document["delays"]["events"] if document else []
        return document if events and events[0]["decided_s"] is not None else None

    document = poll("the delay of the decision is shown", decided)
    status = night.status()
    poll(
        "both say the same",
        lambda: (d := told(night)) and {a["name"]: a["pid"] for a in d["actors"]} == night.status()["pids"],
    )
    assert {s["id"] for s in document["streams"]} == {s["id"] for s in status["streams"]}
    for stream in document["streams"]:
        assert stream["state"] == "watching"
        assert stream["configured"] is True
    assert [d["event"] for d in document["delays"]["events"]] == [EVENT]
    assert document["delays"]["events"][0]["decided_s"] >= 0.0
    assert document["journal"]["id"] == status["journal_id"]
    assert document["journal"]["kind"] == "SQLite file"
    assert document["journal"]["journal_bytes"] > 0
