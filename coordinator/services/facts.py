"""Kinds of journal entries and the facts that they carry; the one place where facts become entries and back."""

from datetime import datetime
from typing import Any

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.alerts.leads import Leads
from coordinator.dispatch.facts import (
    OperatorActed,
    PlanMade,
    PointingApproved,
    PointingMoved,
    PointingNoted,
    PointingOffered,
    RevocationRequested,
    SessionOpened,
    SkyClockSet,
    TelescopeStatusChanged,
)
from coordinator.dispatch.site_weather import SiteWeather
from coordinator.events.coincidence_facts import CoincidenceFound, CoincidenceLost
from coordinator.events.event import Event
from coordinator.events.linked_map import LinkedMap
from coordinator.events.rules import Decision
from coordinator.services.journal import Entry
from coordinator.services.quarantined import AlertQuarantined, QuarantineRead
from coordinator.vetting.facts import (
    CandidatesRegrouped,
    CandidatesScored,
    DetectionsStored,
    FollowUpEnded,
    FollowUpRequested,
    NeighboursFound,
)
from telescopes.description.states import PointingState

FACTS: dict[str, type] = {
    "alert_received": Alert,
    "alert_quarantined": AlertQuarantined,
    "quarantine_read": QuarantineRead,
    "circular_received": Leads,
    "alert_map_joined": LinkedMap,
    "event_revised": Event,
    "event_retracted": Event,
    "event_decided": Decision,
    "coincidence_found": CoincidenceFound,
    "coincidence_lost": CoincidenceLost,
    "plan_made": PlanMade,
    "pointing_offered": PointingOffered,
    "pointing_approved": PointingApproved,
    "pointing_revocation_requested": RevocationRequested,
    "pointing_accepted": PointingMoved,
    "pointing_rejected": PointingMoved,
    "pointing_progressed": PointingMoved,
    "pointing_completed": PointingMoved,
    "pointing_partial": PointingMoved,
    "pointing_failed": PointingMoved,
    "pointing_expired": PointingMoved,
    "pointing_revoked": PointingMoved,
    "pointing_noted": PointingNoted,
    "session_opened": SessionOpened,
    "telescope_status_changed": TelescopeStatusChanged,
    "site_weather_told": SiteWeather,
    "detections_stored": DetectionsStored,
    "candidates_scored": CandidatesScored,
    "candidates_merged": CandidatesRegrouped,
    "candidates_split": CandidatesRegrouped,
    "follow_up_requested": FollowUpRequested,
    "follow_up_ended": FollowUpEnded,
    "neighbours_found": NeighboursFound,
    "operator_acted": OperatorActed,
    "sky_clock_set": SkyClockSet,
}
"""Besides these: `stream_state_changed` {stream, state, because} and `writer_elected` {role, epoch}."""

MOVED_KIND = {state: f"pointing_{state.value}" for state in PointingState} | {
    PointingState.SLEWING: "pointing_progressed",
    PointingState.EXPOSING: "pointing_progressed",
}


def entry_of(
    kind: str,
    fact: object,
    *,
    sky_time: datetime,
    event: str | None = None,
    telescope: str | None = None,
    subject: str | None = None,
    cause: str | int | None = None,
) -> Entry:
    """Turn a fact into an entry."""
    body: dict[str, Any] = msgspec.to_builtins(fact)
    return Entry(
        kind,
        body,
        sky_time=sky_time,
        event=event,
        telescope=telescope,
        subject=subject,
        cause=None if cause is None else str(cause),
    )


def fact_of(entry: Entry) -> Any:
    """Turn an entry back into its fact; a kind without a fact gives its plain body."""
    kind = FACTS.get(entry.kind)
    return entry.body if kind is None else msgspec.convert(entry.body, kind)
