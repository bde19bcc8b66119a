"""Events of campaigns that nobody played: outcomes with given figures, for sums, parts and reports."""

from typing import Any

from builders.campaigns import three_telescopes
from coordinator.simulation.campaign.asked import Asked, Point
from coordinator.simulation.campaign.drawn_world import Setting
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import PlayedEvent
from coordinator.simulation.campaign.stages import STAGES
from coordinator.simulation.campaign.used import FollowedUp, Used


def an_outcome(number: int = 0, policy: str = "coordinated", **changes: Any) -> Outcome:
    """Return what came of an event, with figures of the tests' own."""
    usual: dict[str, Any] = {
        "number": number,
        "policy": policy,
        "without": None,
        "probability_covered": 0.5,
        "detection_probability": 0.1 + 1.0 / 3.0,
        "covered_after_h": {"1": 0.25, "2": 0.5},
        "time_to_first_pointing_s": 60.0,
        "found": True,
        "time_to_detection_s": 600.0,
        "time_to_rank1_s": None,
        "brier": 0.04,
        "distinct_deg2_per_hour": 12.0,
        "redundancy": 0.0,
        "duplicates": 0,
        "offers": 10,
        "looks": 8,
        "revoked_share": 0.1,
        "telescope_use": 0.5,
        "candidates": 3,
        "promising": 1,
        "promising_right": 1,
        "said": ((0.8, True), (0.1, False)),
        "follow_ups": FollowedUp(asked=2, done=1, looks=4, at_source=3),
        "stages_s": dict.fromkeys(STAGES, 1.0),
        "telescopes": {
            "tca": Used(6, 5, 1800.0, 3600.0),
            "tre": Used(4, 3, 900.0, 3600.0),
            "nowt": Used(0, 0, 0.0, 0.0),
        },
        "broken": (),
        "state_hash": "0" * 64,
        "planning_cpu_s": 0.5,
        "cpu_s": 1.0,
    }
    return Outcome(**{**usual, **changes})


def a_played_event(number: int = 0, *outcomes: Outcome, **changes: Any) -> PlayedEvent:
    """Return an event of seed 5; left out: with one outcome of `coordinated`."""
    usual: dict[str, Any] = {
        "number": number,
        "campaign_seed": 5,
        "seed": 5 * 100_003 + number,
        "point": 0,
        "fingerprint": f"{number:064x}",
        "kind": "BNS",
        "retracted": False,
        "in_reach": True,
        "distance_mpc": 40.0,
        "outcomes": outcomes or (an_outcome(number),),
        "left_out": (),
        "failures": (),
    }
    return PlayedEvent(**{**usual, **changes})


def an_asked(events: int = 3, **changes: Any) -> Asked:
    """Return a campaign of three telescopes that is asked for."""
    usual: dict[str, Any] = {
        "seeds": (5,),
        "events": events,
        "policies": ("coordinated",),
        "points": (Point({}, Setting(three_telescopes(), 3.0)),),
        "name": "a test's",
        "written": {"events": {"count": events}},
    }
    return Asked(**{**usual, **changes})
