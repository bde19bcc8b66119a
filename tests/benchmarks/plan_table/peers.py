"""Other planners on the same maps, where they are installed: run as programs of their own, never imported.

ARMILLARY_PEERS names the interpreters that may have them, like a PATH; left out, it is the one that runs this.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10
from pathlib import Path
from typing import Any, Protocol

from coordinator.planning.document import SCHEMA, iso
from telescopes.description.telescope import Telescope

from .child import Child

NOT_INSTALLED = "not installed"
MOST_S = 900.0
"""Who has not finished then does not finish this map."""


@dataclass(frozen=True, slots=True)
class Search:
    """What another planner is asked: the map's file, the telescopes, and the window."""

    skymap: Path
    telescopes: Sequence[Telescope]
    start: datetime
    end: datetime


class Peer(Protocol):
    """Another planner: how it is asked, and how its answer is read."""

    name: str
    module: str
    launcher: str
    imports: str

    def arguments(self, search: Search, folder: Path) -> list[str]:
        """Write what the program reads into a folder; return the launcher's arguments."""
        ...

    def pointings(self, search: Search, folder: Path) -> list[dict[str, Any]]:
        """Read what the program wrote, as pointings of armillary.plan/1."""
        ...


@dataclass(frozen=True, slots=True)
class Installed:
    """A planner that can be run."""

    peer: Peer
    python: str
    version: str

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.peer.name} {self.version}"

    def plan(self, search: Search, folder: Path) -> tuple[dict[str, Any], float]:
        """Have it plan; return armillary.plan/1 and CPU seconds, without those its imports take.

        Raises
        ------
        RetryLater, Refused
            It does not finish in time, or fails.
        """
        child = Child(self.python, folder, MOST_S)
        imports_s = child.run(self.peer.imports, [])
        spent_s = child.run(self.peer.launcher, self.peer.arguments(search, folder))
        rows = self.peer.pointings(search, folder)
        return plan_of(search, rows), max(0.0, spent_s - imports_s)


def find(peer: Peer) -> Installed | None:
    """Look for a planner in the interpreters that are named; None: not installed."""
    for python in os.environ.get("ARMILLARY_PEERS", sys.executable).split(os.pathsep):
        ask = f"import importlib.metadata as m, {peer.module}; print(m.version({peer.module!r}))"
        try:
            done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False, timeout=120)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return Installed(peer, python, done.stdout.split()[-1])
    return None


def plan_of(search: Search, pointings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write another planner's pointings as armillary.plan/1, without any claim."""
    inside = sorted(pointings, key=lambda p: (p["start"], p["telescope"]))
    return {
        "schema": SCHEMA,
        "objective": "probability",
        "window": {"start": iso(search.start), "end": iso(search.end)},
        "probability": {},
        "pointings": [p | {"id": f"p{i:05d}"} for i, p in enumerate(inside)],
    }


def pointing_of(telescope: Telescope, ra_deg: float, dec_deg: float, start: datetime, open_s: float) -> dict[str, Any]:
    """Write one field that another planner chose, as one exposure of so many seconds."""
    filters = telescope.observing.filters or telescope.instruments[0].filters
    return {
        "telescope": telescope.id,
        "instrument": telescope.instruments[0].id,
        "ra_deg": ra_deg,
        "dec_deg": dec_deg,
        "position_angle_deg": 0.0,
        "start": iso(start),
        "end": iso(start + timedelta(seconds=open_s)),
        "filter": filters[0],
        "exposure_s": open_s,
        "count": 1,
        "visit": "1",
        "limit_mag_ab": _limit(telescope, filters[0], open_s),
    }


def open_s(telescope: Telescope) -> float:
    """Return how long the shutter is open in one pointing of the site's own, seconds."""
    return telescope.observing.exposure_s * telescope.observing.count


def _limit(telescope: Telescope, filter_name: str, seconds: float) -> float | None:
    """Say how deep the site's table promises, at zenith and scaled by the root of the exposure."""
    rows = telescope.instruments[0].depth_rows(filter_name)
    return min((d.limit_mag_ab + 1.25 * log10(seconds / d.exposure_s) for d in rows), default=None)
