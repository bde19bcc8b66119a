"""Every act by both doors: closed to strangers, viewers and other sites' pages, and taken once however often sent."""

import html
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, served

from coordinator.dashboard.acts import ACTS, Act
from coordinator.dashboard.app import build_app
from coordinator.dashboard.board import DashboardPort
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.rules import Action, Decision
from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.errors import RetryLater

EVENT, LOOK = "lvk:G298048", "follow-up:cand-1:r:1"
SAFE = {"GET", "HEAD", "OPTIONS"}
OWN = {"Sec-Fetch-Site": "same-origin"}
FORGED = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
SUBJECTS = {"telescope": "tca", "pointing": "pointing-002", "event": EVENT, "candidate": "cand-1", "shift": "shift"}
WORDS = {
    "to": "ada", "note": "look at tch",
    "event": EVENT, "start": "2030-01-01T00:00", "end": "2030-01-02T00:00",
    "ra_deg": "120.0", "dec_deg": "30.0", "filter": "clear", "exposure_s": "60.0", "count": "2", "anyway": "no",
    "without": "tch", "until": "2030-01-01T00:00", "visits": "1", "objective": "probability", "coverage": "c" * 12,
}  # fmt: skip


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    wanted = FollowUpRequested(EVENT, "cand-1", LOOK, 197.4, -23.4, ("r",), 17.3, "it tells most", wants_yes=True)
    await story.tell("follow_up_requested", wanted, "vetter", event=EVENT, subject="cand-1")
    followed = Decision(Action.FOLLOW, "all", "bright", ("1",), 50)
    await story.tell("event_decided", followed, event=EVENT, subject=EVENT)
    theirs = {"sha256": "c" * 64, "looks": "1", "area_deg2": "1.0", "source": "others"}
    reported = OperatorActed("told", "report_coverage", EVENT, "cora", "seen elsewhere", theirs)
    await story.tell("operator_acted", reported, subject=EVENT)
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story) as client:
        yield client


def asked(office: Office, act: Act) -> dict[str, str]:
    """What is said with an act, besides key and version."""
    subject = LOOK if act.path == "approve" else SUBJECTS[act.about]
    by_hand = office.scheduler.state.telescope("tca").asked_for
    words = WORDS | ({"pointing": by_hand[0].id} if by_hand else {})
    names = (name for name in (*act.asks, *act.takes) if name in words)
    return {"subject": subject, "reason": "clouds come up"} | {name: words[name] for name in names}


async def seen(site: httpx.AsyncClient, said: dict[str, str], act: Act, headers: dict[str, str]) -> str:
    """The version that the act's own page shows."""
    page = await site.get(
        f"/act/{act.about}/{act.path}",
        params={"subject": said["subject"], "event": said.get("event", "")},
        headers=headers,
    )
    assert page.status_code == 200, page.text
    return html.unescape(page.text.split('name="seen" value="')[1].split('"')[0])


async def send(
    site: httpx.AsyncClient,
    door: str,
    act: Act,
    words: dict[str, str],
    version: str,
    headers: dict[str, str],
    key: str | None = None,
) -> httpx.Response:
    """Decide, by a form or as a script does."""
    said, once = dict(words), key or str(uuid.uuid4())
    if door == "form":
        body = said | {"seen": version, "key": once}
        return await site.post(f"/act/{act.about}/{act.path}", data=body, headers=headers)
    subject, more = said.pop("subject"), {"Idempotency-Key": once}
    where = "shift" if act.about == "shift" else f"{act.about}s/{subject}"
    return await site.post(
        f"/api/v1/{where}/{act.path}",
        json=said | {"expected_version": version},
        headers=headers | more,
    )


def acted(office: Office) -> list[Any]:
    mine = [s for s in office.story.journal.stored if s.entry.kind == "operator_acted"]
    return [s for s in mine if s.entry.body["action_id"] != "told"]


def every_route(where: Any) -> list[Any]:
    """The routes of an application, with those of the routers that it includes."""
    found = []
    for route in where.routes:
        inner = getattr(route, "original_router", None)
        found += every_route(inner) if inner is not None else [route] if getattr(route, "methods", None) else []
    return found


