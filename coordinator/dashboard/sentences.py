"""A journal entry in one short sentence, for people; what an entry does not say is left out."""

from collections.abc import Callable
from typing import Any

from coordinator.alerts.leads import in_words
from coordinator.services.facts import fact_of
from coordinator.services.journal import Entry

Body = dict[str, Any]
SENSORS = (
    ("temperature_c", "temperature", "°C"),
    ("humidity_pct", "humidity", "%"),
    ("wind_mps", "wind", "m/s"),
    ("rain_mm_per_h", "rain", "mm/h"),
    ("seeing_arcsec", "seeing", "arcsec"),
    ("sky_quality_mag_arcsec2", "sky", "mag/arcsec²"),
)


def sentence(entry: Entry) -> str:
    """Say what happened."""
    say = _SENTENCES.get(entry.kind) or (_moved if entry.kind.startswith("pointing_") else None)
    return entry.kind.replace("_", " ") if say is None else say(entry.body, entry)


def _alert(body: Body, entry: Entry) -> str:
    return _joined(body.get("stream"), body.get("stage") or body.get("phase"), "for", body.get("name"))


def _circular(body: Body, entry: Entry) -> str:
    of = entry.event or body.get("name")
    return _joined(None if of is None else f"{of}:", in_words(fact_of(entry)))


def _map_joined(body: Body, entry: Entry) -> str:
    if body.get("refused"):
        return f"the linked map of {entry.event} is not to be had: {body['refused']}"
    return f"the linked map of {entry.event} is there"


def _quarantined(body: Body, entry: Entry) -> str:
    return f"quarantined {body.get('file') or 'a message'}: {body.get('reason', 'no reason given')}"


def _read_again(body: Body, entry: Entry) -> str:
    return _joined("read again from quarantine:", body.get("outcome"), (entry.subject or "")[:12])


def _decided(body: Body, entry: Entry) -> str:
    return f"{entry.event}: {body.get('action')} by rule {body.get('rule')!r}, for {body.get('because')}"


def _event(body: Body, entry: Entry) -> str:
    where = body.get("localization") or {}
    area = where.get("area90_deg2")
    verb = (
        "retracted" if entry.kind == "event_retracted" or body.get("retracted") else f"revision {body.get('revision')}"
    )
    return _joined(body.get("name"), verb, None if area is None else f"(90 % in {area:.0f} deg²)")


def _coincidence(body: Body, entry: Entry) -> str:
    return _joined("coincidence", "lost:" if entry.kind == "coincidence_lost" else "found:", body.get("because"))


def _plan(body: Body, entry: Entry) -> str:
    counts = (f"{body[name]} {name}" for name in ("kept", "moved", "added", "withdrawn") if name in body)
    return f"plan because {body.get('because')}: {', '.join(counts)}"


def _offered(body: Body, entry: Entry) -> str:
    asked = body.get("pointing") or {}
    place = f"{asked.get('ra_deg', 0.0):.2f} {asked.get('dec_deg', 0.0):+.2f}" if "ra_deg" in asked else None
    share = body.get("new_probability")
    return _joined(
        entry.telescope,
        "was offered",
        place,
        f"visit {asked.get('visit')}",
        None if share is None else f"p {share:.3f}",
    )


def _asked_back(body: Body, entry: Entry) -> str:
    return _joined(entry.telescope, "was asked to give back", entry.subject, f"({body.get('reason')})")


def _moved(body: Body, entry: Entry) -> str:
    reason, late = body.get("reason"), "late truth" if body.get("late") else None
    notes = ", ".join(word for word in (reason, late, body.get("detail")) if word)
    word = body.get("to") or entry.kind.removeprefix("pointing_")
    return _joined(entry.telescope, word, entry.subject, f"({notes})" if notes else None)


def _session(body: Body, entry: Entry) -> str:
    return _joined(entry.telescope, "opened session", body.get("session_epoch"))


