"""Markup in every field that a stream, a site, a vetter or a person fills is text on every page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from builders.acting_story import Office, an_office, served
from builders.dispatch import an_alert
from builders.served import caught_up

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed, PlanMade, PointingMoved, TelescopeStatusChanged
from coordinator.events.coincidence_facts import CoincidenceFound, Tie
from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.services.quarantined import AlertQuarantined
from coordinator.vetting.facts import (
    CandidatesScored,
    CheckResult,
    DetectionsStored,
    FollowUpRequested,
    NeighboursFound,
    ScoredCandidate,
    StoredDetection,
)
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours
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
    await more_hostile(story)
    bad = AlertQuarantined("a" * 64, file=BAD, reason=BAD, source=BAD, topic=BAD)
    await story.tell("alert_quarantined", bad, "source/files")


async def more_hostile(story: Any) -> None:
    """Notices, coincidences, plans, limits, coverage and shifts of the same kind."""
    raw = await story.blobs.put(BAD.encode())
    notice = replace(
        an_alert(key=EVENT, sky=None),
        raw_sha256=raw,
        name=BAD,
        stream=BAD,
        stage=BAD,
        format=BAD,
        file=BAD,
        notice_id=BAD,
    )
    await story.tell("alert_received", notice, f"source/{BAD}", event=EVENT, subject=BAD)
    await hostile_plans(story)
    tie = Tie(BAD, BAD, BAD, 1.0, (-1.0, 5.0), 0.001, None, None)
    fact = CoincidenceFound(EVENT, BAD, (), (tie,), None, {EVENT: None}, None, BAD, tell=True)
    await story.tell("coincidence_found", fact, event=EVENT, subject=EVENT)
    near = Neighbours(galaxies=(Answer(BAD, (Galaxy(BAD, 3.0),)),), stars=(Answer(BAD, silent_because=BAD),))
    around = NeighboursFound(EVENT, ID, BAD, 197.4, -23.4, near)
    await story.tell("neighbours_found", around, "vetter", event=EVENT, subject=ID)
    cutout = await story.blobs.put(BAD.encode())
    seen = Detection("d2", "pointing-001", 197.4, -23.4, story.now, BAD, 17.3)
    kept = DetectionsStored((StoredDetection(seen, BAD, EVENT, cutout),))
    await story.tell("detections_stored", kept, "vetter", event=EVENT)
    for n, (action, subject, details) in enumerate(
        [
            ("limit_event", EVENT, {"without": BAD, "visits": BAD}),
            ("report_coverage", EVENT, {"sha256": "b" * 64, "looks": "1", "area_deg2": "2.0", "source": BAD}),
            ("comment_event", EVENT, {}),
            ("take_shift", "shift", {}),
            ("comment_shift", "shift", {"note": BAD}),
            ("take_shift", "shift", {}),
            ("hand_over_shift", "shift", {"to": BAD, "note": BAD}),
        ]
    ):
        acted = OperatorActed(f"y:{n}", action, subject, BAD, BAD, details)
        await story.tell("operator_acted", acted, subject=subject)
    await story.tell("coincidence_found", replace(fact, because=f"2{BAD}"), event=EVENT, subject=EVENT)


async def hostile_plans(story: Any) -> None:
    """A plan, and another that has a pointing more."""
    row = {
        "event": EVENT, "event_revision": 1, "telescope": BAD, "instrument": BAD, "visit": BAD, "ra_deg": 10.0,
        "dec_deg": 20.0, "position_angle_deg": 0.0, "start": "2030-01-01T00:00:00Z", "end": "2030-01-01T00:05:00Z",
        "filter": BAD, "exposure_s": 60.0, "count": 3, "limit_mag_ab": 18.0, "probability": 0.02,
        "new_probability": 0.02, "why": BAD,
    }  # fmt: skip
    idle = {
        "id": BAD, "pointings": 0, "probability": 0.0, "first_start": None, "time_used_s": 0.0, "idle_because": BAD,
    }  # fmt: skip
    event = {"key": EVENT, "skymap_sha256": None, "figures": None, "telescopes": [idle]}
    for count in (1, 2):
        rows = [row | {"id": f"{n}{ID}"} for n in range(count)]
        record = {"start": None, "end": None, "unplanned": [BAD], "events": [event], "pointings": rows}
        sha256 = await story.blobs.put(msgspec.json.encode(record))
        await story.tell("plan_made", PlanMade(f"p{count}", sha256, BAD, (EVENT,), {EVENT: 0.8}))


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
    await caught_up(site, head)
    waiting = (await site.get("/api/v1/inbox")).json()["items"]
    (page,) = {w["see"] for w in waiting if w["subject"] == ID and "counterpart" in w["says"]}
    first = next(s.seq for s in office.story.journal.stored if s.entry.body.get("action") == "take_shift")
    shows = [
        (f"/shift/{first}", {}),
        ("/", {}), ("/", {"event": EVENT}), (page, {}), ("/telescopes/tca", {}), ("/telescopes/tch", {}), ("/log", {}),
        ("/log", {"event": BAD, "who": BAD, "kind": BAD, "telescope": BAD}), ("/quarantine", {}), ("/system", {}),
        ("/act/telescope/maintenance", one | {"subject": "tca"}), ("/act/event/stop", one | {"subject": EVENT}),
        ("/act/candidate/reject", one | {"subject": ID}), ("/act/pointing/approve", one | {"subject": BAD}),
        ("/sign-in", {"back": f"/{BAD}", "name": BAD}),
        (f"/events/{EVENT}", {}), (f"/events/{EVENT}/plans", {}), ("/shift", {}),
        ("/act/shift/hand-over", one | {"subject": "shift"}),
        (f"/events/{EVENT}/what-if", {"without": "tca", "visits": BAD, "objective": BAD, "until": BAD}),
    ]  # fmt: skip
    for path, asked in shows:
        answer = await site.get(path, params=asked)
        assert answer.status_code == (400 if path.endswith("/what-if") else 200), (path, answer.text)
        assert "<img" not in answer.text, path
        assert "<script>" not in answer.text, path
        assert "&lt;img" in answer.text or path in QUIET, path
    plans = (await site.get(f"/events/{EVENT}/plans")).text
    assert "1 added" in plans, "the plans themselves were read"
