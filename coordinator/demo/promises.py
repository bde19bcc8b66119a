"""What was promised, what happened, and whether that was kept."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of the table at the end."""

    what: str
    promised: str
    happened: str
    kept: bool


def promises(summary: dict[str, Any], *, cut_off: str | None, killed: bool) -> list[Promise]:
    """Compare a demonstration's summary with what the system promises."""
    found, last = summary["counterpart"], summary["alert_to_all_commands_s"]
    sent, stored = summary["detections_sent"], summary["detections_stored"]
    late = sum(p["late"] for p in summary["pointings"])
    followed = sum(
        p["visit"].startswith("follow-up:") and p["state"] in ("completed", "partial") for p in summary["pointings"]
    )
    table = [
        Promise("alert to the last first command", "at most 2 s", _seconds(last), last is not None and last <= 2.0),
        Promise("pointings at sky that somebody had", "0", str(summary["duplicates"]), summary["duplicates"] == 0),
        Promise("redundancy", "at most 0.10", f"{summary['redundancy']:.3f}", summary["redundancy"] <= 0.1),
        Promise("detections stored", f"all {sent} sent", str(stored), sent == stored > 0),
        Promise(
            "counterpart",
            "found, ranked first",
            f"rank {found['rank']}, P {found['probability']:.3f}" if found["found"] else "not found",
            found["found"] and found["rank"] == 1,
        ),
        Promise("follow-up of the counterpart", "at least 1", str(followed), followed >= 1),
        Promise("scheduler killed", "back with the same state", "killed and back" if killed else "not killed", killed),
    ]
    who = f"late truth of {cut_off}" if cut_off else "late truth"
    table.append(Promise(who, "believed", f"{late} late pointing(s)", late >= 1))
    return table


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
