"""One detection of a survey, as an alert: a point on the sky, a time, an object."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.alerts.fields import number, text
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.place import circle

NATIVE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Detection:
    """What a packet says of its detection; ids are `namespace:id`, and `object_key` is the event that it belongs to."""

    stream: str
    detection_key: str
    object_key: str
    t0: datetime | None
    ra_deg: Any
    dec_deg: Any
    purpose: Purpose | None
    properties: Mapping[str, float] = field(default_factory=dict)
    other_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record holds no detection."""

    reason: str


def alerts_of(message: Message, format_: str, found: Iterable[Detection | Unreadable]) -> Understood:
    """Make alerts of all detections of a message; one that cannot be read rejects it whole, so that none is lost."""
    alerts: list[Alert] = []
    for place, one in enumerate(found):
        if isinstance(one, Unreadable):
            return Rejected(f"record {place}: {one.reason}")
        alerts.append(_alert(message, format_, one))
    return Alerts(tuple(alerts))


def _alert(message: Message, format_: str, one: Detection) -> Alert:
    return Alert(
        source=message.source,
        format=format_,
        stream=one.stream,
        notice_id=one.detection_key,
        event_key=one.object_key,
        name=one.object_key.partition(":")[2],
        messenger="EM",
        phase=Phase.DETECTION,
        stage=None,
        purpose=one.purpose,
        t0=one.t0,
        t_issued=None,
        raw_sha256=message.raw_sha256,
        native_ids=tuple(dict.fromkeys((one.object_key, one.detection_key, *one.other_ids))),
        file=message.name or None,
        properties=dict(one.properties),
        localization=point(one.ra_deg, one.dec_deg),
    )


def point(ra_deg: Any, dec_deg: Any) -> Localization:
    """Say where; a place that is not on the sky is refused."""
    ra, dec = number(ra_deg), number(dec_deg)
    if ra is None and dec is None:
        return Localization("none", refused="position: none is stated")
    return circle(ra, dec, None, containment=None)


def native_id(value: Any) -> str | None:
    """Return an id as text: exact, also beyond 2^53; 0, negative ones and none at all are None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if 0 < value < 2**64 else None
    stated = text(value, 65)
    return stated if stated and NATIVE_ID.fullmatch(stated) and stated.strip("0") else None


def first_id(*values: Any) -> str | None:
    """Return the first that is an id."""
    return next((found for value in values if (found := native_id(value))), None)


def chosen_numbers(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, float]:
    """Return those of the named fields that hold numbers; a truth value is 0 or 1."""
    stated = ((name, record.get(name)) for name in names)
    found = ((name, float(value) if isinstance(value, bool) else number(value)) for name, value in stated)
    return {name: value for name, value in found if value is not None}