def _status(body: Body, entry: Entry) -> str:
    blocked = ", ".join(body.get("blocking_reasons") or ())
    return _joined(entry.telescope, "link", body.get("link"), f"blocked: {blocked}" if blocked else None)


def _weather(body: Body, entry: Entry) -> str:
    told = (f"{word} {body[name]:g} {unit}" for name, word, unit in SENSORS if body.get(name) is not None)
    return _joined(entry.telescope, "weather:", ", ".join(told) or "nothing is known any more")


def _detections(body: Body, entry: Entry) -> str:
    return _joined(len(body.get("detections") or ()), "detections from", entry.telescope)


def _scored(body: Body, entry: Entry) -> str:
    candidates = body.get("candidates") or ()
    best = f"best {candidates[0]['id']} p {candidates[0]['probability']:.2f}" if candidates else body.get("best")
    return _joined(len(candidates) or None, "candidates weighed;", best)


def _follow_up(body: Body, entry: Entry) -> str:
    waits = f"- waits for a yes: armillary approve {body.get('visit')}" if body.get("wants_yes") else None
    return _joined("follow-up of", body.get("candidate"), "because", body.get("because"), waits)


def _follow_up_ended(body: Body, entry: Entry) -> str:
    return _joined("no more follow-up of", body.get("candidate"), "because", body.get("because"))


def _neighbours(body: Body, entry: Entry) -> str:
    near = body.get("near") or {}
    answers = [answer for each in near.values() if isinstance(each, list | tuple) for answer in each]  # not the dust
    silent = next((a["silent_because"] for a in answers if a.get("silent_because")), None)
    said = silent or f"{sum(len(a.get('found', ())) for a in answers)} found"
    return _joined(body.get("source"), "around", body.get("candidate"), "-", said)


def _acted(body: Body, entry: Entry) -> str:
    to = (body.get("details") or {}).get("to")
    words = (body.get("operator"), body.get("action"), body.get("subject"), to and f"to {to}")
    return _joined(*words, f"({body.get('reason')})")


def _clock(body: Body, entry: Entry) -> str:
    return _joined("sky clock runs at rate", body.get("rate"), body.get("because"))


def _stream(body: Body, entry: Entry) -> str:
    because = body.get("because")
    return _joined("stream", body.get("stream"), "is", body.get("state"), f"({because})" if because else None)


def _told(body: Body, entry: Entry) -> str:
    verb = "was told:" if entry.kind == "notice_told" else "could not be told:"
    because = body.get("because")
    return _joined(body.get("outlet"), verb, body.get("title"), f"({because})" if because else None)


def _elected(body: Body, entry: Entry) -> str:
    return _joined(body.get("role"), "writes with epoch", body.get("epoch"))


def _joined(*words: object) -> str:
    return " ".join(str(word) for word in words if word not in (None, ""))


_SENTENCES: dict[str, Callable[[Body, Entry], str]] = {
    "alert_received": _alert,
    "alert_map_joined": _map_joined,
    "alert_quarantined": _quarantined,
    "circular_received": _circular,
    "quarantine_read": _read_again,
    "event_decided": _decided,
    "event_revised": _event,
    "event_retracted": _event,
    "coincidence_found": _coincidence,
    "coincidence_lost": _coincidence,
    "plan_made": _plan,
    "pointing_offered": _offered,
    "pointing_revocation_requested": _asked_back,
    "session_opened": _session,
    "telescope_status_changed": _status,
    "site_weather_told": _weather,
    "detections_stored": _detections,
    "candidates_scored": _scored,
    "follow_up_requested": _follow_up,
    "follow_up_ended": _follow_up_ended,
    "neighbours_found": _neighbours,
    "operator_acted": _acted,
    "sky_clock_set": _clock,
    "stream_state_changed": _stream,
    "notice_told": _told,
    "notice_not_told": _told,
    "writer_elected": _elected,
}
