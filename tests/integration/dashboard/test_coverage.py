"""What others have observed, at the REST door: taken once, by whom who may, and counted until it is withdrawn."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.events.rules import Action, Decision
from coordinator.services.coverage import CoverageKeeper

EVENT = "lvk:G298048"
POINTING = {
    "position": "POINT (197.4 -23.4)", "instrumentid": 7, "band": "r", "depth": 21.0, "depth_unit": "ab_mag",
    "time": "2017-08-17T23:30:00", "status": "completed", "pos_angle": 0.0,
}  # fmt: skip
SQUARE = {"instrumentid": 7, "footprint": "POLYGON ((-1 -1, 1 -1, 1 1, -1 1, -1 -1))"}
THEIRS = {"pointings": [POINTING, POINTING | {"status": "planned"}], "footprints": [SQUARE]}
BODY = {"event": EVENT, "reason": "told in a circular", "source": "a survey", "treasure_map": THEIRS}
MOC = {"event": EVENT, "reason": "told in a circular", "moc": "5/1000-1003", "time": "2017-08-17T23:30Z"}
FORGED = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    await story.tell("event_decided", Decision(Action.FOLLOW, "all", "bright", ("1",), 50), event=EVENT, subject=EVENT)
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story) as client:
        yield client


async def send(site: httpx.AsyncClient, headers: dict[str, str], body: Any, key: str | None = None) -> httpx.Response:
    once = {"Idempotency-Key": key or str(uuid.uuid4())}
    return await site.post("/api/v1/coverage", headers=headers | once, json=body)


def told(office: Office) -> list[Any]:
    return [s for s in office.story.journal.stored if s.entry.kind == "operator_acted"]


async def test_reports_are_journaled_once_read_by_plans_and_can_be_withdrawn(
    office: Office, site: httpx.AsyncClient
) -> None:
    cora, key = office.token("cora"), str(uuid.uuid4())
    answers = [await send(site, cora, BODY, key) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200], answers[0].text
    said = answers[0].json()
    assert (said["looks"], round(said["area_deg2"])) == (1, 4)
    assert any("planned: not counted" in note for note in said["notes"])
    assert len(told(office)) == 1
    listed = (await site.get(f"/api/v1/events/{EVENT}/others", headers=cora)).json()["items"]
    assert [(c["id"], c["source"], c["because"]) for c in listed] == [
        (said["coverage"], "a survey", "told in a circular (cora)")
    ]
    state = office.scheduler.state
    (look,) = await CoverageKeeper(office.story.blobs).looks_of([state.events[EVENT]], state)
    assert (look.visit, look.limit_mag_ab, look.filter, look.telescope) == ("1", 21.0, "r", "a survey")
    assert 3.9 < look.ranges.area_deg2 < 4.1
    version = (await shown(site, "events", EVENT, cora))["version"]
    undo = said["undo"].removeprefix("/api/v1/")
    back = await decide(site, undo, cora, expected_version=version, coverage=said["coverage"])
    assert back.status_code == 200, back.text
    assert (await site.get(f"/api/v1/events/{EVENT}/others", headers=cora)).json()["items"] == []


async def test_a_coverage_map_is_one_look_without_a_depth_and_that_is_said(
    office: Office, site: httpx.AsyncClient
) -> None:
    answer = await send(site, office.token("cora"), MOC)
    assert answer.status_code == 200, answer.text
    assert answer.json()["looks"] == 1
    assert "does not count" in answer.json()["notes"][0]
    as_json = MOC | {"moc": {"5": [1000, 1001, 1002, 1003]}, "limit_mag_ab": 20.0}
    again = (await send(site, office.token("cora"), as_json)).json()
    assert (again["area_deg2"], again["notes"]) == (answer.json()["area_deg2"], [])


async def test_coordinators_alone_hand_it_in(office: Office, site: httpx.AsyncClient) -> None:
    for who, status in (("vera", 403), ("otto", 403), ("cora", 200), ("ada", 200)):
        assert (await send(site, office.token(who), MOC)).status_code == status, who
    assert len(told(office)) == 2


async def test_who_may_not_hand_it_in_is_not_read_beyond_what_anybody_may_send(
    office: Office, serve_story: Any
) -> None:
    large = MOC | {"moc": "5/1000-1003" + " " * 100_000}
    async with (
        serve_story(office.story, desk=office.desk(open_reading=True)) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as site,
    ):
        for headers in ({"Sec-Fetch-Site": "same-origin"}, office.token("vera"), office.token("otto")):
            answer = await send(site, headers, large)
            assert (answer.status_code, "too large" in answer.text) == (400, True), answer.text
        assert (await send(site, office.token("cora"), large)).status_code == 200


async def test_strangers_and_other_sites_pages_are_turned_away(office: Office, site: httpx.AsyncClient) -> None:
    assert (await send(site, {"Sec-Fetch-Site": "same-origin"}, MOC)).status_code == 401
    await site.post(office.link("cora"), data={"go": "1"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (await send(site, FORGED, MOC)).status_code == 403
    assert told(office) == []


WRONG: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"moc": None}, 400, "one of treasure_map and moc"),
    ({"treasure_map": [POINTING]}, 400, "one of treasure_map and moc"),
    ({"moc": "99/1"}, 400, "is no MOC"),
    ({"moc": {"five": [1]}}, 400, "is no MOC"),
    ({"time": None}, 400, "left out"),
    ({"event": "lvk:none"}, 404, "no such event"),
    ({"reason": ""}, 400, "needs a reason"),
    ({"moc": None, "treasure_map": [POINTING]}, 400, "nobody knows the footprint of instrument 7"),
    ({"moc": None, "treasure_map": [{"x": 1}] * 6000}, 400, "6000 pointings"),
    ({"moc": "5/1 " + " " * 5_000_000}, 400, "too large"),
    ({"moc": "5/" + "1" * 1_000_000}, 400, "too long"),
    ({"moc": "5/1" + " " * 1_000_000 + "x"}, 400, "covers nothing"),
    ({"expected_version": "something else"}, 409, "has changed"),
)


async def test_what_cannot_be_understood_is_refused_with_why(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    for change, status, says in WRONG:
        body = {k: v for k, v in (MOC | change).items() if v is not None}
        answer = await send(site, cora, body)
        assert (answer.status_code, says in answer.json()["title"]) == (status, True), answer.text
    assert told(office) == []
