"""What some missions add to, or say otherwise than, the core of the unified schema."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts.alert import Link
from coordinator.alerts.fields import instant, number, text
from coordinator.alerts.gcn_json.families import FAMILIES, Family
from coordinator.alerts.gcn_json.identity import words_of
from coordinator.alerts.gcn_stages import GBM, GBM_SUBTHRESHOLD
from coordinator.alerts.purpose import SUPEREVENT

GBM_STAGES = {
    "INITIAL_ALERT": GBM[110],
    "FLIGHT_POSITION": GBM[111],
    "GROUND_POSITION": GBM[112],
    "FINAL_POSITION": GBM[115],
}
MAYBE_A_BURST = frozenset({"GRB", "UNRELIABLE_LOCATION", "ERROR", "UNKNOWN"})
"""Classes of a GBM trigger that leave it an event: what is doubted is its place, or nothing."""

WAVE = re.compile(rf"(?<![A-Za-z0-9])(?:{SUPEREVENT.pattern})(?![A-Za-z0-9])")
MAX_PARTS = 256
"""Objects of one notice."""

NU_TRACKS = frozenset({"n_events_coincident", "coincident_events"})


def by_keys(notice: Mapping[str, Any]) -> Family | None:
    """Return the family of a notice without a schema that only its keys give away."""
    if not notice.keys() & NU_TRACKS:
        return None
    return next(family for family in FAMILIES if family.namespace == "icecube.lvk_nu")


def parts(notice: Mapping[str, Any], family: Family | None) -> list[Mapping[str, Any]]:
    """Return what a notice speaks of, each in the words of the core; mostly the notice itself.

    They are one more than `MAX_PARTS` where there are too many.
    """
    match family.namespace if family else None:
        case "boom":
            return _targets(notice) or [notice]
        case "icecube.lvk_nu":
            return [{**notice, **_direction(notice)}]
        case _:
            return [notice]


def t0(notice: Mapping[str, Any]) -> datetime | None:
    """Return the time of the event; the start of an observation is none."""
    return instant(notice.get("trigger_time"))


def stage(notice: Mapping[str, Any], family: Family | None) -> str | None:
    """Return the stage as the other formats of the mission spell it; None: it has none but the core's."""
    if family is None or family.namespace != "fermi.gbm":
        return None
    if notice.get("reliability") is not None:
        return GBM[GBM_SUBTHRESHOLD]
    subtype = text(notice.get("subtype"), 32)
    return GBM_STAGES.get((subtype or "").upper(), subtype)


def no_event(notice: Mapping[str, Any], family: Family | None) -> str | None:
    """Say why a GBM trigger is taken for no burst: its most likely class is something else."""
    classes = notice.get("classification")
    if family is None or family.namespace != "fermi.gbm" or not isinstance(classes, Mapping):
        return None
    known = {str(name): found for name, value in classes.items() if (found := number(value)) is not None}
    likely = max(known, key=lambda name: known[name], default=None)
    if likely is None or likely.upper() in MAYBE_A_BURST:
        return None
    return f"most likely {text(likely, 64)}, says the notice"


def followed(notice: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the gravitational-wave events that the notice follows: a mock's follower is a mock."""
    reference = notice.get("reference")
    named = [*reference.values()] if isinstance(reference, Mapping) else [reference]
    return waves_in([*_others(notice), *words_of(named)])


def waves_in(words: Iterable[str]) -> tuple[str, ...]:
    """Return the gravitational-wave events that some words name, each once."""
    return tuple(dict.fromkeys(found[0] for one in words for found in WAVE.finditer(one)))


def links(notice: Mapping[str, Any]) -> tuple[Link, ...]:
    """Say which events of others the notice names."""
    waves = followed(notice)
    told = [word for word in _others(notice) if not waves_in([word])]
    found = [f"lvk:{wave}" for wave in waves] + told
    return tuple(Link("coincident", one) for one in dict.fromkeys(found))


def _others(notice: Mapping[str, Any]) -> list[str]:
    """Return the names of events of others, in the notice or in the matches of one object of it."""
    matches = notice.get("gcn_crossmatch")
    listed = matches[:16] if isinstance(matches, list) else []
    told_in = [notice, *(one for one in listed if isinstance(one, Mapping))]
    return [word for one in told_in for key in ("ref_ID", "follow_up_event") for word in words_of(one.get(key))]


def coincidence(notice: Mapping[str, Any]) -> str | None:
    """Say in one line what a search for neutrinos around a gravitational wave found."""
    count = number(notice.get("n_events_coincident"))
    if count is None:
        return None
    values = {key: number(notice.get(key)) for key in ("pval_generic", "pval_bayesian")}
    said = [f"{key}={value:g}" for key, value in values.items() if value is not None]
    return ", ".join([f"IceCube, n_events_coincident={count:g}", *said])


def _targets(notice: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return each object that BOOM lists, with the time of its first detection."""
    data = notice.get("data")
    targets = data.get("targets") if isinstance(data, Mapping) else None
    photometry = data.get("photometry") if isinstance(data, Mapping) else None
    if not isinstance(targets, list):
        return []
    seen = _first_seen(photometry if isinstance(photometry, list) else [])
    common = {key: value for key, value in notice.items() if key != "data"}
    named = [target for target in targets[: MAX_PARTS + 1] if isinstance(target, Mapping)]
    return [{**common, **target, **_seen_at(target, seen)} for target in named]


def _seen_at(target: Mapping[str, Any], seen: Mapping[str, datetime]) -> dict[str, Any]:
    times = [seen[name] for name in words_of(target.get("event_name")) if name in seen]
    return {"trigger_time": min(times).isoformat()} if times else {}


def _first_seen(photometry: list[Any]) -> dict[str, datetime]:
    """Return when each object was detected first; a point without a magnitude is none."""
    found: dict[str, datetime] = {}
    for one in photometry:
        if not isinstance(one, Mapping) or number(one.get("mag")) is None:
            continue
        when = instant(one.get("trigger_time") or one.get("observation_start"))
        for name in words_of(one.get("event_name")):
            if when is not None:
                found[name] = min(when, found.get(name, when))
    return found


def _direction(notice: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a neutrino search points: its most probable direction, else the one event that it found."""
    events = notice.get("coincident_events")
    single = events[0] if isinstance(events, list) and len(events) == 1 and isinstance(events[0], Mapping) else {}
    inside = single.get("localization")
    for place in (notice.get("most_probable_direction"), inside, single):
        if isinstance(place, Mapping) and number(place.get("ra")) is not None:
            error = place.get("ra_dec_error", place.get("ra_uncertainty"))
            keys = ("ra", "dec", "containment_probability", "systematic_included")
            return {key: place[key] for key in keys if key in place} | {"ra_dec_error": error}
    return {}
