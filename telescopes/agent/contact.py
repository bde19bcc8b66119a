"""The open session as its tasks share it: who we are to the coordinator, the lease, both clocks."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telescopes.agent.lease import CLOCK_TOLERANCE_S, ClockOffset, Lease
from telescopes.agent.ledger import Ledger
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import KnownSky, Store
from telescopes.description.clocks import LinkClock, LinkTime, SkyClockReading
from telescopes.description.errors import Refused, RetryLater

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """When a request left: link time, and the machine's UTC."""

    link: LinkTime
    utc: datetime


class LeaseLost(RetryLater):
    """The coordinator did not hear of the agent for longer than the lease: both must compare what they hold."""


class Contact:
    """Learns from every answer of the coordinator: that it lives, which time it is, how wrong our clock is.

    A telescope that is real keeps its own machine's UTC as sky time and refuses a coordinator that says otherwise:
    its limits must not depend on what somebody else says the time is.
    """

    def __init__(
        self,
        *,
        simulated: bool,
        telescope_id: str,
        sky: AgentSky,
        lease: Lease,
        offset: ClockOffset,
        ledger: Ledger,
        store: Store,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
    ) -> None:
        self._simulated = simulated
        self._where = telescope_id
        self._sky = sky
        self._lease = lease
        self._offset = offset
        self._ledger = ledger
        self._store = store
        self._link_clock = link_clock
        self._utc_now = utc_now
        self._warned_of_clock = False

    def ask(self) -> Asked:
        """Note that a request leaves now."""
        return Asked(self._link_clock.now(), self._utc_now())

    def answered(self, asked: Asked, server_time: datetime | None = None, lease_left_s: float | None = None) -> bool:
        """Count the lease from when the request left; return whether it had been lost meanwhile."""
        lost = self._lease.lost
        if server_time is not None:
            self._offset.sample(asked.utc, server_time, self._utc_now())
            self._warn_of_clock()
        self._lease.renew(asked.link, lease_left_s)
        if lost:
            self._ledger.lease_was_lost()
        return lost

    def renew(self, asked: Asked, server_time: datetime | None = None, lease_left_s: float | None = None) -> None:
        """Count the lease from when the request left; raise LeaseLost if it had been lost meanwhile."""
        if self.answered(asked, server_time, lease_left_s):
            raise LeaseLost("the lease was lost", where=self._where, mend="open the session again", after_s=0.0)

    def _warn_of_clock(self) -> None:
        """Say once that this machine's clock is off; of one that is far off the session itself says so."""
        if not self._warned_of_clock and self._offset.doubtful and not self._offset.wrong:
            self._warned_of_clock = True
            off_s = -(self._offset.offset_s or 0.0)
            log.warning(
                "%s: this machine's clock is %+.3f s off the coordinator's; set both by NTP (beyond %g s it refuses)",
                self._where,
                off_s,
                CLOCK_TOLERANCE_S,
            )

    def follow(self, reading: SkyClockReading, asked: Asked | None = None) -> None:
        """Take the announced sky clock, or refuse it.

        Parameters
        ----------
        reading : SkyClockReading
            What was announced.
        asked : Asked, optional
            The request that it answers: an answer cannot be older than its own way there and back. Left out: a
            heartbeat, which is as old as its way here, however long that was; only one that is ahead is wrong.
        """
        if self._simulated:
            if self._sky.announce(reading):
                self._store.remember_sky(KnownSky(reading, self._utc_now()))
            return
        own = self._utc_now()
        self._sky.announce(SkyClockReading(own, 1.0))
        ahead_s = (reading.sky_time - own).total_seconds()
        behind_s = 0.0 if asked is None else -ahead_s - (self._link_clock.now() - asked.link)
        if reading.rate != 1.0:
            raise Refused(
                f"the coordinator's sky clock runs {reading.rate:g} times too fast for a real telescope",
                where=self._where,
                mend="use only simulated drivers with a coordinator in demonstration",
                reason="SKY_CLOCK_REFUSED",
            )
        if max(ahead_s, behind_s) > CLOCK_TOLERANCE_S and not self._offset.wrong:
            raise Refused(
                f"the coordinator's sky clock is {abs(ahead_s):.1f} s off this machine's",
                where=self._where,
                mend="set both machines' clocks (NTP)",
                reason="SKY_CLOCK_REFUSED",
            )

    def recall(self) -> None:
        """Start the sky clock from memory, or from this machine's UTC where the telescope is real."""
        if not self._simulated:
            self._sky.announce(SkyClockReading(self._utc_now(), 1.0))
            return
        known = self._store.known_sky()
        if known is not None:
            self._sky.announce(SkyClockReading(known.at(self._utc_now()), known.reading.rate))
