"""A plan as it is kept in the blob folder: what was meant, without the sky of each field."""

from typing import Any

import msgspec

from coordinator.planning.plan import Plan, PlannedPointing

_LEFT_OUT = frozenset({"ranges"})


def plan_record(plan: Plan) -> bytes:
    """Write a plan down; the same plan gives the same bytes but for its timing, which is left out."""
    return msgspec.json.encode(
        {
            "schema": "armillary.plan-record/1",
            "start": plan.start,
            "end": plan.end,
            "events": [
                {
                    "key": e.key,
                    "revision": e.revision,
                    "objective": e.objective,
                    "skymap_sha256": e.skymap_sha256,
                    "figures": e.figures,
                    "changes": e.changes,
                    "telescopes": e.telescopes,
                }
                for e in plan.events
            ],
            "pointings": [_row(p) for p in plan.pointings],
            "unplanned": plan.unplanned,
        },
        order="deterministic",
    )


def _row(planned: PlannedPointing) -> dict[str, Any]:
    return {name: getattr(planned, name) for name in PlannedPointing.__dataclass_fields__ if name not in _LEFT_OUT}
