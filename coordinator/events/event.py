"""An event: everything that its alerts say together, whatever the order in which they came."""

from dataclasses import dataclass, field
from datetime import datetime

from coordinator.alerts.alert import Localization, Phase, Purpose, StatedCoincidence


@dataclass(frozen=True, slots=True)
class Coincidence:
    """With what an event is searched together; None: unknown.

    Attributes
    ----------
    lead : str
        The event under whose key the sky of all is searched; it may be this one.
    members : tuple of str
        Keys of the others.
    far_hz : float
        The least joint false-alarm rate.
    own_skymap_sha256 : str
        The sky that the event's own alerts give.
    because : str
        A sentence for people.
    """

    lead: str
    members: tuple[str, ...]
    far_hz: float | None
    own_skymap_sha256: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Event:
    """The state of one event after a number of distinct notices (`revision`).

    `localization` is that of the best stage, then the newest; a retraction leaves what notices state. `purpose` is the
    strictest that any of its alerts carries; None: nobody said. `stage` is that of the best notice which is no
    retraction, `phase` that of the retraction where there is one. `closed` says why the best notice takes the event for
    none; a better one may open it again. `streams` are those that spoke of it, by name. Where the event coincides with
    others and is searched for all of them, `localization` is their common sky, and `coincidence` says so.
    """

    key: str
    name: str
    revision: int
    retracted: bool
    messenger: str | None
    phase: Phase | None
    stage: str | None
    purpose: Purpose | None
    t0: datetime | None
    t_issued: datetime | None
    localization: Localization
    significant: bool | None = None
    far_hz: float | None = None
    classification: dict[str, float] = field(default_factory=dict)
    properties: dict[str, float] = field(default_factory=dict)
    external_coincidence: str | None = None
    stated_coincidence: StatedCoincidence | None = None
    group: str | None = None
    coincidence: Coincidence | None = None
    closed: str | None = None
    streams: tuple[str, ...] = ()

    @property
    def skymap_sha256(self) -> str | None:
        """The sky that the event is searched in, if it has one."""
        return self.localization.skymap_sha256

    @property
    def ended(self) -> bool:
        """Whether its stream took it back, or takes it for none."""
        return self.retracted or self.closed is not None

    @property
    def searched_as(self) -> str | None:
        """The other event under whose key this one's sky is searched; None: under its own."""
        return None if self.coincidence is None or self.coincidence.lead == self.key else self.coincidence.lead
