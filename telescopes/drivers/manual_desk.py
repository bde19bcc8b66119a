"""What a person at the telescope is asked, and what they answered: the list behind the page."""

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from telescopes.description.states import Reason
from telescopes.drivers.driver import Safety
from telescopes.drivers.whole_pointing import Asked, Exposing, Heard, Took

MOST_KEPT = 50
"""Pointings that are over and can still be reported."""


class Stand(StrEnum):
    """Where a request stands, in the words of the page."""

    ASKED = "please observe"
    ACCEPTED = "you said that you observe it"
    VETOED = "you said no"
    DONE = "reported"
    CALLED_OFF = "called off: please stop"
    CLOSED = "its time is over"


OPEN = frozenset({Stand.ASKED, Stand.ACCEPTED})
REPORTABLE = OPEN | {Stand.CALLED_OFF, Stand.CLOSED}


@dataclass
class Request:
    """One pointing on the page; `key` proves that a form was made by this page."""

    asked: Asked
    heard: Heard
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    stand: Stand = Stand.ASKED
    no: tuple[Reason, str] | None = None
    letter_fault: str = ""
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Desk:
    """All requests of this run of the agent, newest first, and whether the person keeps the site open."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.closed_because: Reason | None = None
        self.key = secrets.token_urlsafe(16)
        self.changed = asyncio.Event()

    @property
    def safety(self) -> Safety:
        """The person's word about the site."""
        return Safety() if self.closed_because is None else Safety(blocking=(self.closed_because,))

    def put(self, request: Request) -> None:
        """Add a request; of those that are over only the last ones are kept."""
        over = [known for known in self.requests if known.stand not in OPEN]
        for known in over[MOST_KEPT:]:
            self.requests.remove(known)
        self.requests.insert(0, request)

    def find(self, key: str) -> Request | None:
        """Return the request of a form; None: the form is not of this run of the agent."""
        return next((one for one in self.requests if secrets.compare_digest(one.key.encode(), key.encode())), None)

    def accept(self, request: Request) -> str:
        """The person goes and observes."""
        if request.stand is not Stand.ASKED:
            return f"Nothing was changed: {request.stand.value}."
        request.stand = Stand.ACCEPTED
        request.heard(Exposing())
        return "Thank you. Report here when it is done."

    def veto(self, request: Request, reason: Reason, words: str) -> str:
        """The person does not observe it, and says why."""
        if request.stand not in OPEN:
            return f"Nothing was changed: {request.stand.value}."
        request.stand, request.no = Stand.VETOED, (reason, words)
        request.answered.set()
        return "Your no is passed on; the network looks for another telescope."

    def report(self, request: Request, took: Took) -> str:
        """Exposures were taken; also what comes after the window, or after it was called off, counts."""
        if request.stand not in REPORTABLE:
            return f"Nothing was changed: {request.stand.value}."
        request.heard(took)
        request.stand = Stand.DONE
        request.answered.set()
        return f"Thank you: {len(took.taken)} exposures are reported."

    def open_site(self, reason: Reason | None) -> str:
        """Open the site (None), or close it for a reason."""
        self.closed_because = reason
        self.changed.set()
        return "The site is open." if reason is None else "The site is closed: nothing is asked of it now."
