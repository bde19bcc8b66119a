"""What waits for a person: it comes with its cause, and goes when somebody has decided."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.events.rules import Action, Decision
from coordinator.services.quarantined import AlertQuarantined
from coordinator.vetting.facts import FollowUpRequested

EVENT = "lvk:G298048"


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story, "cora") as client:
        yield client


async def waiting(office: Office, site: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """What waits, by subject, as of the newest entry."""
    async with asyncio.timeout(20):
        while True:
            document = (await site.get("/api/v1/inbox")).json()
            if document["as_of"]["seq"] >= len(office.story.journal.stored):
                return {one["subject"]: one for one in document["items"]}
            await asyncio.sleep(0.02)


async def test_a_promising_candidate_waits_until_somebody_says_what_it_is(
    office: Office, site: httpx.AsyncClient
) -> None:
    before = await waiting(office, site)
    assert before["cand-1"]["see"] == "/events/lvk%3AG298048/candidates/cand-1"
    assert "cand-2" not in before, "what is possible needs nobody"
    for act, waits in (("comment", True), ("reject", False), ("withdraw", True), ("counterpart", False)):
        version = (await shown(site, "candidates", "cand-1", {}, len(office.story.journal.stored)))["version"]
        answer = await decide(site, f"candidates/cand-1/{act}", {}, expected_version=version, event=EVENT)
        assert answer.status_code == 200, answer.text
        assert ("cand-1" in await waiting(office, site)) == waits, act


async def test_an_event_that_the_rules_ask_about_waits_for_go_or_stop(office: Office, site: httpx.AsyncClient) -> None:
    made = Decision(Action.ASK, "far away", "it is beyond 300 Mpc")
    await office.story.tell("event_decided", made, event=EVENT, subject=EVENT)
    found = (await waiting(office, site))[EVENT]
    assert "beyond 300 Mpc" in found["says"]
    assert found["act"] == ["event", "go", EVENT, "go"]
    await office.story.tell("event_decided", Decision(Action.FOLLOW, "a person", "yes"), event=EVENT, subject=EVENT)
    assert EVENT not in await waiting(office, site)


async def test_a_look_that_wants_a_yes_waits_until_it_has_it(office: Office, site: httpx.AsyncClient) -> None:
    visit = "follow-up:cand-1:r:1"
    fact = FollowUpRequested(EVENT, "cand-1", visit, 197.4, -23.4, ("r",), 17.3, "it tells most", wants_yes=True)
    await office.story.tell("follow_up_requested", fact, "vetter", event=EVENT, subject="cand-1")
    assert "it tells most" in (await waiting(office, site))[visit]["says"]
    answer = await decide(site, f"pointings/{visit}/approve", {}, expected_version="waits for a yes")
    assert answer.status_code == 200, answer.text
    assert visit not in await waiting(office, site)


async def test_a_silent_telescope_with_work_and_an_unread_message_wait_too(
    office: Office, site: httpx.AsyncClient
) -> None:
    fact = TelescopeStatusChanged("lost")
    await office.story.tell("telescope_status_changed", fact, "telescope/tca", telescope="tca")
    await office.story.tell("alert_quarantined", AlertQuarantined("a" * 64, source="files"), "source/files")
    found = await waiting(office, site)
    assert found["tca"]["says"] == "tca does not answer and holds 1 pointings"
    assert "files" in found["quarantine"]["says"]
    page = (await site.get("/", headers={"Accept": "text/html"})).text
    assert "tca does not answer" in page
    assert f"waiting <b>{len(found)}</b>" in page


async def test_where_nothing_waits_the_page_says_so(serve_story: Any, story: Any) -> None:
    async with serve_story(story) as address, httpx.AsyncClient(base_url=address, timeout=20.0) as site:
        assert "Nothing waits for a person" in (await site.get("/")).text
