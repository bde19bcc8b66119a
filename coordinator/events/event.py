"""An event: everything that its alerts say together, whatever the order in which they came."""

from dataclasses import dataclass, field
from datetime import datetime

from coordinator.alerts.alert import Localization, Phase, Purpose


@dataclass(frozen=True, slots=True)
class Event:
    """The state of one event after a number of distinct notices (`revision`).

    `localization` is that of the best stage, then the newest; a retraction leaves it as it was. `purpose` is the
    strictest that any of its alerts carries; None: nobody said.
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

    @property
    def skymap_sha256(self) -> str | None:
        """The sky that the event is searched in, if it has one."""
        return self.localization.skymap_sha256
