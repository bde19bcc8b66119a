"""Every recorded sequence of notices: each step's state, and one final state for every order of arrival."""

import asyncio
import json
import random
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coordinator.alerts.alert import Alert
from coordinator.alerts.message import Alerts
from coordinator.events.event import Event
from coordinator.events.fold import EventBook, event_hash
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.services.map_summary import summarise_map
from coordinator.sources.sidecar import read_headers_beside

pytestmark = pytest.mark.realdata

ORDERS = 50
SAME = ("phase", "stage", "revision", "retracted", "purpose")
OF_THE_PLACE = ("kind", "url", "skymap_sha256", "ra_deg", "dec_deg", "radius_deg")
AS_GOOD = {"point": ("none",), "none": ("multiorder",)}
"""A position without an error is no localization in the list; a map without a sha256 there is only a stand-in text."""

SEQUENCES = 35
TWINS_THAT_ARE_TESTS = {
    "superk-real": "gcn_json/superk.sn_alert.test.json",
    "snews-1000194-observation": "voevent_snews/SNEWS_1000194_test.xml",
}


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


@cache
def alerts_of(path: Path) -> tuple[Alert, ...]:
    """What a file says; nothing: no reader reads it."""
    delivery = Delivery(path.read_bytes(), path.name, "test", headers=read_headers_beside(path))
    meaning = asyncio.run(assess(delivery, read_map))
    return meaning.alerts if isinstance(meaning, Alerts) else ()


@pytest.fixture(scope="session")
def sequences(shared_data: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared_data / "alerts" / "sequences.json").read_text())["sequences"]
    return found


@pytest.fixture(params=range(SEQUENCES))
def sequence(request: pytest.FixtureRequest, sequences: list[dict[str, Any]], shared_data: Path) -> dict[str, Any]:
    found = sequences[request.param]
    unread = [step["file"] for step in found["steps"] if not alerts_of(shared_data / "alerts" / step["file"])]
    assert not unread, f"{found['id']}: read by no reader"
    return found


def book_of(alerts: list[Alert]) -> EventBook:
    book = EventBook()
    for alert in alerts:
        book.add(alert)
    return book


def test_there_are_as_many_sequences_as_are_tried(sequences: list[dict[str, Any]]) -> None:
    assert len(sequences) == SEQUENCES


def test_a_sequence_leads_through_the_states_of_its_list(sequence: dict[str, Any], shared_data: Path) -> None:
    book, wrong = EventBook(), {}
    for step in sequence["steps"]:
        for alert in alerts_of(shared_data / "alerts" / step["file"]):
            book.add(alert)
        event = book.events.get(sequence["event"])
        assert event is not None, f"{sequence['event']} is not among {sorted(book.events)}"
        found = [*differences(event, step["after"], sequence)]
        wrong |= {step["file"]: found} if found else {}
    assert not wrong, json.dumps(wrong, indent=1)


def differences(event: Event, after: dict[str, Any], sequence: dict[str, Any]) -> Iterator[str]:
    yield from (
        f"{k}: {getattr(event, k)} not {after[k]}" for k in SAME if k in after and getattr(event, k) != after[k]
    )
    said = dict(after.get("localization") or {})
    if said.get("kind") in AS_GOOD.get(event.localization.kind, ()) and (said.get("skymap_sha256") is None):
        del said["kind"]
    for key in OF_THE_PLACE:
        value = said.get(key)
        found = getattr(event.localization, key)
        if value is not None and found != (pytest.approx(value, abs=1e-4) if isinstance(value, float) else value):
            yield f"{key}: {found} not {value}"
    t0 = after.get("t0")
    if t0 and event.t0 != datetime.fromisoformat(t0):
        yield f"t0: {event.t0} not {t0}"
    if after.get("external_coincidence") and event.external_coincidence is None:
        yield "the external coincidence is lost"


def test_every_order_of_arrival_ends_in_the_same_state(sequence: dict[str, Any], shared_data: Path) -> None:
    alerts = [a for step in sequence["steps"] for a in alerts_of(shared_data / "alerts" / step["file"])]
    chance = random.Random(sequence["id"])
    arrivals = [alerts, alerts[::-1]]
    for _ in range(ORDERS):
        repeated = alerts + chance.choices(alerts, k=chance.randint(1, len(alerts)))
        chance.shuffle(repeated)
        arrivals.append(repeated)
    books = [book_of(arrival) for arrival in arrivals]
    assert len({event_hash(book) for book in books}) == 1
    assert all(book.events == books[0].events for book in books)


@pytest.mark.parametrize("named", TWINS_THAT_ARE_TESTS)
def test_a_test_with_the_id_of_a_real_event_changes_nothing(
    named: str, sequences: list[dict[str, Any]], shared_data: Path
) -> None:
    sequence = next(entry for entry in sequences if entry["id"] == named)
    files = [*(step["file"] for step in sequence["steps"]), TWINS_THAT_ARE_TESTS[named]]
    *real, tests = [alerts_of(shared_data / "alerts" / file) for file in files]
    alerts = [alert for said in real for alert in said]
    if not alerts or not tests:
        pytest.skip(f"{named}: no reader reads {', '.join(files)} yet")
    alone = book_of(alerts).events[sequence["event"]]
    for arrival in ([*alerts, *tests], [*tests, *alerts]):
        assert book_of(arrival).events[sequence["event"]] == alone
