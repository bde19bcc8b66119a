"""A plan: who looks where and when, what it is worth, and why; the words of the contract armillary.plan/1."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges


@dataclass(frozen=True, slots=True, eq=False)
class PlannedPointing:
    """One pointing of a plan.

    `value` is the sum of p*w over the footprint, `new_value` what earlier starts of the visit leave of it
    (law 2); `probability`, `new_probability` the same with w = 1. `latest_end`: limits hold until then.
    """

    id: str
    event: str
    event_revision: int
    telescope: str
    instrument: str
    ra_deg: float
    dec_deg: float
    position_angle_deg: float
    start: datetime
    end: datetime
    latest_end: datetime
    filter: str
    exposure_s: float
    count: int
    visit: str
    limit_mag_ab: float | None
    probability: float
    new_probability: float
    value: float
    new_value: float
    altitude_deg: float
    airmass: float
    why: str
    priority: int
    ranges: Ranges

    def weighed(self, probability: float, new_probability: float, value: float, new_value: float) -> "PlannedPointing":
        """Return it with other shares; itself where they are its own."""
        mine = (self.probability, self.new_probability, self.value, self.new_value)
        if mine == (probability, new_probability, value, new_value):
            return self
        return self._with(probability=probability, new_probability=new_probability, value=value, new_value=new_value)

    def because(self, why: str) -> "PlannedPointing":
        """Return it with a reason."""
        return self if self.why == why else self._with(why=why)

    def _with(self, **changes: Any) -> "PlannedPointing":
        """Do what `dataclasses.replace` does, in a third of the time: plans are made of many copies."""
        values = list(_EVERY(self))
        for name, value in changes.items():
            values[_PLACE[name]] = value
        return PlannedPointing(*values)


_NAMES = tuple(f.name for f in fields(PlannedPointing))
_PLACE = {name: place for place, name in enumerate(_NAMES)}
_EVERY = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class TelescopeSummary:
    """What a plan does with one telescope; `idle_because` None: it works.

    `rest` says why a telescope that works has much dark time left; None: it has not.
    """

    id: str
    pointings: int
    probability: float
    first_start: datetime | None
    time_used_s: float
    idle_because: str | None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The probability block of a plan; redundancy and duplicates within each visit, in order of start.

    `observable` None: a quick plan does not find it out, and its `bound` is what holds for every plan.
    """

    observable: float | None
    planned: float
    detection: float | None
    bound: float
    bound_kind: str
    bound_candidates: float | None
    redundancy: float
    duplicates: int


@dataclass(frozen=True, slots=True)
class Note:
    """What of a plan is not as it was wanted; `telescope` None: it holds for all."""

    said: str
    telescope: str | None = None

    @property
    def text(self) -> str:
        """The note as a line of its own."""
        return self.said if self.telescope is None else f"{self.telescope}: {self.said}"


@dataclass(frozen=True, slots=True)
class Changes:
    """How a plan differs from the one before."""

    kept: int = 0
    moved: int = 0
    added: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class EventPlan:
    """The plan of one event; `notes` say what is not as it was wanted, such as a depth that is not reached."""

    key: str
    revision: int
    objective: str
    t0: datetime | None
    skymap_sha256: str
    area50_deg2: float
    area90_deg2: float
    distance_mpc: float | None
    visits: tuple[dict[str, Any], ...]
    figures: Figures
    changes: Changes
    telescopes: tuple[TelescopeSummary, ...]
    pointings: tuple[PlannedPointing, ...]
    curve: ProbabilityCurve
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One plan for all open events and follow-up targets; pointings of one telescope never overlap."""

    start: datetime
    end: datetime
    events: tuple[EventPlan, ...]
    follow_up: tuple[PlannedPointing, ...] = ()
    timing: dict[str, float] = field(default_factory=dict)
    unplanned: tuple[str, ...] = ()

    @property
    def pointings(self) -> tuple[PlannedPointing, ...]:
        """All pointings, by start, then id."""
        every = [p for e in self.events for p in e.pointings] + list(self.follow_up)
        return tuple(sorted(every, key=lambda p: (p.start, p.id)))
