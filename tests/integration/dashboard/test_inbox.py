"""What waits for a person: it comes with its cause, and goes when somebody has decided."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.events.coincidence_facts import CoincidenceFound, CoincidenceLost, Tie
from coordinator.events.rules import Action, Decision
from coordinator.services.inbox import inbox
from coordinator.services.quarantined import AlertQuarantined
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
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
    async with asyncio.timeout(60):
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
    async with serve_story(story) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as site:
        assert "Nothing waits for a person" in (await site.get("/")).text


async def a_meeting(story: Any, *, tell: bool, because: str = "Their maps exclude each other.") -> None:
    """The event meets a burst that its map excludes; or not any more."""
    apart = (Tie("fermi:1", "GRB 1", "CBC x GRB", 2.0, (-1.0, 5.0), 0.001, None, None),) if tell else ()
    fact = CoincidenceFound(EVENT, "G298048", (), apart, None, {EVENT: None}, None, because, tell)
    await story.tell("coincidence_found", fact, event=EVENT, subject=EVENT)


async def test_a_coincidence_that_wants_a_look_waits_until_somebody_says_something(
    office: Office, site: httpx.AsyncClient
) -> None:
    await a_meeting(office.story, tell=True)
    found = (await waiting(office, site))[EVENT]
    assert (found["about"], found["event"]) == ("coincidence", EVENT)
    assert "Their maps exclude each other" in found["says"]
    assert found["see"] == "/events/lvk%3AG298048#h-correlations"
    assert "Their maps exclude each other" in (await site.get("/")).text.split('id="inbox"')[1].split("</section>")[0]
    version = (await site.get(f"/api/v1/events/{EVENT}")).json()["version"]
    answer = await decide(site, f"events/{EVENT}/comment", {}, expected_version=version)
    assert answer.status_code == 200, answer.text
    assert EVENT not in await waiting(office, site)
    await a_meeting(office.story, tell=True)
    assert EVENT not in await waiting(office, site), "nothing of it has changed since somebody looked"
    await a_meeting(office.story, tell=True, because="A newer map excludes it too.")
    assert "newer map" in (await waiting(office, site))[EVENT]["says"]


async def test_a_coincidence_waits_for_nobody_once_it_is_over(office: Office, site: httpx.AsyncClient) -> None:
    await a_meeting(office.story, tell=True)
    assert EVENT in await waiting(office, site)
    await a_meeting(office.story, tell=False)
    assert EVENT not in await waiting(office, site)
    await a_meeting(office.story, tell=True)
    lost = CoincidenceLost(EVENT, (), "The newest alerts do not place them together any more.")
    await office.story.tell("coincidence_lost", lost, event=EVENT, subject=EVENT)
    assert EVENT not in await waiting(office, site)


async def test_a_look_that_is_wanted_outlives_a_restart(story: Any) -> None:
    await a_meeting(story, tell=True)
    state = ObservatoryState()
    for stored in story.journal.stored:
        state.apply(stored)
    again = read_state(write_state(state, "memory"), "memory")
    assert inbox(again) == inbox(state)
    assert [one.about for one in inbox(again)] == ["coincidence"]
