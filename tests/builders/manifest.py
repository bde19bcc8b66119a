"""What the manifest of the recorded alerts says of a file, compared with what was understood."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from coordinator.alerts.alert import Alert
from coordinator.alerts.document import alerts_document, plain
from coordinator.alerts.message import Understood

ALIKE = ("phase", "stage", "messenger", "significant", "far_hz")
TIMES = ("t0", "t_issued")
WHERE = ("ra_deg", "dec_deg", "radius_deg", "containment", "systematic_included", "url", "skymap_sha256")
NAMES_OF = ("ivorn", "native_id", "detection_id", "circular_id")


def outcome_of(meaning: Understood) -> str:
    """Say what became of a message, in the manifest's words but that data is ignored, too."""
    document = alerts_document([("x", meaning)])
    return "alert" if document["alerts"] else "ignore" if document["ignored"] else "reject"


def outcome_is_right(meaning: Understood, expect: dict[str, Any]) -> bool:
    right = expect.get("accept_outcome", [expect["outcome"]])
    return outcome_of(meaning) in ["ignore" if one == "data" else one for one in right]


def differences(alert: Alert, expect: dict[str, Any]) -> Iterator[str]:
    """Name every field of an alert that is not as the manifest says."""
    found = plain(alert)
    yield from _said(alert, found, expect)
    yield from _numbers(found, expect)
    yield from _where(found["localization"], expect.get("localization") or {})
    yield from _links(found["links"], expect.get("links", []))
    yield from _names(found["native_ids"], expect)


def _said(alert: Alert, found: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    if found["purpose"] not in expect.get("accept_purpose", [expect["purpose"]]):
        yield f"purpose {found['purpose']} instead of {expect['purpose']}"
    if expect.get("event") and found["event_key"] != expect["event"]:
        yield f"event {found['event_key']} instead of {expect['event']}"
    for key in ALIKE:
        if key in expect and found[key] != expect[key]:
            yield f"{key} {found[key]!r} instead of {expect[key]!r}"
    for key in TIMES:
        if expect.get(key) and getattr(alert, key) != datetime.fromisoformat(expect[key]):
            yield f"{key} {getattr(alert, key)} instead of {expect[key]}"


def _numbers(found: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    for key, value in expect.get("classification", {}).items():
        if found["classification"].get(key) != pytest.approx(value, abs=1e-4):
            yield f"classification {key} {found['classification'].get(key)} instead of {value}"
    for key, value in expect.get("external_coinc", {}).items():
        if str(value) not in (found["external_coincidence"] or ""):
            yield f"external_coinc without {key} {value}"
    if "record_number" in expect and found["revision_number"] != expect["record_number"]:
        yield f"record {found['revision_number']} instead of {expect['record_number']}"


def _where(found: dict[str, Any], said: dict[str, Any]) -> Iterator[str]:
    if said.get("kind") and found["kind"] != said["kind"]:
        yield f"localization {found['kind']} instead of {said['kind']} (refused: {found['refused']})"
    for key in WHERE:
        value = said.get(key)
        if value is not None and found[key] != (pytest.approx(value, abs=1e-4) if isinstance(value, float) else value):
            yield f"{key} {found[key]} instead of {value}"
    if said.get("skymap_link") and not found["url"]:
        yield "no link to the sky map"
    if "error" in said and [*found["half_axes_deg"], found["position_angle_deg"]] != pytest.approx(said["error"]):
        yield f"ellipse {found['half_axes_deg']}, {found['position_angle_deg']} instead of {said['error']}"


def _links(found: list[dict[str, str]], said: list[dict[str, str]]) -> Iterator[str]:
    for link in said:
        if link["to"] and link not in found:
            yield f"no link {link}"


def _names(found: list[str], expect: dict[str, Any]) -> Iterator[str]:
    said = [str(expect[key]) for key in NAMES_OF if expect.get(key) is not None] + expect.get("native_ids", [])
    for name in said:
        if not any(one == name or one.partition(":")[2] == name for one in found):
            yield f"no native id {name} among {found}"
