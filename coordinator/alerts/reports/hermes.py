"""HERMES messages (SCiMMA): a person's report with its positions and photometry in fields; leads, never facts."""

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.alerts.alert import Purpose
from coordinator.alerts.canonical import digest
from coordinator.alerts.fields import instant, number, text
from coordinator.alerts.leads import Leads, ReportedMagnitude, ReportedPosition
from coordinator.alerts.message import Message, Understood
from coordinator.alerts.purpose import TEST_TOPIC, markers_of_document, markers_of_transport
from coordinator.alerts.reports.brightness import MAX_MAGNITUDES, magnitude
from coordinator.alerts.reports.positions import declination, distinct, placed, right_ascension
from coordinator.alerts.reports.words import said_in

FORMAT = "json hermes"
STREAM = "hermes"
REASON = "a HERMES message: leads only, never facts"
PER_DEGREE = {"degrees": 1.0, "deg": 1.0, "arcmin": 60.0, "arcminutes": 60.0, "arcsec": 3600.0, "arcseconds": 3600.0}


def recognises(message: Message) -> bool:
    """Say whether it is a HERMES message, judged by its keys."""
    value = message.document.value if message.document else None
    if not isinstance(value, Mapping) or "title" not in value:
        return False
    return "message_text" in value or {"submitter", "data", "topic"} <= value.keys()


def read(message: Message) -> Understood:
    """Return the leads of a message: its fields first, then its words."""
    assert message.document is not None
    value: Mapping[str, Any] = message.document.value
    stated = value.get("data")
    data: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {}
    body = value.get("message_text")
    title = text(value.get("title")) or ""
    event = text(data.get("event_id"), 96) or ""
    said = said_in(title, body if isinstance(body, str) else "", event)
    places = [*_targets(data), *said.positions]
    measured = [*_photometry(data), *said.magnitudes]
    uuid = text(value.get("uuid"), 64)
    return Leads(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"hermes:{uuid or digest(value)}",
        reason=REASON,
        title=title or None,
        name=said.event.name if said.event else (event or None),
        event_key=said.event.key if said.event else None,
        raw_sha256=message.raw_sha256,
        t_issued=instant(value.get("published")) or instant(value.get("submitted_at")),
        native_ids=(f"hermes:{uuid}",) if uuid else (),
        names=said.names,
        retraction=said.retraction,
        positions=distinct(places),
        magnitudes=tuple(dict.fromkeys(measured))[:MAX_MAGNITUDES],
        redshift=_redshift(data) or said.redshift,
        test=_is_test(message, value),
        file=message.name or None,
    )


def _is_test(message: Message, value: Mapping[str, Any]) -> bool:
    topic = text(value.get("topic"), 128) or ""
    marks = [*markers_of_transport(message), *markers_of_document(message)]
    return Purpose.TEST in marks or TEST_TOPIC.search(topic) is not None


def _targets(data: Mapping[str, Any]) -> Iterator[ReportedPosition]:
    for target in _rows(data, "targets"):
        place = placed(_angle(target.get("ra"), right_ascension), _angle(target.get("dec"), declination))
        if place is None:
            continue
        unit = PER_DEGREE.get((text(target.get("ra_error_units"), 16) or "degrees").lower())
        error = _real(target.get("ra_error"))
        size = error / unit if error is not None and error > 0 and unit else None
        yield ReportedPosition(*place, error_deg=size, name=text(target.get("name"), 64))


def _photometry(data: Mapping[str, Any]) -> Iterator[ReportedMagnitude]:
    for row in _rows(data, "photometry"):
        band = text(row.get("bandpass"), 32)
        for field, error, unit, limit in (
            ("brightness", "brightness_error", "brightness_unit", False),
            ("limiting_brightness", "", "limiting_brightness_unit", True),
        ):
            value, system = _real(row.get(field)), text(row.get(unit), 16) or ""
            if value is None or "mag" not in system.lower():
                continue
            named = system.replace("mag", "").strip() or None
            made = magnitude(value, error=_real(row.get(error)), band=band, upper_limit=limit, system=named)
            if made is not None:
                yield made


def _redshift(data: Mapping[str, Any]) -> float | None:
    stated = (_real(target.get("redshift")) for target in _rows(data, "targets"))
    return next((value for value in stated if value is not None and 0 < value < 20), None)


def _rows(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    listed = data.get(key)
    return [row for row in listed[:64] if isinstance(row, Mapping)] if isinstance(listed, list) else []


def _real(value: Any) -> float | None:
    """Return a number that may be sent as text."""
    stated = text(value, 32)
    if stated is None:
        return number(value)
    try:
        return number(float(stated))
    except ValueError:
        return None


def _angle(value: Any, of_words: Any) -> float | None:
    real = _real(value)
    words = text(value, 32)
    return real if real is not None or words is None else of_words(words)
