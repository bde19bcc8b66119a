"""How a campaign's figures are called and written, at the terminal and in the report alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of a policy that is shown: its name for people, its key in the document, and how it is written."""

    title: str
    key: str
    how: str


SHOWN = (
    Shown("probability covered", "probability_covered", "{:.3f}"),
    Shown("probability of detection", "detection_probability", "{:.3f}"),
    Shown("counterpart found", "counterpart_found", "{:.2f}"),
    Shown("counterpart ranked first", "counterpart_rank1", "{:.2f}"),
    Shown("first pointing, s after the merger", "time_to_first_pointing_s", "{:.0f}"),
    Shown("first detection, s", "time_to_detection_s", "{:.0f}"),
    Shown("first rank 1, s", "time_to_rank1_s", "{:.0f}"),
    Shown("new sky, square degrees an hour", "distinct_deg2_per_hour", "{:.1f}"),
    Shown("redundancy", "redundancy", "{:.2f}"),
    Shown("share of offers asked back", "revoked_share", "{:.3f}"),
    Shown("telescope use", "telescope_use", "{:.3f}"),
    Shown("candidates an event", "candidates", "{:.1f}"),
    Shown("promising ones that are the source", "purity", "{:.2f}"),
    Shown("follow-ups that were looked at", "follow_up_done", "{:.2f}"),
    Shown("follow-up looks at the source", "follow_up_efficiency", "{:.2f}"),
)


def interval(its: Mapping[str, Any], how: str, of: int) -> str:
    """Write a mean with its interval, and [n] where it is over n events and not all; what nobody knows is unknown.

    Parameters
    ----------
    of : int
        How many events there could be.
    """
    if its["mean"] is None:
        return "unknown"
    fewer = f" [{its['events']}]" if its["events"] < of else ""
    return f"{how.format(its['mean'])} ({how.format(its['low'])} to {how.format(its['high'])}){fewer}"


def distance(mpc: float) -> str:
    """Write a distance so that one within the Galaxy is not shown as none."""
    return f"{mpc:.0f} Mpc" if mpc >= 1.0 else f"{1000.0 * mpc:.3g} kpc"
