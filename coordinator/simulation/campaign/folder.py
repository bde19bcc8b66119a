"""What lies in a campaign's folder, and the mark by which the folder knows its campaign; nothing is played here."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = "armillary.simulation/1"
"""Of the document."""

MARK, PARTS, DOCUMENT, REPORT, NIGHTS = "campaign.json", "parts", "simulation.json", "report.html", "nights"


@dataclass(frozen=True, slots=True)
class Commands:
    """What plays a campaign again: all of it, and with --seed, --event and --policy behind it, one of its nights."""

    whole: str
    night: str

    def one_night(self, point: int, seed: int, event: int, policy: str, into: str | Path) -> str:
        """Return the command that plays one event under one policy again, and keeps its night."""
        at = f" --point {point}" if point else ""
        where = shlex.quote(str(into))
        return f"{self.night} --seed {seed} --event {event}{at} --policy {shlex.quote(policy)} -o {where}"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a folder says of its campaign from the beginning on.

    Attributes
    ----------
    identity : str
        A sha256 of all that its figures depend on.
    asked : dict
        What was asked for, as a person wrote it.
    batches, events : int or None
        How many parts there will be, and events over all points and seeds; None: an older one does not say.
    """

    identity: str
    name: str
    asked: dict[str, Any] = field(default_factory=dict)
    batches: int | None = None
    events: int | None = None
    policies: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    commands: Commands | None = None


def parts_in(folder: Path) -> list[Path]:
    """Return the parts that a campaign's folder holds: each is whole."""
    return sorted(file for file in (folder / PARTS).glob("*.sqlite") if file.stem.isdigit())


def nights_of(folder: Path, point: int, seed: int, event: int) -> Path:
    """Return where nights of one event are kept, so that they are found beside their campaign."""
    return folder / NIGHTS / f"{point}-{seed}-{event}"
