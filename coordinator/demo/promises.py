"""What was promised, what happened, and whether that was kept."""

from dataclasses import dataclass
from typing import Any

from coordinator.demo.trials import Trials
from coordinator.planning.value import Valued


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of the table at the end."""

    what: str
    promised: str
    happened: str
    kept: bool


def promises(summary: dict[str, Any], trials: Trials, objective: Valued = "probability") -> list[Promise]:
    """Compare a demonstration's summary, and what became of its trials, with what the system promises."""
    found, last = summary["counterpart"], summary["alert_to_all_commands_s"]
    sent, stored = summary["detections_sent"], summary["detections_stored"]
    followed = sum(
        p["visit"].startswith("follow-up:") and p["state"] in ("completed", "partial") for p in summary["pointings"]
    )
    return [
        Promise("alert to the last first command", "at most 2 s", _seconds(last), last is not None and last <= 2.0),
        Promise("pointings at sky that somebody had", "0", str(summary["duplicates"]), summary["duplicates"] == 0),
        _redundancy(summary["redundancy"], objective),
        Promise("detections stored", f"all {sent} sent", str(stored), sent == stored > 0),
        Promise(
            "counterpart",
            "found, ranked first",
            f"rank {found['rank']}, P {found['probability']:.3f}" if found["found"] else "not found",
            found["found"] and found["rank"] == 1,
        ),
        Promise("follow-up of the counterpart", "at least 1", str(followed), followed >= 1),
        _recovery(trials),
        _late_truth(trials),
    ]


def _redundancy(found: float, objective: Valued) -> Promise:
    """Small where looks count by area; where they count by depth, deep ones look again on purpose, and it is told."""
    if objective == "detection":
        return Promise("redundancy, by detection", "told", f"{found:.3f}", kept=True)
    return Promise("redundancy", "at most 0.10", f"{found:.3f}", found <= 0.1)


def _recovery(trials: Trials) -> Promise:
    """Killed, elected again, and at the end in the state that the journal gives without it."""
    what, promised = "scheduler killed", "back with the same state"
    if not trials.killed:
        return Promise(what, promised, "not killed", kept=False)
    if trials.new_epoch is None:
        return Promise(what, promised, "not back", kept=False)
    state = "the journal's state" if trials.same_state else "another state than the journal's"
    return Promise(what, promised, f"back with epoch {trials.new_epoch} and {state}", trials.same_state)


def _late_truth(trials: Trials) -> Promise:
    """Somebody was cut off, and what they observed meanwhile counts."""
    if not trials.cut_off:
        return Promise("late truth", "believed", "nobody was cut off", kept=False)
    happened = f"{trials.believed} late pointing(s) observed"
    return Promise(f"late truth of {', '.join(trials.cut_off)}", "believed", happened, trials.believed >= 1)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
