"""Markup in every field that a stream, a site, a vetter or a person fills is text on every page."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, served

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed, PlanMade, PointingMoved, TelescopeStatusChanged
from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.services.quarantined import AlertQuarantined
from coordinator.vetting.facts import (
    CandidatesScored,
    CheckResult,
    DetectionsStored,
    FollowUpRequested,
    ScoredCandidate,
    StoredDetection,
)
from telescopes.description.messages import Detection
from telescopes.description.states import PointingState, Reason

BAD = "\"'><img src=x onerror=alert(1)></title></svg><script>alert(1)</script>"
ID = BAD.replace("/", "")
EVENT = "lvk:G298048"
QUIET = ("/telescopes/tch",)
"""Pages on which nobody's text stands."""


async def hostile(story: Any) -> None:
    """A night in which whoever can write a text writes markup."""
    await story.whole()
    nowhere = Localization("none", warnings=(BAD,), refused=BAD)
    fact = Event(
        EVENT, BAD, 2, False, BAD, Phase.UPDATE, BAD, Purpose.OBSERVATION, story.now, story.now, nowhere,
        classification={BAD: 0.9},
    )  # fmt: skip
    await story.tell("event_revised", fact, event=EVENT, subject=EVENT)
    await story.tell("event_decided", Decision(Action.ASK, BAD, BAD), event=EVENT, subject=EVENT)
    check = CheckResult(BAD, 3.2, True, BAD, BAD, BAD)
    row = ScoredCandidate(ID, 197.4, -23.4, 0.1, 0.9, 4.0, "promising", 2, (check,), 17.3, BAD, kinds={BAD: 0.9})
    beside = replace(row, id=f"2{ID}", dec_deg=-23.5)
    scored = CandidatesScored(EVENT, 1, 0.1, (row, beside), best=ID, weighed=2, believed=BAD)
    await story.tell("candidates_scored", scored, "vetter")
    seen = Detection("d1", "pointing-001", 197.4, -23.4, story.now, BAD, 17.3, mag_err=0.1)
    kept = DetectionsStored((StoredDetection(seen, BAD, EVENT),))
    await story.tell("detections_stored", kept, "vetter", event=EVENT)
    look = FollowUpRequested(EVENT, ID, BAD, 197.4, -23.4, (BAD,), 17.3, BAD, wants_yes=True)
    await story.tell("follow_up_requested", look, "vetter", event=EVENT, subject=BAD)
    status = TelescopeStatusChanged("lost", False, (Reason.WEATHER,), vetoed_events=(BAD,))
    await story.tell("telescope_status_changed", status, "telescope/tca", telescope="tca")
    for n, (action, subject, details) in enumerate(
        [
            ("pause", "tca", {}),
            ("veto_event", "tca", {"event": BAD}),
            ("maintenance", "tca", {"start": "2020-01-01T00:00:00+00:00", "end": "2040-01-01T00:00:00+00:00"}),
            ("comment_candidate", ID, {"event": EVENT}),
        ]
    ):
        acted = OperatorActed(f"x:{n}", action, subject, BAD, BAD, details)
        await story.tell("operator_acted", acted, subject=subject)
    failed = PointingMoved("pointing-002", PointingState.FAILED, Reason.WEATHER, detail=BAD)
    await story.tell("pointing_failed", failed, event=EVENT, telescope="tca", subject="pointing-002")
    await story.tell("plan_made", PlanMade("p", "0" * 64, BAD, (EVENT,), {EVENT: 0.8}))
    state = {"stream": BAD, "state": BAD, "because": BAD}
    await story.tell("stream_state_changed", state, f"source/{BAD}")
    bad = AlertQuarantined("a" * 64, file=BAD, reason=BAD, source=BAD, topic=BAD)
    await story.tell("alert_quarantined", bad, "source/files")


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await hostile(story)
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story, "cora") as client:
        yield client


async def test_markup_is_text_on_every_page(office: Office, site: httpx.AsyncClient) -> None:
    head, one = len(office.story.journal.stored), {"event": EVENT, "back": BAD, "reason": BAD, "start": BAD, "end": BAD}
    async with asyncio.timeout(20):
        while (await site.get("/api/v1/status")).json()["as_of"]["seq"] < head:
            await asyncio.sleep(0.02)
    waiting = (await site.get("/api/v1/inbox")).json()["items"]
    (page,) = {w["see"] for w in waiting if w["subject"] == ID and "counterpart" in w["says"]}
    shows = [
        ("/", {}), ("/", {"event": EVENT}), (page, {}), ("/telescopes/tca", {}), ("/telescopes/tch", {}), ("/log", {}),
        ("/log", {"event": BAD, "who": BAD, "kind": BAD, "telescope": BAD}), ("/quarantine", {}), ("/system", {}),
        ("/act/telescope/maintenance", one | {"subject": "tca"}), ("/act/event/stop", one | {"subject": EVENT}),
        ("/act/candidate/reject", one | {"subject": ID}), ("/act/pointing/approve", one | {"subject": BAD}),
        ("/sign-in", {"back": f"/{BAD}", "name": BAD}),
    ]  # fmt: skip
    for path, asked in shows:
        answer = await site.get(path, params=asked)
        assert answer.status_code == 200, (path, answer.text)
        assert "<img" not in answer.text, path
        assert "<script>" not in answer.text, path
        assert "&lt;img" in answer.text or path in QUIET, path
