"""How the site is right now, as its driver and its people say: shared by those who decide, observe and report."""

import asyncio
from datetime import datetime

from telescopes.agent.people import Wishes
from telescopes.description.states import Reason
from telescopes.drivers.driver import Safety


class SiteState:
    """The last word of the driver about safety, None before the first, and what people want.

    `changed` rings for the status report.
    """

    def __init__(self) -> None:
        self.safety: Safety | None = None
        self.wishes = Wishes()
        self.changed = asyncio.Event()
        self._park_fault: Reason | None = None

    @property
    def closed_because(self) -> Reason | None:
        """The reason for which nothing may run now; None: it may, or nothing was said yet."""
        return self.safety.closed_because if self.safety else None

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """Everything that keeps the site from observing, a telescope that does not park included."""
        said = self.safety.blocking if self.safety else ()
        return said if self._park_fault is None or self._park_fault in said else (*said, self._park_fault)

    def blocked_at(self, now: datetime) -> tuple[tuple[Reason, ...], datetime | None]:
        """Everything that keeps the telescope from observing, people included, and until when; None: unknown."""
        closed, safety = self.wishes.closed_at(now), self.safety or Safety(safe=False)
        if closed is None:
            return self.blocking, safety.unavailable_until
        ends = [closed.until]
        if safety.closed_because is not None:
            ends.append(safety.unavailable_until)
        known = [end for end in ends if end is not None]
        until = max(known) if len(known) == len(ends) else None
        return (*self.blocking, Reason.VETOED_BY_OPERATOR), until

    def learn(self, safety: Safety) -> None:
        """Take a new word; the status report goes out at once."""
        self.safety = safety
        self.changed.set()

    def parking_failed(self, fault: Reason | None) -> None:
        """Note why the telescope does not park; None: it did, or need not."""
        if fault is not self._park_fault:
            self._park_fault = fault
            self.changed.set()
