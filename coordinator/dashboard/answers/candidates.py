"""Answers about candidates, their measurements, and what lies around them."""

from msgspec import UNSET, Struct, UnsetType

from coordinator.alerts.points.point import BodyNear
from coordinator.dashboard.answers.base import Degrees, Instant, Resource, SeenVersion
from coordinator.dashboard.finder import Found
from coordinator.vetting.facts import CheckResult, PersonsWord


class CutoutTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """A cutout that a site sent; `because` says why it cannot be shown."""

    detection: str
    telescope: str
    filter: str
    mid_exposure: Instant
    sha256: str
    role: str | None
    because: str | None


class Measured(Struct, kw_only=True, forbid_unknown_fields=True):
    """One measurement as its telescope told it; null: unknown."""

    detection_id: str
    pointing_id: str
    ra_deg: Degrees
    dec_deg: Degrees
    mid_exposure: Instant
    filter: str
    mag_ab: float
    mag_err: float | None
    pos_err_arcsec: float | None
    limiting_mag_ab: float | None
    real_bogus: float | None
    snr: float | None
    host_separation_arcsec: float | None
    host_redshift: float | None
    host_redshift_err: float | None
    image_uri: str


class Measurement(Struct, kw_only=True, forbid_unknown_fields=True):
    """A measurement as it is kept; of an upper limit `mag_ab` is the limit."""

    id: str
    detection: Measured
    telescope: str
    event: str | None
    cutout_sha256: str | None
    upper_limit: bool
    forced: bool
    bodies: list[BodyNear] | None


class CandidateAnswer(Resource, kw_only=True):
    """One candidate with its odds (natural logarithms). From `of` on: of one that is asked for by name alone."""

    event: str
    rank: int
    id: str
    ra_deg: Degrees
    dec_deg: Degrees
    credible_level: float | None
    probability: float
    log_odds: float
    verdict: str
    detections: int
    checks: list[CheckResult]
    mag_ab: float | None
    filter: str | None
    last_seen: str | None
    kinds: dict[str, float]
    marked: str | None
    machine_verdict: str | None
    words: list[PersonsWord]
    version: SeenVersion
    of: int | UnsetType = UNSET
    p_none: float | UnsetType = UNSET
    believed: str | UnsetType | None = UNSET
    cutouts: list[CutoutTold] | UnsetType = UNSET
    cutouts_kept: int | UnsetType = UNSET
    measurements: list[Measurement] | UnsetType = UNSET
    people: list[PersonsWord] | UnsetType = UNSET
    around: list[Found] | UnsetType = UNSET
    around_silent: list[str] | UnsetType = UNSET
    position_error_arcsec: float | UnsetType | None = UNSET
