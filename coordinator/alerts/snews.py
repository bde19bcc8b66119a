"""SNEWS 2.0: what neutrino detectors tell each other (tiers), and the alerts of their coincidences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.canonical import digest, key_part
from coordinator.alerts.fields import flag, instant, number, numbers, text, texts
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Ignored, Message, Rejected, Understood
from coordinator.alerts.purpose import (
    markers_of_document,
    markers_of_fields,
    markers_of_transport,
    said_twice,
    strictest,
)

FORMAT = "json snews"
STREAM = "snews"
DETECTOR = frozenset({"detector_name", "detector_names"})
WHEN = ("neutrino_time_utc", "neutrino_time")
ISSUED = ("machine_time_utc", "machine_time", "sent_time_utc", "sent_time")
SIGNIFICANT = frozenset({"p_val", "p_vals", "p_values", "t_bin_width"})
TAKEN_BACK = frozenset({"retract_latest", "retract_latest_n", "retract_message_uuid"})
TOLD = TAKEN_BACK | SIGNIFICANT | {*WHEN, *ISSUED, "neutrino_times", "timing_series", "detector_status", "tier"}
PHASES = {"NEW_MESSAGE": Phase.INITIAL, "INITIAL": Phase.INITIAL, "UPDATE": Phase.UPDATE}
SUB_LIST = ("sub_list_number", "sub list number", "sub_list_num")


def recognises(message: Message) -> bool:
    """Say whether it is a message of SNEWS, or a file of sets of them."""
    value = message.document.value if message.document else None
    return isinstance(value, Mapping) and (_is_message(value) or _are_sets(value))


def read(message: Message) -> Understood:
    """Turn a message into an alert; a heartbeat asks for nothing, and a retraction may not say of what."""
    assert message.document is not None
    said: Mapping[str, Any] = message.document.value
    if not _is_message(said):
        return Ignored("sets of SNEWS messages, no message")
    clash = said_twice(message.document)
    if clash is not None:
        return Rejected(f"SNEWS message says {clash!r} twice, differently")
    tier = tier_of(said)
    if tier == "heartbeat":
        return Ignored("heartbeat: liveness only")
    t0 = _neutrino_time(said)
    key = _event_key(said, t0, tier)
    if key is None and tier == "retraction":
        return _of_what(message, said)
    if key is None:
        return Rejected("SNEWS message without a readable time of its neutrinos")
    return Alerts((_alert(message, said, tier, key, t0),))


def tier_of(said: Mapping[str, Any]) -> str:
    """Say of which tier a message is: by its word, else by what it holds."""
    stated = " ".join(text(said.get(key), 32) or "" for key in ("tier", "alert_type")).lower()
    if "retract" in stated or any(str(key).startswith("retract") and value for key, value in said.items()):
        return "retraction"
    timed = any(said.get(key) is not None for key in (*WHEN, "neutrino_times"))
    if "heartbeat" in stated or ("detector_status" in said and not timed):
        return "heartbeat"
    if isinstance(said.get("detector_names"), list):
        return "alert"
    if "timing_series" in said or isinstance(said.get("neutrino_times"), list):
        return "timing"
    return "significance" if said.keys() & {"p_values", "t_bin_width"} else "coincidence"


def _alert(message: Message, said: Mapping[str, Any], tier: str, key: str, t0: datetime | None) -> Alert:
    kind = (text(said.get("alert_type"), 32) or "").upper()
    return Alert(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"snews:{_id_of(said) or ''}:{digest(said)}",
        event_key=key,
        name=key.partition(":")[2],
        messenger="NU",
        phase=Phase.RETRACTION if tier == "retraction" else PHASES.get(kind),
        stage=tier,
        purpose=_purpose(message, said),
        t0=t0,
        t_issued=_issued(said),
        raw_sha256=message.raw_sha256,
        native_ids=tuple(filter(None, [f"snews:{_id_of(said)}" if _id_of(said) else None])),
        file=message.name or None,
        properties=numbers({name: said.get(name) for name in ("p_val", "p_vals_average", "false_alarm_prob")}),
        instruments=_detectors(said),
    )


def _purpose(message: Message, said: Mapping[str, Any]) -> Purpose | None:
    """A message that does not say whether it is a test may be one."""
    meta = said.get("meta")
    inner = markers_of_fields(meta.items()) if isinstance(meta, Mapping) else []
    marks = [*markers_of_transport(message), *markers_of_document(message), *inner]
    stated = [Purpose.OBSERVATION if said.get("is_test") is not None else None]
    drill = said.get("is_firedrill")
    drills = [] if drill is None or flag(drill) is False else [Purpose.TEST if flag(drill) else None]
    return strictest([*stated, *drills, *marks])


def _event_key(said: Mapping[str, Any], t0: datetime | None, tier: str) -> str | None:
    """Name the event: a coincidence by its day and list, a detector's message by its own id, else by detector and time.

    A retraction names the message that it takes back.
    """
    if tier == "retraction":
        taken_back = text(said.get("retract_message_uuid"), 64)
        if taken_back is not None:
            return f"snews:{key_part(taken_back)}"
    listed = next((found for name in SUB_LIST if (found := number(said.get(name))) is not None), None)
    if listed is not None and t0 is not None:
        return f"snews:{t0:%Y-%m-%d}.list-{listed:g}"
    if tier != "retraction" and _id_of(said):
        return f"snews:{key_part(str(_id_of(said)))}"
    if t0 is None:
        return None
    return f"snews:{key_part('+'.join(_detectors(said)) or 'unknown')}.{t0:%Y-%m-%dT%H:%M:%S.%f}Z"


def _of_what(message: Message, said: Mapping[str, Any]) -> Leads:
    who = ", ".join(_detectors(said)) or "a detector"
    return Leads(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"snews:{_id_of(said) or ''}:{digest(said)}",
        reason="a SNEWS retraction that names no message: a person has to look",
        title=f"{who} takes messages back",
        name=None,
        event_key=None,
        raw_sha256=message.raw_sha256,
        t_issued=_issued(said),
        retraction=True,
        test=_purpose(message, said) is Purpose.TEST,
        file=message.name or None,
    )


def _neutrino_time(said: Mapping[str, Any]) -> datetime | None:
    listed = said.get("neutrino_times")
    several = [found for found in map(instant, listed[:64]) if found] if isinstance(listed, list) else []
    return _first_time(said, WHEN) or min(several, default=None)


def _issued(said: Mapping[str, Any]) -> datetime | None:
    return _first_time(said, ISSUED)


def _first_time(said: Mapping[str, Any], keys: tuple[str, ...]) -> datetime | None:
    return next((found for key in keys if (found := instant(said.get(key))) is not None), None)


def _detectors(said: Mapping[str, Any]) -> tuple[str, ...]:
    one = text(said.get("detector_name"), 64)
    return (one,) if one is not None else texts(said.get("detector_names"))


def _id_of(said: Mapping[str, Any]) -> str | None:
    return next((found for key in ("uuid", "_id", "id") if (found := text(said.get(key), 96)) is not None), None)


def _is_message(value: Mapping[str, Any]) -> bool:
    return bool(DETECTOR & value.keys()) and bool(TOLD & value.keys())


def _are_sets(value: Mapping[str, Any]) -> bool:
    sets = list(value.values())[:64]
    return bool(sets) and all(
        isinstance(one, list) and bool(one) and isinstance(one[0], Mapping) and _is_message(one[0]) for one in sets
    )
