"""Shifts on the page and by REST: one is taken, lived through, handed over with what happened, and read again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served

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


async def shift(site: httpx.AsyncClient, headers: dict[str, str], since: int | None = None) -> dict[str, Any]:
    answer = await site.get("/api/v1/shift", headers=headers, params={} if since is None else {"since": since})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def act(site: httpx.AsyncClient, path: str, headers: dict[str, str], **said: str) -> httpx.Response:
    version = (await shift(site, headers))["version"]
    return await decide(site, f"shift/{path}", headers, expected_version=version, **said)


async def test_a_shift_from_taking_over_to_the_next_ones_reading(office: Office, site: httpx.AsyncClient) -> None:
    cora, ada, story = office.token("cora"), office.token("ada"), office.story
    nobody = await site.get("/shift", headers=cora)
    assert "take over, and what happens from then on is gathered here" in nobody.text
    taken = (await act(site, "take-over", cora)).json()
    assert "cora</a>" in (await site.get("/", headers=cora)).text

    paused = await decide(site, "telescopes/tca/pause", cora, expected_version="free", reason="hail")
    await story.event("S261129a")
    await story.event("S261129a", revision=2)
    await story.clouds("tch")
    await story.candidates("cand-9")
    last = await story.offer()
    shown = await shift(site, cora)
    while shown["as_of"]["seq"] < len(story.journal.stored):
        shown = await shift(site, cora)
    told = {heading: [row["text"] for row in rows] for heading, rows in shown["happened"].items()}
    assert told == {
        "What people decided": ["cora pause tca (hail)"],
        "Events": ["S261129a revision 2"],
        "Telescopes lost and back, closed and open": ["tch link up blocked: weather"],
        "Candidates": ["1 candidates weighed; best cand-9 p 0.90"],
    }
    assert last not in str(told), "what the next shift need not know is left out"
    assert paused.status_code == 200

    handed = await act(site, "hand-over", cora, to="ada", note="tch: <b>cable</b>\nask Otto")
    assert handed.status_code == 200, handed.text
    page = (await site.get("/shift", headers=ada)).text
    assert "who has not taken over" in page
    assert "tch: &lt;b&gt;cable&lt;/b&gt;\nask Otto" in page
    assert "cora hands the shift to ada" in str((await shift(site, ada))["waits"])

    assert (await act(site, "take-over", ada)).status_code == 200
    now = await shift(site, ada)
    assert (now["person"], now["comment"]) == ("ada", "")
    assert "hail" not in str(now["happened"])
    before = await shift(site, ada, taken["seq"])
    assert (before["person"], before["comment"]) == ("cora", "tch: <b>cable</b>\nask Otto")
    assert "cora pause tca (hail)" in str(before["happened"])
    old = await site.get(f"/shift/{taken['seq']}", headers=ada)
    assert "cora pause tca (hail)" in old.text
    assert (await site.get("/shift/99999", headers=ada)).status_code == 404


@pytest.mark.slow
async def test_the_note_is_edited_in_place(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    await act(site, "take-over", cora)
    await act(site, "comment", cora, note="first words")
    form = await site.get("/act/shift/comment?subject=shift", headers=cora)
    assert ">first words</textarea>" in form.text
    await act(site, "comment", cora, note="other words")
    assert (await shift(site, cora))["comment"] == "other words"


@pytest.mark.slow
async def test_a_shift_is_handed_to_who_may_decide_in_it(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    await act(site, "take-over", cora)
    for name in ("vera", "otto", "nobody-here"):
        answer = await act(site, "hand-over", cora, to=name, note="")
        assert answer.status_code == 400
        assert "no coordinator" in answer.json()["title"]


@pytest.mark.slow
async def test_of_two_who_take_over_at_once_the_second_is_told(office: Office, site: httpx.AsyncClient) -> None:
    cora, ada = office.token("cora"), office.token("ada")
    version = (await shift(site, cora))["version"]
    first = await decide(site, "shift/take-over", cora, expected_version=version)
    second = await decide(site, "shift/take-over", ada, expected_version=version)
    assert (first.status_code, second.status_code) == (200, 409)
    assert "cora is on duty since" in second.json()["title"]
    facts = [fact_of(s.entry) for s in office.story.journal.stored if s.entry.kind == "operator_acted"]
    assert [(f.action, f.operator) for f in facts] == [("take_shift", "cora")]


@pytest.mark.slow
async def test_nobody_on_duty_waits_for_a_person_once_shifts_are_kept(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    assert "nobody is on duty" not in str((await shift(site, cora))["waits"])
    await act(site, "take-over", cora)
    await act(site, "leave", cora)
    assert "nobody is on duty" in str((await shift(site, cora))["waits"])
    assert '<a href="/shift" class="bad">nobody</a>' in (await site.get("/log", headers=cora)).text
