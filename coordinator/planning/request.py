"""What a plan is asked for: events with their sky, telescopes with their time, and what is already looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from coordinator.planning.plan import PlannedPointing
from coordinator.sky.dust_map import DustMap
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

Objective = Literal["auto", "probability", "detection"]
Effort = Literal["quick", "fast", "best"]
"""Quick is for those who wait: one search, and nothing is proven but what holds for every plan."""

Source = Literal["kilonova", "afterglow"] | float
"""What is searched for: a model, or an apparent AB magnitude before the Galaxy's dust."""


@dataclass(frozen=True, slots=True)
class VisitSpec:
    """A named pass over the sky; `min_gap_s` after the same sky's first look; no filters: one of the site's own.

    `own_filter` is which one: 0 is the first that the site lists; behind the last the list begins anew.
    Looks are so many `times` as long as the site's own. They are lengthened to reach `depth_mag_ab`, a limit at the
    field as it is, or else the `source`, as bright as it is where and when each telescope looks (`wanted_depth`); both
    None: they are not.
    """

    name: str = "1"
    min_gap_s: float = 0.0
    filters: tuple[str, ...] = ()
    depth_mag_ab: float | None = None
    source: Source | None = None
    times: int = 1
    own_filter: int = 0


@dataclass(frozen=True, slots=True)
class EventToPlan:
    """An event that may be searched; the map is handed in beside the request, by its sha256.

    A higher `priority` (0 to 100) takes telescope time first. Its pointings have ended by `until`; None: by the end of
    the window.
    """

    key: str
    revision: int
    skymap_sha256: str
    t0: datetime | None
    priority: int = 50
    purpose: str = "observation"
    objective: Objective = "auto"
    visits: tuple[VisitSpec, ...] = (VisitSpec(),)
    until: datetime | None = None


LOOKED_AGAIN_PRIORITY = 80
"""Of a candidate, where its event says no more."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """How a person asks one telescope to look, and until when at the latest; `because` stands in the plan.

    No other telescope stands in for it.
    """

    telescope: str
    filter: str
    exposure_s: float
    count: int
    not_after: datetime
    because: str


@dataclass(frozen=True, slots=True)
class FollowUpTarget:
    """A candidate that somebody wants looked at again: one pointing, by the telescope best placed.

    `telescope` is whose look was reckoned to tell most a minute, and `depth_mag_ab` how deep that is; None: nobody's.
    `by_hand`: a person asks one telescope for it, and `candidate` may be empty.
    """

    event: str
    event_revision: int
    candidate: str
    ra_deg: float
    dec_deg: float
    visit: str
    filters: tuple[str, ...] = ()
    mag_ab: float | None = None
    not_before: datetime | None = None
    priority: int = LOOKED_AGAIN_PRIORITY
    telescope: str | None = None
    depth_mag_ab: float | None = None
    by_hand: ByHand | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of a telescope's time that is taken (offered, accepted or running).

    It runs from the first shutter to the last readout; the way there must fit in before it.
    """

    start: datetime
    end: datetime
    ra_deg: float
    dec_deg: float
    filter: str


@dataclass(frozen=True, slots=True)
class Done:
    """A stretch of time in which a telescope has observed already: it counts against what a night may hold."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """How likely the sky over a telescope is clear in a stretch of time, 0 to 1; None: unknown, it counts as clear.

    Of several for one time the one that was issued last holds; `source` says whose word it is.
    """

    start: datetime
    end: datetime
    probability_clear: float | None
    source: str = ""
    issued: datetime | None = None

    def __post_init__(self) -> None:
        if self.probability_clear is not None and not 0.0 <= self.probability_clear <= 1.0:
            raise Refused(
                f"{self.probability_clear} is no probability",
                where=f"forecast of {self.source or 'an unknown source'}: probability_clear",
                mend="give 0 to 1, or nothing where it is not known",
            )


@dataclass(frozen=True, slots=True)
class TelescopeToPlan:
    """A telescope and its time: nothing may start before `free_from`; `closed_because` not None: not at all.

    `clear` is the weather that is forecast; `not_for` says by event what people keep it from, and why.
    """

    telescope: Telescope
    free_from: datetime
    busy: tuple[Busy, ...] = ()
    closed_because: str | None = None
    done: tuple[Done, ...] = ()
    clear: tuple[Forecast, ...] = ()
    not_for: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Sky that is owned or observed in a visit of an event; depth, filter and telescope are None where not known."""

    event: str
    visit: str
    ranges: Ranges
    start: datetime
    limit_mag_ab: float | None = None
    filter: str | None = None
    telescope: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlanRequest:
    """Everything that a plan depends on, besides the maps: the same request gives the same plan.

    Every pointing must fit with `slack_s` to spare: it may start that much later and still be within limits.
    """

    events: tuple[EventToPlan, ...]
    telescopes: tuple[TelescopeToPlan, ...]
    start: datetime
    end: datetime
    looks: tuple[Look, ...] = ()
    targets: tuple[FollowUpTarget, ...] = ()
    previous: tuple[PlannedPointing, ...] = ()
    slack_s: float = 0.0
    effort: Effort = "fast"
    prove: bool = False
    dust: DustMap | None = None

    def under(self, forecasts: Mapping[str, tuple[Forecast, ...]]) -> "PlanRequest":
        """Ask for the same with more forecasts for some telescopes, by their ids."""
        telescopes = (replace(t, clear=(*t.clear, *forecasts.get(t.telescope.id, ()))) for t in self.telescopes)
        return replace(self, telescopes=tuple(telescopes))