@pytest.mark.parametrize("door", ["form", "script"])
async def test_each_is_closed_to_who_may_not_and_taken_once_from_who_may(
    office: Office, site: httpx.AsyncClient, door: str
) -> None:
    cora, vera = office.token("cora"), office.token("vera")
    for done, act in enumerate(ACTS):
        office.later(hours=0.01)  # slower than any throttle
        words = asked(office, act)
        version = await seen(site, words, act, cora)
        site.cookies.clear()
        assert (await send(site, door, act, words, version, OWN)).status_code == 401, act
        assert (await send(site, door, act, words, version, vera)).status_code == 403, act
        await site.post(office.link("cora"), data={"go": "1"}, headers=OWN)
        assert (await site.get("/api/v1/me")).json()["name"] == "cora"
        assert (await send(site, door, act, words, version, FORGED)).status_code == 403, act
        assert len(acted(office)) == done, act
        key, taken = str(uuid.uuid4()), 303 if door == "form" else 200
        answers = [await send(site, door, act, words, version, OWN, key) for _ in range(2)]
        assert [a.status_code for a in answers] == [taken, taken], (act, answers[-1].text)
        assert len(acted(office)) == done + 1, act


async def test_a_form_whose_answer_was_lost_is_sent_again_as_it_was(office: Office, serve_story: Any) -> None:
    async def lost(action: OperatorActed) -> int:
        """The scheduler dies after it has written, before it has answered; the next time it lives."""
        known = action.action_id in office.scheduler.state.actions
        seq = await office.scheduler.act(action)
        if known:
            return seq
        raise RetryLater("is away", where="scheduler", mend="it is being restarted", after_s=1.0)

    async with (
        serve_story(office.story, desk=replace(office.desk(), act=lost)) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as site,
    ):
        cora = office.token("cora")
        for done, act in enumerate(ACTS):
            office.later(hours=0.01)
            words = asked(office, act)
            first = await send(site, "form", act, words, await seen(site, words, act, cora), cora)
            assert first.status_code == 503, act
            key, version = (
                html.unescape(first.text.split(f'name="{name}" value="')[1].split('"')[0]) for name in ("key", "seen")
            )
            assert (await send(site, "form", act, words, version, cora, key)).status_code == 303, act
            assert len(acted(office)) == done + 1, act


async def test_no_other_route_changes_anything(office: Office) -> None:
    """Whoever adds one adds it here, and to the tests of who is turned away."""
    story = office.story
    port = DashboardPort(story.journal, story.blobs, story.telescopes, lambda: story.now)
    changing = {r.path for r in every_route(build_app(port, desk=office.desk())) if r.methods - SAFE}
    acts = {
        f"/api/v1/{about}s/{{{'key' if about == 'event' else 'id'}}}/{{act}}" for about in SUBJECTS if about != "shift"
    }
    acts.add("/api/v1/shift/{act}")  # there is one alone
    doors = {"/sign-in", "/sign-out", "/enter/{secret}", "/invitation/{secret}"}
    assert changing == acts | doors | {"/act/{about}/{path}", "/api/v1/coverage"}


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/enter/x", "/invitation/x"])
async def test_no_other_sites_page_signs_anybody_in_or_out(site: httpx.AsyncClient, path: str) -> None:
    assert (await site.post(path, data={"name": "cora"}, headers=FORGED)).status_code == 403


@pytest.mark.parametrize(
    "where",
    ["/act/telescope/pause?subject=nowhere", "/act/candidate/reject?subject=cand-1", "/act/event/stop?subject=none"],
)
async def test_there_is_no_page_for_an_act_on_nothing(office: Office, site: httpx.AsyncClient, where: str) -> None:
    answer = await site.get(where, headers=office.token("cora"))
    assert answer.status_code == 404
    assert answer.json()["mend"]


async def test_a_form_of_very_many_fields_is_refused(office: Office, site: httpx.AsyncClient) -> None:
    fields = {f"f{n}": "x" for n in range(100)}
    answer = await site.post("/act/telescope/pause", data=fields, headers=office.token("cora"))
    assert answer.status_code == 400
    assert "fields" in answer.json()["title"]
