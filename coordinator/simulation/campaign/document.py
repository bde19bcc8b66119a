"""What a campaign came to, as the document armillary.simulation/1."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from coordinator.simulation.campaign.intervals import Estimate, difference_of, mean_of, share_of
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import PlayedEvent
from coordinator.simulation.campaign.population import DRAWN

SCHEMA = "armillary.simulation/1"
OURS = "coordinated"
MEANS = (
    "probability_covered",
    "detection_probability",
    "time_to_first_pointing_s",
    "time_to_detection_s",
    "time_to_rank1_s",
    "distinct_deg2_per_hour",
    "redundancy",
    "revoked_share",
    "telescope_use",
)
TIMINGS = frozenset({"cpu_s", "planning_cpu_s"})
COMPARED = ("probability_covered", "detection_probability")


@dataclass(frozen=True, slots=True)
class Campaign:
    """All events of a campaign, in order of number, and what it cost."""

    seed: int
    policies: tuple[str, ...]
    played: tuple[PlayedEvent, ...]
    cpu_s: float
    wall_s: float

    def of(self, policy: str) -> list[Outcome | None]:
        """Return what came out of each event under a policy; None: it could not be played."""
        by_number = [{o.policy: o for o in one.outcomes} for one in self.played]
        return [outcomes.get(policy) for outcomes in by_number]


def document(campaign: Campaign) -> dict[str, Any]:
    """Sum a campaign up; but for `cpu_s` and `wall_s` the same seed gives the same."""
    reached = sum(bool(one.in_reach) for one in campaign.played)
    return {
        "schema": SCHEMA,
        "seed": campaign.seed,
        "events": len(campaign.played),
        "worlds_sha256": _together(one.fingerprint for one in campaign.played),
        "worlds": {
            "source_in_reach": reached,
            "source_shines": sum(one.distance_mpc is not None for one in campaign.played),
            "retracted": sum(one.retracted for one in campaign.played),
            "drawn": DRAWN,
        },
        "policies": {name: _policy(campaign, name) for name in campaign.policies},
        "differences": {name: _against(campaign, name) for name in campaign.policies if name != OURS}
        if OURS in campaign.policies
        else {},
        "per_event": [_event(one, o) for one in campaign.played for o in one.outcomes],
        "report": None,
        "cpu_s": round(campaign.cpu_s, 3),
        "wall_s": round(campaign.wall_s, 3),
    }


def without_timings(document: dict[str, Any]) -> dict[str, Any]:
    """Return what two runs of one seed must agree in."""
    kept = {k: v for k, v in document.items() if k not in ("cpu_s", "wall_s")}
    rows = [{k: v for k, v in row.items() if k not in TIMINGS} for row in document["per_event"]]
    return {**kept, "per_event": rows}


def _policy(campaign: Campaign, name: str) -> dict[str, Any]:
    outcomes = [o for o in campaign.of(name) if o is not None]
    failures = [f for one in campaign.played for f in one.failures if f.policy == name]
    hours = list(outcomes[0].covered_after_h) if outcomes else []
    return {
        **{key: mean_of([getattr(o, key) for o in outcomes]).row() for key in MEANS},
        "covered_after_h": {h: mean_of([o.covered_after_h[h] for o in outcomes]).row() for h in hours},
        "counterpart_found": share_of([o.found for o in outcomes]).row(),
        "counterpart_rank1": share_of(
            [o.time_to_rank1_s is not None if o.found is not None else None for o in outcomes]
        ).row(),
        "duplicates": sum(o.duplicates for o in outcomes),
        "offers": sum(o.offers for o in outcomes),
        "brier": mean_of([o.brier for o in outcomes]).mean,
        "broken": [f"{o.number}: {said}" for o in outcomes for said in o.broken],
        "failed": [{"seed": f.seed, "event": f.number, "reason": f.reason} for f in failures],
        "state_hash": _together(o.state_hash for o in outcomes),
    }


def _against(campaign: Campaign, name: str) -> dict[str, Any]:
    """Take a policy's figures from ours, event by event; `significant`: the 90 % interval lies on one side of 0."""
    ours, theirs = campaign.of(OURS), campaign.of(name)

    def gap(value: Callable[[Outcome], float | None]) -> dict[str, Any]:
        mine = [None if o is None else value(o) for o in ours]
        return _said(difference_of(mine, [None if o is None else value(o) for o in theirs]))

    figures = {key: gap(attrgetter(key)) for key in COMPARED}
    return {**figures, "counterpart_found": gap(lambda o: None if o.found is None else float(o.found))}


def _said(gap: Estimate) -> dict[str, Any]:
    significant = gap.low is not None and gap.high is not None and (gap.low > 0.0 or gap.high < 0.0)
    return {**gap.row(), "significant": significant}


def _event(one: PlayedEvent, outcome: Outcome) -> dict[str, Any]:
    return {
        "seed": one.seed,
        "event": one.number,
        "kind": one.kind,
        "retracted": one.retracted,
        "source_in_reach": one.in_reach,
        "distance_mpc": one.distance_mpc,
        **{k: v for k, v in outcome.row().items() if k != "number"},
    }


def _together(hashes: Iterable[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
