"""Alerts as the document armillary.alerts/1: what `armillary ingest --json` writes."""

from collections.abc import Iterable
from typing import Any

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Reports, Understood

SCHEMA = "armillary.alerts/1"


def alerts_document(understood: Iterable[tuple[str, Understood]]) -> dict[str, Any]:
    """Put what was understood of some files, each with its name, into one document of plain JSON data."""
    alerts: list[dict[str, Any]] = []
    ignored: list[dict[str, str]] = []
    rejected: list[dict[str, str]] = []
    leads: list[dict[str, Any]] = []
    for file, meaning in understood:
        match meaning:
            case Alerts(found):
                alerts.extend(plain(alert) | {"file": file} for alert in found)
            case Ignored(reason):
                ignored.append({"file": file, "reason": reason})
            case Rejected(reason):
                rejected.append({"file": file, "reason": reason})
            case Elsewhere(url):
                rejected.append({"file": file, "reason": f"off-loaded: {url}: nothing is here to fetch it"})
            case Leads():
                leads.append(plain(meaning) | {"file": file})
                ignored.append({"file": file, "reason": meaning.reason})
            case Reports(several):
                leads.extend(plain(one) | {"file": file} for one in several)
                ignored.append({"file": file, "reason": f"{len(several)} objects: leads only, never facts"})
    return {"schema": SCHEMA, "alerts": alerts, "ignored": ignored, "rejected": rejected, "leads": leads}


def plain(alert: Alert | Leads) -> dict[str, Any]:
    """Turn an alert or leads into plain JSON data; times end in Z."""
    document: dict[str, Any] = msgspec.to_builtins(alert)
    return document
