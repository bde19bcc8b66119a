"""Decisions by REST: durable, once, on what the person saw, and by whom who may."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.services.facts import fact_of

EVENT = "lvk:G298048"


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story) as client:
        yield client


def acted(office: Office) -> list[Any]:
    return [fact_of(s.entry) for s in office.story.journal.stored if s.entry.kind == "operator_acted"]


async def test_a_pause_is_in_the_journal_with_who_and_why_and_can_be_taken_back(
    office: Office, site: httpx.AsyncClient
) -> None:
    cora = office.token("cora")
    before = await shown(site, "telescopes", "tca", cora)
    answer = await decide(site, "telescopes/tca/pause", cora, expected_version=before["version"])
    assert answer.status_code == 200, answer.text
    said = answer.json()
    fact = fact_of(office.story.journal.stored[said["seq"] - 1].entry)
    assert (fact.action, fact.subject, fact.operator, fact.reason) == ("pause", "tca", "cora", "clouds come up")
    assert (await shown(site, "telescopes", "tca", cora))["state"] == "paused"
    back = await decide(site, said["undo"].removeprefix("/api/v1/"), cora, expected_version=said["version"])
    assert back.status_code == 200
    assert (await shown(site, "telescopes", "tca", cora))["state"] != "paused"


async def test_the_same_key_decides_once_and_another_body_under_it_is_refused(
    office: Office, site: httpx.AsyncClient
) -> None:
    cora, key = office.token("cora"), str(uuid.uuid4())
    version = (await shown(site, "telescopes", "tca", cora))["version"]
    answers = await asyncio.gather(
        *(decide(site, "telescopes/tca/pause", cora, key=key, expected_version=version) for _ in range(5))
    )
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["seq"] for a in answers}) == 1
    assert len(acted(office)) == 1
    other = await decide(site, "telescopes/tch/pause", cora, key=key, expected_version=version)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["instance"]
    assert len(acted(office)) == 1


async def test_two_people_at_once_the_second_is_told_what_changed(office: Office, site: httpx.AsyncClient) -> None:
    cora, ada = office.token("cora"), office.token("ada")
    seen = (await shown(site, "pointings", "pointing-002", cora))["version"]
    first, second = await asyncio.gather(
        decide(site, "pointings/pointing-002/revoke", cora, expected_version=seen),
        decide(site, "pointings/pointing-002/revoke", ada, expected_version=seen),
    )
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    stale = (first if first.status_code == 409 else second).json()
    assert "asked back" in stale["title"]
    assert seen in stale["title"]
    assert len(acted(office)) == 1


@pytest.mark.parametrize(
    ("who", "path", "event", "status"),
    [
        ("vera", "telescopes/tca/pause", None, 403),
        ("vera", "candidates/cand-1/comment", EVENT, 403),
        ("otto", "telescopes/tca/pause", None, 200),
        ("otto", "telescopes/tch/pause", None, 403),
        ("otto", "pointings/pointing-002/revoke", None, 200),
        ("otto", "events/lvk:G298048/stop", None, 403),
        ("otto", "candidates/cand-1/reject", EVENT, 403),
        ("otto", "candidates/cand-1/comment", EVENT, 200),
        ("cora", "events/lvk:G298048/stop", None, 200),
        ("cora", "events/lvk:G298048/go", None, 200),
        ("cora", "telescopes/tch/veto-event", EVENT, 200),
        ("cora", "telescopes/tch/veto-night", None, 200),
        ("cora", "candidates/cand-1/counterpart", EVENT, 200),
    ],
)
async def test_who_may_do_what(
    office: Office, site: httpx.AsyncClient, who: str, path: str, event: str | None, status: int
) -> None:
    headers = office.token(who)
    kind, id, _ = path.split("/")
    version = (await shown(site, kind, id, headers, len(office.story.journal.stored)))["version"]
    more = {} if event is None else {"event": event}
    answer = await decide(site, path, headers, expected_version=version, **more)
    assert answer.status_code == status, answer.text
    assert len(acted(office)) == (status == 200)


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"reason": " "}, 400, "reason"),
        ({"reason": "x" * 501}, 400, "reason"),
        ({"expected_version": None}, 400, "expected_version"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
async def test_what_is_left_out_or_cannot_be_is_named(
    office: Office, site: httpx.AsyncClient, change: dict[str, Any], status: int, says: str
) -> None:
    body = {"reason": "clouds", "expected_version": "free"} | change
    headers = office.token("cora") | {"Idempotency-Key": str(uuid.uuid4())}
    answer = await site.post("/api/v1/telescopes/tca/pause", headers=headers, json=body)
    assert answer.status_code == status
    assert says in answer.text
    assert not acted(office)


@pytest.mark.parametrize("path", ["telescopes/nowhere/pause", "telescopes/tca/explode", "pointings/none/revoke"])
async def test_what_is_not_there_is_said_to_be_missing(office: Office, site: httpx.AsyncClient, path: str) -> None:
    answer = await decide(site, path, office.token("cora"), expected_version="free")
    assert answer.status_code == 404
    assert answer.json()["mend"]


async def test_a_decision_needs_a_key_of_its_own(office: Office, site: httpx.AsyncClient) -> None:
    body = {"reason": "clouds", "expected_version": "free"}
    for headers in ({}, {"Idempotency-Key": "1"}):
        answer = await site.post("/api/v1/telescopes/tca/pause", headers=office.token("cora") | headers, json=body)
        assert answer.status_code == 400
        assert "idempotency-key" in answer.text.lower()


async def test_a_body_larger_than_any_decision_is_not_read(office: Office, site: httpx.AsyncClient) -> None:
    answer = await decide(site, "telescopes/tca/pause", office.token("cora"), expected_version="x" * 100_000)
    assert answer.status_code == 400
    assert not acted(office)


@pytest.mark.parametrize(
    ("start", "says"), [("0001-01-01T00:00+14:00", "is no instant"), ("tonight", "is no instant"), ("", "is left out")]
)
async def test_an_instant_that_is_none_is_named(office: Office, site: httpx.AsyncClient, start: str, says: str) -> None:
    answer = await decide(
        site, "telescopes/tca/maintenance", office.token("cora"), expected_version="free", start=start, end="2030-01-01"
    )
    assert answer.status_code == 400
    assert answer.json()["instance"] == "start"
    assert says in answer.json()["title"]


async def test_nobody_decides_faster_than_hands_can(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    answers = [
        await decide(site, "candidates/cand-1/comment", cora, expected_version="not marked", event=EVENT)
        for _ in range(22)
    ]
    assert [a.status_code for a in answers] == [200] * 20 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    office.later(hours=0.01)
    again = await decide(site, "candidates/cand-1/comment", cora, expected_version="not marked", event=EVENT)
    assert again.status_code == 200
