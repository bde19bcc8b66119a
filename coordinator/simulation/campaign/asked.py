"""What a campaign is asked to play: points of a sweep, seeds, events, policies; and the batches it falls into."""

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from coordinator.simulation.campaign.drawn_world import Setting
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.source import brought_by, source_sha256
from telescopes.description.site_file import config_sha256

BATCH = 2
"""Events in a batch, whoever plays them: one takes seconds, which is what a task of Ray and a part should."""

MOST_EVENTS = 676
"""Of one seed: as many as have names."""

NUMERICAL = ("numpy", "scipy", "highspy", "astropy", "healpy", "pyerfa")
"""Packages whose versions may change a figure."""


SAME_WORLDS = ("faults.", "weather.", "events.with_burst", "events.unrelated")
"""Axes of a sweep whose points are played on the same events and skies; any other one draws others."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a sweep: the values of its axes by the campaign file's keys, and what they come to."""

    at: dict[str, Any]
    setting: Setting


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that one worker plays and one part keeps."""

    number: int
    point: int
    seed: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A campaign before it is played.

    Attributes
    ----------
    events : int
        Of every seed at every point.
    worth_of : tuple of str
        Telescopes without which every event is played once more, under the first policy.
    written : dict
        What was asked for, as a person wrote it.
    """

    seeds: tuple[int, ...]
    events: int
    policies: tuple[str, ...]
    points: tuple[Point, ...]
    worth_of: tuple[str, ...] = ()
    name: str = ""
    written: dict[str, Any] = field(default_factory=dict)

    def batches(self) -> Iterator[Batch]:
        """Part it into batches, the same ones whoever plays them."""
        number = 0
        for point in range(len(self.points)):
            for seed in self.seeds:
                for first in range(0, self.events, BATCH):
                    yield Batch(number, point, seed, tuple(range(first, min(first + BATCH, self.events))))
                    number += 1

    @property
    def events_in_all(self) -> int:
        """Events over all points and seeds."""
        return len(self.points) * len(self.seeds) * self.events

    def identity(self) -> str:
        """Return a sha256 of all that its figures depend on: parts of another campaign never mix with its own."""
        said = {
            "points": [_plain(point) for point in self.points],
            "seeds": self.seeds,
            "events": self.events,
            "policies": self.policies,
            "policy_dists": brought_by(self.policies),
            "worth_of": self.worth_of,
            "batch": BATCH,
            "measured": [f.name for f in fields(Outcome)],
            "versions": versions(),
        }
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def versions() -> dict[str, str]:
    """Return what it is played with: Armillary and the hash of its source, Python and the packages that reckon."""
    return {
        "armillary": _version("armillary"),
        "source": source_sha256(),
        "python": platform.python_version(),
        **{name: _version(name) for name in NUMERICAL},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _plain(point: Point) -> dict[str, Any]:
    its = point.setting
    return {
        "at": point.at,
        "telescopes": [config_sha256(one) for one in its.telescopes],
        "hours": its.hours,
        "population": repr(its.population),
        "faults": repr(its.faults),
        "weather": repr(its.weather),
        "watched": its.watched,
    }
