"""Decisions that people make on the dashboard: checked, handed over, and answered when they are durable."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from coordinator.dashboard.acts import Act, decision_of
from coordinator.dashboard.board import Board
from coordinator.dashboard.desk import Desk, Throttle
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed
from coordinator.security.person import Person, Standing, require_may_act
from coordinator.services.documents import telescope_ids
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.seen_version import version_of
from coordinator.services.shift import SUBJECT, shift_version
from telescopes.description.errors import Refused, RetryLater

SEEN_BY_US_S = 5.0


class Acting:
    """The dashboard's hands.

    Parameters
    ----------
    board : Board
        What is shown.
    desk : Desk
        Where decisions go.
    """

    def __init__(self, board: Board, desk: Desk) -> None:
        self._board, self._desk = board, desk
        self._throttle: Throttle = desk.decisions()
        self._questions: Throttle = desk.decisions()  # who has asked a lot may still decide

    async def decide(
        self, act: Act, subject: str, said: Mapping[str, str], *, seen: str, key: str, person: Person
    ) -> Stored:
        """Take a decision; what was decided with the same key before is answered again.

        Returns
        -------
        Stored
            The entry that holds it.

        Raises
        ------
        Refused
            The person may not, something is left out, or the subject has changed since they looked (``STALE``).
        RetryLater
            A part of the observatory is being restarted.
        """
        wanted = decision_of(act, subject, said, seen, person.name, self.admitted(person, key))
        self.require_may(act, subject, person)
        if "to" in act.asks:
            await self._require_successor(wanted.details["to"])
        return await self.hand_over(wanted)

    def admitted(self, person: Person, key: str) -> str:
        """Count one more decision of a person, and name it by them and its key.

        Raises
        ------
        Refused
            The key is no UUID.
        RetryLater
            It is one too many, or the journal is still being read.
        """
        self._throttle.require(person.name)
        self._require_read()
        return f"{person.name}:{_uuid(key)}"

    async def hand_over(self, wanted: OperatorActed) -> Stored:
        """Hand over what was admitted and may be decided; raises as `decide`."""
        stored = await self._entry(await self._desk.act(wanted))
        fact = fact_of(stored.entry)
        if not isinstance(fact, OperatorActed) or not _same(fact, wanted):
            what, mend = "this key has been used for another decision", "make a new key for every decision"
            raise Refused(what, where="Idempotency-Key", mend=mend, reason="KEY_USED")
        await self._until_shown(stored.seq)
        return stored

    async def what_if(self, event: str, limits: EventLimits, person: Person) -> dict[str, Any]:
        """Ask what a plan with other limits would be; nothing is given out.

        Raises
        ------
        Refused
            There are no such limits, or the event is not searched.
        RetryLater
            They ask faster than anybody needs to, somebody else asks, or a part of the observatory is away.
        """
        self._questions.require(person.name)
        return await self._desk.what_if(event, limits)

    def require_may(self, act: Act, subject: str, person: Person) -> None:
        """Refuse who may not decide this; whoever may decide anything may comment.

        Raises
        ------
        Refused
            They may not; reason ``FORBIDDEN``.
        """
        if act.path != "comment" or act.about != "candidate" or person.standing is Standing.VIEWER:
            require_may_act(person, self.telescope_of(act, subject))

    def version(self, act: Act, subject: str, event: str = "") -> str | None:
        """Return the version of what an act is about; None: that is not known."""
        telescopes, events = self._board.port.telescopes, self._board.state.events
        if act.about == "telescope" and subject not in telescopes and subject not in telescope_ids(self._board.state):
            return None
        if act.about == "shift":
            return shift_version(self._board.state.shift) if subject == SUBJECT else None
        if act.about == "candidate" and event not in events:
            return None
        return version_of(OperatorActed("", act.action, subject, "", "", {"event": event}), self._board.state)

    def telescope_of(self, act: Act, subject: str) -> str | None:
        """Return whose telescope an act is about; None: no telescope's alone."""
        if act.about == "telescope":
            return subject
        one = self._board.state.pointings.assignments.get(subject) if act.about == "pointing" else None
        return None if one is None else one.telescope

    async def _require_successor(self, name: str) -> None:
        """Refuse to hand a shift to who could not decide anything in it."""
        known = await asyncio.to_thread(self._desk.people.account, name)
        if known is None or known.disabled or not may(known.person, None):
            mend = "name a coordinator or an admin; `armillary people list` shows all"
            raise Refused(f"{name[:64]!r} is no coordinator here", where="to", mend=mend)

    def _require_read(self) -> None:
        """Refuse to say whose a pointing is before the journal has been read."""
        if not self._board.ready:
            raise RetryLater("the journal is still being read", where="dashboard", mend="send it again", after_s=1.0)

    async def _entry(self, seq: int) -> Stored:
        tail = await self._board.port.journal.read(seq - 1, limit=1)
        return tail.entries[0]

    async def _until_shown(self, seq: int) -> None:
        """Let whoever decided find it on the next page."""
        if not await self._board.until_shown(seq, SEEN_BY_US_S):
            what = f"is durable as entry {seq}, but the dashboard lags behind the journal"
            raise RetryLater(what, where="dashboard", mend="look again in a moment", after_s=1.0)


def may(person: Person, telescope: str | None) -> bool:
    """Say whether somebody may act on a telescope; None: on what belongs to none alone."""
    try:
        require_may_act(person, telescope)
    except Refused:
        return False
    return True


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        mend = "send a new UUID with every decision, and the same one when you repeat it"
        raise Refused("is no UUID", where="Idempotency-Key", mend=mend) from None


def _same(kept: OperatorActed, wanted: OperatorActed) -> bool:
    """Say whether a decision is what was wanted; the scheduler adds what was left out."""
    mine: dict[str, Any] = {name: kept.details.get(name) for name in wanted.details}
    return replace(kept, details=mine) == wanted
