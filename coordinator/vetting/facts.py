"""What the journal says about detections and candidates."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from coordinator.alerts.points.point import BodyNear
from coordinator.vetting.neighbours import Neighbours, silent
from telescopes.description.messages import Detection


@dataclass(frozen=True, slots=True)
class StoredDetection:
    """A detection as kept: the cutout lies in the blob folder.

    `upper_limit`, `forced` and `bodies` as `Sighting` has them; of an upper limit `detection.mag_ab` is the limit.
    """

    detection: Detection
    telescope: str
    event: str | None
    cutout_sha256: str | None = None
    upper_limit: bool = False
    forced: bool = False
    bodies: tuple[BodyNear, ...] | None = None

    @property
    def key(self) -> str:
        """Its id among those of all telescopes."""
        return key_of(self.telescope, self.detection.detection_id)


def key_of(telescope: str, detection_id: str) -> str:
    """Name a detection among those of all telescopes: sites that number theirs from 1 must not take one another's."""
    return detection_id if detection_id.startswith(f"{telescope}:") else f"{telescope}:{detection_id}"


@dataclass(frozen=True, slots=True)
class DetectionsStored:
    """A batch of detections is durable; `packets` are surveys' messages from which everything was taken."""

    detections: tuple[StoredDetection, ...]
    packets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's say: natural log Bayes factor (0 without data), and the number, source and sentence behind it.

    `as_of` is how old the source's knowledge is; None: it has no age, or nobody knows it.
    """

    name: str
    log_bayes: float
    passed: bool | None
    input: str
    source: str
    because: str
    as_of: str | None = None


Saying = Literal["counterpart", "rejected", "withdrawn", "comment"]


@dataclass(frozen=True, slots=True)
class PersonsWord:
    """What a person said of a candidate, and why; `withdrawn` takes back the mark before it."""

    candidate: str
    says: Saying
    operator: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """One candidate of an event, with its odds; the words of the contract armillary.vetting/1.

    `kinds` shares out what it may be, the counterpart included; empty in entries that are older than this.
    `marked` is the mark of a person that stands ("counterpart" or "rejected"): then `verdict` is theirs, and
    `machine_verdict` what it would be without them. `words` are the newest that people said of it, oldest first, and
    before them the mark that stands.
    """

    id: str
    ra_deg: float
    dec_deg: float
    credible_level: float | None
    probability: float
    log_odds: float
    verdict: str  # promising | possible | unlikely | rejected
    detections: int
    checks: tuple[CheckResult, ...]
    mag_ab: float | None = None
    filter: str | None = None
    last_seen: str | None = None
    kinds: dict[str, float] = field(default_factory=dict)
    marked: str | None = None
    machine_verdict: str | None = None
    words: tuple[PersonsWord, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidatesScored:
    """All candidates of an event were weighed against each other, best first; above 64 KiB as a table in the blobs.

    `weighed` is how many there are, also where `candidates` holds the best few alone. `believed` is what was believed
    before any check, and why; None in entries that are older than this.
    """

    event: str
    event_revision: int
    p_none: float
    candidates: tuple[ScoredCandidate, ...] = ()
    table_sha256: str | None = None
    best: str | None = None
    weighed: int | None = None
    believed: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUpRequested:
    """A candidate is worth another look; the scheduler finds the telescope best placed.

    `telescope`, `depth_mag_ab` and `bits` are whose look is expected to tell most a minute, how deep it is, and what it
    tells; None: nobody reckoned it. `wants_yes`: nothing happens until a person approves it.
    """

    event: str
    candidate: str
    visit: str
    ra_deg: float
    dec_deg: float
    filters: tuple[str, ...]
    mag_ab: float | None
    because: str
    not_before: str | None = None
    telescope: str | None = None
    depth_mag_ab: float | None = None
    bits: float | None = None
    wants_yes: bool = False


@dataclass(frozen=True, slots=True)
class CandidatesRegrouped:
    """Candidates `before` are candidates `now`: several became one, or one several. Names are never given anew.

    `at` is the sky time at which that was seen.
    """

    event: str
    before: tuple[str, ...]
    now: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FollowUpEnded:
    """A follow-up that was asked for is not wanted any more; what runs comes to its end."""

    event: str
    candidate: str
    visit: str
    because: str


@dataclass(frozen=True, slots=True)
class NeighboursFound:
    """What a source elsewhere knows around a candidate, asked for this place; idempotent by candidate and source."""

    event: str
    candidate: str
    source: str
    ra_deg: float
    dec_deg: float
    near: Neighbours

    @property
    def silent(self) -> bool:
        """Say whether it gave no answer."""
        return silent(self.near)
