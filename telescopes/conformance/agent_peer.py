"""An agent under test, as the toy gateway sees it, and pointings to offer it."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.conformance.promise import demand
from telescopes.conformance.toy_gateway import ToyGateway

ACCEPT_WITHIN_S = 10


@dataclass
class AgentPeer:
    """The agent that connected to a toy gateway.

    Attributes
    ----------
    gateway : ToyGateway
        What it speaks with.
    within_s : float
        How long it may take to answer.
    """

    gateway: ToyGateway
    within_s: float = 10.0
    _names: Any = field(default_factory=itertools.count)

    @property
    def announced(self) -> pb.OpenSessionRequest:
        """How it announced itself first."""
        return self.gateway.heard.sessions[0]

    @property
    def is_simulated(self) -> bool:
        """Whether all that it drives is simulated, by its own word."""
        drivers = set(self.announced.capabilities.drivers)
        return drivers == {"simulated"}

    async def until(self, fact: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so; Unmet if it does not become so in time."""
        demand(await self.gateway.until(fact, self.within_s), otherwise)

    def pointing(self, **changes: Any) -> pb.Pointing:
        """Make a pointing that this telescope could take, if its sky allowed it."""
        known = self.announced.capabilities.instruments
        instrument = known[0] if known else pb.Instrument(instrument_id="main", filters=["clear"])
        made = pb.Pointing(
            pointing_id=f"conformance-{next(self._names)}-{uuid.uuid4()}",
            revision=1,
            plan_id="conformance",
            event_id="conformance:1",
            event_revision=1,
            telescope_id=self.announced.telescope_id,
            instrument_id=instrument.instrument_id,
            visit="1",
            exposures=[pb.Exposure(filter=(list(instrument.filters) or ["clear"])[0], exposure_s=0.2, count=2)],
            acceptability_threshold=0.9,
        )
        made.accept_within.FromSeconds(ACCEPT_WITHIN_S)
        start = datetime.now(UTC)
        set_window(made, start, start + timedelta(hours=1))
        made.planned_start_time.FromDatetime(start)
        for name, value in changes.items():
            set_field(made, name, value)
        return made

    async def offer(self, pointing: pb.Pointing) -> list[pb.PointingReport]:
        """Offer a pointing; return what was reported of it once it is answered."""
        name = pointing.pointing_id
        self.gateway.command(pointing)
        await self.until(lambda: bool(self.gateway.heard.of(name)), f"no answer within {self.within_s:g} s")
        return self.gateway.heard.of(name)

    def unfit(self) -> pb.Pointing:
        """Make a pointing that every agent refuses: its filter does not exist."""
        return self.pointing(exposures=[pb.Exposure(filter="no-such-filter", exposure_s=1.0, count=1)])


def set_window(pointing: pb.Pointing, start: datetime, end: datetime) -> None:
    """Set when a pointing may run."""
    pointing.window.start_time.FromDatetime(start)
    pointing.window.end_time.FromDatetime(end)


def set_field(message: Any, name: str, value: Any) -> None:
    """Set a field of any kind."""
    message.ClearField(name)
    if isinstance(value, list):
        getattr(message, name).extend(value)
    elif isinstance(value, str | int | float | bool):
        setattr(message, name, value)
    else:
        getattr(message, name).CopyFrom(value)
