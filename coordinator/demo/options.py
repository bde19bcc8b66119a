"""What can be asked of a demonstration, and the figures by which it runs."""

from dataclasses import dataclass
from pathlib import Path

FULL_RATE = 200.0
"""More would be too fast for a lost link to expire, and for a start to slip by 5 s of link time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the sky runs, `FULL_RATE` at most, and how patient the link is (link seconds)."""

    rate: float = FULL_RATE
    heartbeat_s: float = 0.5
    lease_s: float = 3.0
    acceptance_s: float = 2.0
    lost_link_s: float = 5.0
    between_revisions_s: float = 9.0
    kill_after_s: float = 12.0
    cut_after_s: float = 17.0

    @property
    def slack_s(self) -> float:
        """Sky seconds by which a start may slip."""
        return 5.0 * self.rate


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked; no sky maps: the built-in one. `hours` are sky time; `state` None: a fresh folder."""

    skymaps: tuple[Path, ...] = ()
    telescopes: int = 6
    seed: int = 1
    hours: float = 8.0
    dashboard: bool = True
    keep_running: bool = False
    state: Path | None = None
    pace: Pace = Pace()
