"""A pointing by hand at the REST door: taken once, on what the person saw, and taken back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.events.rules import Action, Decision

EVENT = "lvk:G298048"
PLACE = {"event": EVENT, "ra_deg": 120.0, "dec_deg": 30.0, "start": "2030-01-01T00:00Z", "end": "2030-01-02T00:00Z"}
ASK = "telescopes/tca/ask-pointing"


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    await story.tell("event_decided", Decision(Action.FOLLOW, "all", "bright", ("1",), 50), event=EVENT, subject=EVENT)
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story) as client:
        yield client


async def test_it_is_shown_with_who_and_why_and_can_be_taken_back(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    answer = await decide(site, ASK, cora, expected_version="free", reason="a galaxy there", **PLACE)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    mine = (await shown(site, "telescopes", "tca", cora))["asked_for"]
    assert [(a["id"], a["because"], a["filter"], a["count"]) for a in mine] == [
        (made["pointing"], "a galaxy there (cora)", "clear", 1)
    ]
    assert made["version"] == f"free, asked for 120.0000 +30.0000 in clear for {EVENT} ({made['pointing']})"
    undo = made["undo"].removeprefix("/api/v1/")
    back = await decide(site, undo, cora, expected_version=made["version"], pointing=made["pointing"])
    assert back.status_code == 200, back.text
    assert back.json()["version"] == "free"


async def test_of_two_at_once_the_second_is_told_and_a_repetition_is_not(
    office: Office, site: httpx.AsyncClient
) -> None:
    cora, ada, key = office.token("cora"), office.token("ada"), str(uuid.uuid4())
    first, second = await asyncio.gather(
        decide(site, ASK, cora, key=key, expected_version="free", **PLACE),
        decide(site, ASK, ada, expected_version="free", **PLACE | {"dec_deg": 31.0}),
    )
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    if first.status_code == 200:
        again = await decide(site, ASK, cora, key=key, expected_version="free", **PLACE)
        assert again.json()["seq"] == first.json()["seq"]


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"dec_deg": -80.0}, "never within limits while dark"),
    ({"filter": "z"}, "has no filter"),
    ({"candidate": "nobody", "ra_deg": None, "dec_deg": None}, "no place that is known"),
    ({"candidate": "cand-2", "ra_deg": None}, "half a place"),
    ({"ra_deg": None, "dec_deg": None}, "has no place"),
    ({"ra_deg": "north"}, "ra_deg"),
    ({"event": "lvk:none"}, "is not searched"),
)


async def test_what_cannot_be_done_is_refused_with_why(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    for said, because in IMPOSSIBLE:
        words = {k: v for k, v in (PLACE | {"start": None, "end": None} | said).items() if v is not None}
        answer = await decide(site, ASK, cora, expected_version="free", **words)
        problem = answer.json()
        assert answer.status_code == 400, answer.text
        assert because in problem["title"], answer.text
    assert not [s for s in office.story.journal.stored if s.entry.kind == "operator_acted"]


async def test_an_operator_asks_their_own_telescope_alone(office: Office, site: httpx.AsyncClient) -> None:
    otto = office.token("otto")
    other = await decide(site, "telescopes/tch/ask-pointing", otto, expected_version="free", **PLACE)
    assert other.status_code == 403
    assert (await decide(site, ASK, otto, expected_version="free", **PLACE)).status_code == 200


async def test_a_candidate_is_a_place(office: Office, site: httpx.AsyncClient) -> None:
    words = {"event": EVENT, "candidate": "cand-2", "start": "2030-02-01T00:00Z", "end": "2030-02-02T00:00Z"}
    answer = await decide(site, ASK, office.token("cora"), expected_version="free", **words)
    assert answer.status_code == 200, answer.text
    (one,) = (await shown(site, "telescopes", "tca", office.token("cora")))["asked_for"]
    assert (one["ra_deg"], one["dec_deg"], one["candidate"]) == (198.4, -23.4, "cand-2")
