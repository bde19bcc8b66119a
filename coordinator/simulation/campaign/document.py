"""What a campaign came to, as the document armillary.simulation/1."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from coordinator.simulation.campaign.asked import Asked, Point, versions
from coordinator.simulation.campaign.folder import SCHEMA
from coordinator.simulation.campaign.intervals import Estimate, difference_of, mean_of, ratio_of, share_of
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import Failure, PlayedEvent
from coordinator.simulation.campaign.stages import STAGES
from coordinator.simulation.campaign.worth import worths
from coordinator.vetting.calibration.reliability import Bin, reliability

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
    "candidates",
    "follow_up_done",
    "follow_up_efficiency",
)
TIMINGS = frozenset({"cpu_s", "planning_cpu_s"})
COMPARED = ("probability_covered", "detection_probability")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and all its events, in order of point, seed and number, and how long it took."""

    asked: Asked
    played: tuple[PlayedEvent, ...]
    wall_s: float

    @property
    def cpu_s(self) -> float:
        """CPU time of all nights."""
        return sum(o.cpu_s for one in self.played for o in (*one.outcomes, *one.left_out))

    def at(self, point: int) -> tuple[PlayedEvent, ...]:
        """Return the events of one point of the sweep."""
        return tuple(one for one in self.played if one.point == point)


def document(campaign: Campaign, report: str | None = None) -> dict[str, Any]:
    """Sum a campaign up; but for `cpu_s`, `planning_cpu_s` and `wall_s` the same seed gives the same.

    Parameters
    ----------
    report : str, optional
        Where the report is.
    """
    asked = campaign.asked
    points = [_point(campaign, n, point) for n, point in enumerate(asked.points)]
    made = {
        "schema": SCHEMA,
        "name": asked.name,
        "seed": asked.seeds[0],
        "seeds": list(asked.seeds),
        **{key: value for key, value in points[0].items() if key not in ("point", "at")},
        "sweep": points if len(points) > 1 else [],
        "per_event": [_event(one, o) for one in campaign.played for o in one.outcomes],
        "campaign": asked.written,
        "versions": versions(),
        "report": report,
        "cpu_s": round(campaign.cpu_s, 3),
        "wall_s": round(campaign.wall_s, 3),
    }
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain


def without_timings(document: dict[str, Any]) -> dict[str, Any]:
    """Return what two runs of one seed must agree in."""
    kept = {k: v for k, v in document.items() if k not in ("cpu_s", "wall_s")}
    rows = [{k: v for k, v in row.items() if k not in TIMINGS} for row in document["per_event"]]
    return {**kept, "per_event": rows}


def of_policy(played: Iterable[PlayedEvent], policy: str) -> list[Outcome | None]:
    """Return what came out of each event under a policy; None: it could not be played."""
    by_number = [{o.policy: o for o in one.outcomes} for one in played]
    return [outcomes.get(policy) for outcomes in by_number]


def _point(campaign: Campaign, number: int, point: Point) -> dict[str, Any]:
    """Sum up one point of the sweep."""
    asked, played = campaign.asked, campaign.at(number)
    return {
        "point": number,
        "at": point.at,
        "events": len(played),
        "worlds_sha256": _together(one.fingerprint for one in played),
        "worlds": {
            "source_in_reach": sum(bool(one.in_reach) for one in played),
            "source_shines": sum(one.in_reach is not None for one in played),
            "retracted": sum(one.retracted for one in played),
            "drawn": point.setting.population.drawn,
        },
        "policies": {name: _policy(played, name) for name in asked.policies},
        "differences": {name: _against(played, name) for name in asked.policies if name != OURS}
        if OURS in asked.policies
        else {},
        "marginal_worth": worths(played, asked.policies[0], asked.worth_of) if asked.worth_of else {},
    }


def _policy(played: Sequence[PlayedEvent], name: str) -> dict[str, Any]:
    outcomes = [o for o in of_policy(played, name) if o is not None]
    failures = [(one, f) for one in played for f in one.failures if f.policy == name]
    hours = list(outcomes[0].covered_after_h) if outcomes else []
    return {
        **{key: mean_of([getattr(o, key) for o in outcomes]).row() for key in MEANS},
        "covered_after_h": {h: mean_of([o.covered_after_h[h] for o in outcomes]).row() for h in hours},
        "counterpart_found": share_of([o.found for o in outcomes]).row(),
        "counterpart_rank1": share_of([o.has_rank1 for o in outcomes]).row(),
        "purity": ratio_of([(o.promising_right, o.promising) for o in outcomes]).row(),
        "calibration": [_bin(b) for b in reliability(*_said(outcomes)) if b.members],
        "stages_s": {stage: mean_of([o.stages_s[stage] for o in outcomes]).row() for stage in STAGES},
        "telescopes": _telescopes(outcomes),
        "duplicates": sum(o.duplicates for o in outcomes),
        "offers": sum(o.offers for o in outcomes),
        "brier": mean_of([o.brier for o in outcomes]).mean,
        "broken": [f"{o.number}: {said}" for o in outcomes for said in o.broken],
        "failed": [_failed(one, f) for one, f in failures],
        "state_hash": _together(o.state_hash for o in outcomes),
    }


def _failed(one: PlayedEvent, failure: Failure) -> dict[str, Any]:
    return {
        "campaign_seed": one.campaign_seed,
        "seed": failure.seed,
        "event": failure.number,
        "reason": failure.reason,
        "without": failure.without,
    }


def _said(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    every = [pair for o in outcomes for pair in o.said]
    return [p for p, _ in every], [true for _, true in every]


def _bin(one: Bin) -> dict[str, Any]:
    low, high = one.interval
    return {
        "from": one.low,
        "to": one.high,
        "members": one.members,
        "mean_said": one.mean_said,
        "came_true": one.came_true,
        "share": one.share,
        "low": low,
        "high": high,
    }


def _telescopes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Sum up what each telescope did: looks an event, and its own dark time used."""
    ids = sorted({one for o in outcomes for one in o.telescopes})
    return {
        one: {
            "looks": mean_of([float(o.telescopes[one].looks) for o in outcomes if one in o.telescopes]).row(),
            "use": mean_of(
                [u.used_s / u.dark_s if u.dark_s else None for o in outcomes if (u := o.telescopes.get(one))]
            ).row(),
        }
        for one in ids
    }


def _against(played: Sequence[PlayedEvent], name: str) -> dict[str, Any]:
    """Take a policy's figures from ours, event by event; `significant`: the 90 % interval lies on one side of 0."""
    ours, theirs = of_policy(played, OURS), of_policy(played, name)

    def gap(value: Callable[[Outcome], float | None]) -> dict[str, Any]:
        mine = [None if o is None else value(o) for o in ours]
        return _gap(difference_of(mine, [None if o is None else value(o) for o in theirs]))

    figures = {key: gap(attrgetter(key)) for key in COMPARED}
    return {**figures, "counterpart_found": gap(attrgetter("found_share"))}


def _gap(gap: Estimate) -> dict[str, Any]:
    return {**gap.row(), "significant": gap.is_significant}


def _event(one: PlayedEvent, outcome: Outcome) -> dict[str, Any]:
    return {
        "point": one.point,
        "campaign_seed": one.campaign_seed,
        "seed": one.seed,
        "event": one.number,
        "kind": one.kind,
        "retracted": one.retracted,
        "source_in_reach": one.in_reach,
        "distance_mpc": one.distance_mpc,
        **{k: v for k, v in outcome.row().items() if k not in ("number", "without")},
    }


def _together(hashes: Iterable[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
