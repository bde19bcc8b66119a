"""A journal that something happens in, and a notifier that follows it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from builders.dispatch import START
from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.events.coincidence_facts import CoincidenceFound, Tie
from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, InMemoryJournal, Stored, Writer
from coordinator.services.notifier import NOT_TOLD, TOLD, Letter, Notifier, Outlet, Perseverance
from coordinator.services.notify_settings import NotifyRule
from coordinator.services.quarantined import AlertQuarantined
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from telescopes.description.errors import ArmillaryError

EVERYTHING = (
    "event", "retraction", "coincidence", "candidate", "waiting", "telescope_lost", "stream_silent", "quarantine",
)  # fmt: skip
AT_ONCE = Perseverance(first_s=0.001, longest_s=0.002)


@dataclass
class Drawer:
    """An outlet that keeps its letters; `errors` are raised by the next ones."""

    letters: list[Letter] = field(default_factory=list)
    errors: list[ArmillaryError] = field(default_factory=list)
    tried: int = 0

    async def send(self, letter: Letter) -> None:
        """Keep a letter."""
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append(letter)

    async def asked(self, times: int) -> None:
        """Wait until it was tried so often."""
        async with asyncio.timeout(90.0):
            while self.tried < times:
                await asyncio.sleep(0.005)

    @property
    def titles(self) -> list[str]:
        """What was said."""
        return [letter.title for letter in self.letters]


@dataclass
class Night:
    """What happens; `utc` is the machine's."""

    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    utc: datetime = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)

    async def happens(
        self,
        kind: str,
        fact: object,
        event: str | None = None,
        telescope: str | None = None,
        subject: str | None = None,
    ) -> Stored:
        """Write a fact down."""
        where = {"event": event, "telescope": telescope, "subject": subject}
        return await self.write(entry_of(kind, fact, sky_time=START, **where))

    async def write(self, *entries: Entry) -> Stored:
        """Write entries down in one commit; return the first."""
        if "scheduler" not in self.journal.epochs:
            await Writer.elected(self.journal, "scheduler")
        writer = Writer(self.journal, "scheduler", self.journal.epochs["scheduler"])
        return (await writer.append(entries))[0]

    async def event(
        self,
        name: str = "S1",
        *,
        retracted: bool = False,
        significant: bool | None = True,
        purpose: Purpose = Purpose.OBSERVATION,
        key: str = "lvk:S1",
    ) -> Stored:
        """A revision of an event."""
        fact = Event(
            key, name, 1, retracted, "gw", Phase.INITIAL, "INITIAL", purpose, START, START,
            Localization("none", area90_deg2=118.0), significant=significant, classification={"BNS": 0.92},
        )  # fmt: skip
        return await self.happens("event_retracted" if retracted else "event_revised", fact, event=key, subject=key)

    async def decided(self, action: Action, key: str = "lvk:S1") -> Stored:
        """What the rules say of it."""
        return await self.happens("event_decided", Decision(action, "a rule", "it is bright"), event=key, subject=key)

    async def candidate(self, id: str = "c1", probability: float = 0.9, event: str = "lvk:S1") -> Stored:
        """A candidate was weighed."""
        one = ScoredCandidate(id, 10.0, 20.0, 0.1, probability, 3.0, "possible", 2, (), 17.0, "r")
        return await self.happens(
            "candidates_scored", CandidatesScored(event, 1, 0.1, (one,), None, best=id, weighed=1)
        )

    async def coincidence(self, *, tell: bool, because: str = "GRB 1 came +2 s from S1.") -> Stored:
        """The event meets a burst: searched as one, or its map excludes the burst's."""
        tie = Tie("fermi:1", "GRB 1", "CBC x GRB", 2.0, (-1.0, 5.0), None, None, None)
        apart, together = ((tie,), ()) if tell else ((), (tie,))
        fact = CoincidenceFound("lvk:S1", "S1", together, apart, None, {"lvk:S1": None}, None, because, tell)
        return await self.happens("coincidence_found", fact, event=fact.lead, subject=fact.lead)

    async def lost(self, telescope: str = "tca") -> Stored:
        """A telescope does not answer."""
        return await self.happens("telescope_status_changed", TelescopeStatusChanged("lost"), telescope=telescope)

    async def silent(self, stream: str = "lvk") -> Stored:
        """A stream is silent."""
        body = {"stream": stream, "state": "silent", "because": "nothing for 90 s"}
        return await self.write(Entry("stream_state_changed", body, START, subject=stream))

    async def riddle(self, reason: str = "no JSON") -> Stored:
        """A message that nobody understands."""
        return await self.happens("alert_quarantined", AlertQuarantined("0" * 64, "f", reason, "files"))

    def later(self, **span: float) -> None:
        """Let the machine's time pass."""
        self.utc += timedelta(**span)

    @asynccontextmanager
    async def told(
        self, outlets: Mapping[str, Outlet], *rules: NotifyRule, patience: Perseverance = AT_ONCE
    ) -> AsyncIterator[None]:
        """Tell while the block runs, and end as a process that is killed does."""
        writer = await Writer.elected(self.journal, "notifier")
        rules = rules or (NotifyRule(EVERYTHING, tuple(outlets)),)
        clock = JournaledSkyClock(lambda: self.utc)
        service = Notifier(self.journal, writer, rules, outlets, "https://page", lambda: self.utc, clock, patience)
        task = asyncio.create_task(service.run())
        await self.until("notices_read", 1)
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, kind: str, count: int) -> list[Entry]:
        """Wait until the journal has so many entries of a kind."""
        async with asyncio.timeout(90.0):
            while len(found := self.of(kind)) < count:
                await asyncio.sleep(0.005)
        return found

    def of(self, kind: str) -> list[Entry]:
        """Entries of a kind."""
        return [s.entry for s in self.journal.stored if s.entry.kind == kind]

    async def settled(self, count: int) -> list[Entry]:
        """Wait until so many notices were told or given up."""
        async with asyncio.timeout(90.0):
            while len(found := self.of(TOLD) + self.of(NOT_TOLD)) < count:
                await asyncio.sleep(0.005)
        return found
