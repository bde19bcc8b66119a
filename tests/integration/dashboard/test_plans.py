"""Plans of an event and what would be, by page and REST: told from the journal, asked by who may decide."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.dispatch.event_limits import EventLimits
from coordinator.events.rules import Action, Decision
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap

EVENT = "lvk:G298048"
PLANS = f"/api/v1/events/{EVENT}/plans"
WHAT_IF = f"/api/v1/events/{EVENT}/what-if"


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    await story.plan(("tca", 196.0, -21.0), ("tca", 190.0, -20.0))
    await story.tell("event_decided", Decision(Action.FOLLOW, "all", "bright", ("1",), 50), event=EVENT, subject=EVENT)
    made = await an_office(story, tmp_path)
    planner: Any = made.scheduler.planner
    sha256 = story.skies[EVENT]
    planner.skies[sha256] = ProbabilityCurve.of(read_skymap(await story.blobs.get(sha256)))
    return made


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story, "cora") as client:
        yield client


async def test_each_plan_says_why_and_what_changed_since_the_one_before(site: httpx.AsyncClient) -> None:
    page = (await site.get(PLANS)).json()
    assert [(p["because"], p["planned"]) for p in page["items"]] == [("new sky", 0.81)] * 2
    newest, oldest = page["items"]
    one = (await site.get(f"{PLANS}/{newest['seq']}")).json()
    assert one["before"] == oldest["seq"]
    assert one["since"]["kept"] == 2  # the story names its fields by number
    first = (await site.get(f"{PLANS}/{oldest['seq']}")).json()
    assert (first["before"], first["since"]) == (None, None)
    part = (await site.get(PLANS, params={"limit": 1})).json()
    rest = (await site.get(PLANS, params={"limit": 1, "after": part["next"]})).json()
    assert [p["seq"] for p in (*part["items"], *rest["items"])] == [newest["seq"], oldest["seq"]]
    assert (await site.get(f"{PLANS}/1")).status_code == 404


async def test_the_page_shows_them_and_an_event_without_a_plan_says_what_will_stand_there(
    office: Office, site: httpx.AsyncClient
) -> None:
    text = (await site.get(f"/events/{EVENT}/plans")).text
    assert "2 kept, 0 moved, 0 added, 0 withdrawn" in text
    assert "Nothing was handed in" in text
    await office.story.event("S1")
    await shown(site, "events", "lvk:S1", office.token("cora"))
    assert "No plan was made of it yet" in (await site.get("/events/lvk:S1/plans")).text


async def test_the_page_lists_what_came_went_and_moved(office: Office, site: httpx.AsyncClient) -> None:
    story, cora = office.story, office.token("cora")
    for first, fields, words in (
        (1, [("tca", 190.0, -20.0), ("tch", 199.0, -25.0)], "1 kept, 0 moved, 1 added, 1 withdrawn"),
        (5, [("tca", 190.0, -20.0), ("tch", 199.0, -25.0)], "0 kept, 2 moved, 0 added, 0 withdrawn"),
    ):
        seq = await story.plan(*fields, first=first)
        await shown(site, "events", EVENT, cora, at_least=seq)
        page = await site.get(f"/events/{EVENT}/plans")
        assert page.status_code == 200, page.text
        assert words in page.text
    assert "<caption>moved" in page.text and ", was " in page.text


async def test_what_if_is_for_those_who_may_decide_it_and_changes_nothing(
    office: Office, site: httpx.AsyncClient
) -> None:
    before = len(office.story.journal.stored)
    answer = await site.get(WHAT_IF, params={"without": "tch", "until": "2030-01-01T04:00Z"})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["schema"] == "armillary.what-if/1"
    assert said["what_if"]["limits"]["without"] == ["tch"]
    assert said["as_it_is"]["limits"]["without"] == []
    assert said["in_force"]["because"] == "new sky"
    assert len(office.story.journal.stored) == before
    for who, status in (("vera", 403), ("otto", 403), ("ada", 200)):
        asked = await site.get(WHAT_IF, params={"without": "tch"}, headers=office.token(who))
        assert asked.status_code == status, who
    assert (await site.get(WHAT_IF)).status_code == 400
    assert (await site.get(WHAT_IF, params={"without": "nobody"})).status_code == 400


async def test_who_has_asked_too_much_may_still_decide(office: Office, site: httpx.AsyncClient) -> None:
    cora, wrong = office.token("cora"), {"without": "nobody"}
    asked = [(await site.get(WHAT_IF, params=wrong)).status_code for _ in range(21)]
    assert (asked[:20], asked[20]) == ([400] * 20, 429)
    version = (await shown(site, "events", EVENT, cora))["version"]
    answer = await decide(site, f"events/{EVENT}/replan", cora, expected_version=version, without="tch")
    assert answer.status_code == 200, answer.text


async def test_limits_are_put_in_force_with_a_reason_and_lifted_again(office: Office, site: httpx.AsyncClient) -> None:
    cora = office.token("cora")
    version = (await shown(site, "events", EVENT, cora))["version"]
    said = {"without": "tch", "until": "2030-01-01T04:00Z"}
    answer = await decide(site, f"events/{EVENT}/replan", cora, expected_version=version, **said)
    assert answer.status_code == 200, answer.text
    limits = office.scheduler.state.limits_on(EVENT)
    assert (limits.without, limits.because) == (("tch",), "clouds come up (cora)")
    assert answer.json()["version"].endswith("without tch, until 2030-01-01T04:00Z")
    late = await decide(site, f"events/{EVENT}/replan", cora, expected_version=version, without="tca")
    assert late.status_code == 409 and "without tch" in late.json()["title"]
    undo = answer.json()["undo"].removeprefix("/api/v1/")
    back = await decide(site, undo, cora, expected_version=answer.json()["version"])
    assert back.status_code == 200 and back.json()["version"] == version
    assert office.scheduler.state.limits_on(EVENT) == EventLimits()


async def test_the_page_of_a_what_if_leads_to_the_decision_with_what_was_asked(site: httpx.AsyncClient) -> None:
    page = await site.get(f"/events/{EVENT}/what-if", params={"without": "tch", "visits": "1"})
    assert page.status_code == 200, page.text
    assert "neither was given out" in page.text
    assert " data-once>" in page.text  # a script that heeds it: the test in a browser
    assert " data-once>" not in (await site.get(f"/events/{EVENT}/plans")).text
    link = page.text.split('id="in-force" href="')[1].split('"')[0].replace("&amp;", "&")
    act = await site.get(link)
    assert act.status_code == 200, (link, act.text)
    assert 'name="without" type="text" value="tch"' in act.text
    wrong = await site.get(f"/events/{EVENT}/what-if", params={"without": "nobody"})
    assert wrong.status_code == 400 and "no telescope is called nobody" in wrong.text
