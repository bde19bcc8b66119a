"""What a campaign came to, as its document tells it: figures of every policy at every point, and every event."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 90 % interval, over so many events; None: nobody knows."""

    mean: float | None
    low: float | None
    high: float | None
    events: int


@dataclass(frozen=True, slots=True)
class Gap(Figure):
    """What one policy has more than another, event by event."""

    significant: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """An event that could not be played under a policy; `campaign_seed` None: an older document does not say."""

    event: int
    seed: int
    reason: str
    without: str | None = None
    campaign_seed: int | None = None


@dataclass(frozen=True, slots=True)
class Worlds:
    """What was drawn."""

    source_in_reach: int
    source_shines: int
    retracted: int
    drawn: str


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """What came of all events under a policy; `figures` by the keys of `SHOWN`."""

    figures: dict[str, Figure]
    duplicates: int
    offers: int
    brier: float | None
    broken: tuple[str, ...]
    failed: tuple[Failed, ...]


@dataclass(frozen=True, slots=True)
class PointFigures:
    """What came of one point of the sweep; of a campaign without one there is one point."""

    point: int
    at: dict[str, Any]
    events: int
    worlds: Worlds
    policies: dict[str, PolicyFigures]
    differences: dict[str, dict[str, Gap]]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event under one policy."""

    point: int
    campaign_seed: int
    event: int
    seed: int
    policy: str
    kind: str | None
    retracted: bool
    source_in_reach: bool | None
    distance_mpc: float | None
    probability_covered: float | None
    detection_probability: float | None
    found: bool | None
    time_to_first_pointing_s: float | None
    time_to_rank1_s: float | None
    duplicates: int
    state_hash: str

    @property
    def key(self) -> str:
        """Its name among all rows."""
        return f"{self.point}-{self.campaign_seed}-{self.event}-{self.policy}"


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """What a campaign came to."""

    points: tuple[PointFigures, ...]
    rows: tuple[EventRow, ...]
    versions: dict[str, str]
    worlds_sha256: str
