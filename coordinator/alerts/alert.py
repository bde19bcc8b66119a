"""An alert: what one message of one stream says, in the words of the contract armillary.alerts/1."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """Why the message was sent, strictest first; None in an alert: the message does not say."""

    TEST = "test"
    MOCK = "mock"
    INJECTION = "injection"
    OBSERVATION = "observation"


class Phase(StrEnum):
    """Where in its event's life the message stands."""

    EARLY_WARNING = "early_warning"
    PRELIMINARY = "preliminary"
    INITIAL = "initial"
    UPDATE = "update"
    RETRACTION = "retraction"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True)
class Annulus:
    """A ring about a centre (ICRS): its radius, and half its width, which is so many standard deviations."""

    ra_deg: float
    dec_deg: float
    radius_deg: float
    half_width_deg: float
    sigmas: float


@dataclass(frozen=True, slots=True)
class Localization:
    """Where, as the message says.

    `kind` is multiorder, flat, cone, ellipse, polygon, annuli (their common sky), point, link, allsky or none.

    Angles are ICRS degrees. A cone's radius and an ellipse's half axes hold `containment` of the probability; a point
    is a position whose error the message does not say. A sky map is named by the sha256 of its FITS bytes, and given
    by `url` where it must be fetched; `refused` says why a map or a position that came cannot be used.
    """

    kind: str
    ra_deg: float | None = None
    dec_deg: float | None = None
    radius_deg: float | None = None
    half_axes_deg: tuple[float, float] | None = None
    position_angle_deg: float | None = None
    corners_deg: tuple[tuple[float, float], ...] = ()
    annuli: tuple[Annulus, ...] = ()
    containment: float | None = None
    systematic_included: bool | None = None
    url: str | None = None
    skymap_sha256: str | None = None
    skymap_bytes: int | None = None
    area50_deg2: float | None = None
    area90_deg2: float | None = None
    distance_mpc: float | None = None
    distance_std_mpc: float | None = None
    warnings: tuple[str, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """How a notice points to another, or to a page: supersedes, followup, retraction, coincident, same_as, page."""

    rel: str
    to: str


@dataclass(frozen=True, slots=True)
class StatedCoincidence:
    """A coincidence that a gravitational-wave stream states itself; None: it does not say.

    `combined_skymap_sha256` names a sky map that already holds both, made from `own_skymap_sha256`; `dt_s` is the other
    event's time after that of the wave, in seconds; false-alarm rates are joint ones.
    """

    observatory: str | None = None
    search: str | None = None
    notice: str | None = None
    ivorn: str | None = None
    dt_s: float | None = None
    far_temporal_hz: float | None = None
    far_spacetime_hz: float | None = None
    combined_skymap_sha256: str | None = None
    own_skymap_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One message, understood; None: the message does not say.

    `raw_sha256` names the bytes as they came. `notice_id` is equal for the same notice over different transports.
    `no_event` says why the notice itself takes its event for none (a trigger classified as something else). `group` is
    the stream's word for the kind of source that was searched for (LVK: CBC, Burst).
    """

    source: str
    format: str
    stream: str
    notice_id: str
    event_key: str
    name: str
    messenger: str | None
    phase: Phase | None
    stage: str | None
    purpose: Purpose | None
    t0: datetime | None
    t_issued: datetime | None
    raw_sha256: str
    native_ids: tuple[str, ...] = ()
    file: str | None = None
    revision_number: int | None = None
    significant: bool | None = None
    far_hz: float | None = None
    classification: dict[str, float] = field(default_factory=dict)
    properties: dict[str, float] = field(default_factory=dict)
    instruments: tuple[str, ...] = ()
    localization: Localization = Localization("none")
    links: tuple[Link, ...] = ()
    no_event: str | None = None
    external_coincidence: str | None = None
    stated_coincidence: StatedCoincidence | None = None
    group: str | None = None
