"""A plan as JSON: the contract armillary.plan/1."""

from datetime import datetime
from typing import Any

from coordinator.planning.plan import EventPlan, PlannedPointing, TelescopeSummary

SCHEMA = "armillary.plan/1"
DIGITS = 7

_POINTING = (
    "id",
    "telescope",
    "instrument",
    "ra_deg",
    "dec_deg",
    "position_angle_deg",
    "filter",
    "exposure_s",
    "count",
    "visit",
    "limit_mag_ab",
    "probability",
    "new_probability",
    "value",
    "new_value",
    "altitude_deg",
    "airmass",
    "why",
)


def plan_document(plan: EventPlan, start: datetime, end: datetime, timing: dict[str, float]) -> dict[str, Any]:
    """Render the plan of one event.

    Parameters
    ----------
    timing : dict
        Seconds: read_s, visibility_s, tiles_s, allocate_s, total_s, cpu_s.

    Returns
    -------
    dict
        The words of the contract; `notes` besides, where there are any.
    """
    figures = plan.figures
    document = {
        "schema": SCHEMA,
        "objective": plan.objective,
        "event": {
            "id": plan.key,
            "t0": iso(plan.t0) if plan.t0 else None,
            "skymap_sha256": plan.skymap_sha256,
            "area50_deg2": round(plan.area50_deg2, 3),
            "area90_deg2": round(plan.area90_deg2, 3),
            "distance_mpc": plan.distance_mpc,
        },
        "window": {"start": iso(start), "end": iso(end)},
        "visits": list(plan.visits),
        "probability": {
            "observable": _rounded(figures.observable),
            "planned": _rounded(figures.planned),
            "detection": _rounded(figures.detection),
            "bound": _rounded(figures.bound),
            "bound_kind": figures.bound_kind,
            "bound_candidates": _rounded(figures.bound_candidates),
            "redundancy": _rounded(figures.redundancy),
            "duplicates": figures.duplicates,
        },
        "timing": timing,
        "telescopes": [_telescope(t) for t in plan.telescopes],
        "changes": {
            "kept": plan.changes.kept,
            "moved": plan.changes.moved,
            "added": plan.changes.added,
            "withdrawn": plan.changes.withdrawn,
        },
        "pointings": [_pointing(p) for p in plan.pointings],
    }
    return document | {"notes": [note.text for note in plan.notes]} if plan.notes else document


def iso(when: datetime) -> str:
    """Write an instant as UTC, to the millisecond, with a Z."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _telescope(summary: TelescopeSummary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "pointings": summary.pointings,
        "probability": _rounded(summary.probability),
        "first_start": iso(summary.first_start) if summary.first_start else None,
        "time_used_s": round(summary.time_used_s, 1),
        "idle_because": summary.idle_because,
    }


def _pointing(pointing: PlannedPointing) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(pointing, name) for name in _POINTING}
    for name in ("probability", "new_probability", "value", "new_value"):
        row[name] = _rounded(row[name])
    return row | {"start": iso(pointing.start), "end": iso(pointing.end)}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
