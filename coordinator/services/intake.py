"""Where alerts enter: the bytes are kept, then the alert or its quarantine is journalled, then it is acknowledged."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.avro import SchemaSource, schema_named
from coordinator.alerts.fields import text
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Reports, Understood
from coordinator.alerts.persons_word import persons_word
from coordinator.services.assess import Delivery, MapMaker, MapReader, assess, make_map_here
from coordinator.services.facts import entry_of
from coordinator.services.journal import Blobs, Entry, Writer
from coordinator.services.offloaded import Fetch, Here, follow
from coordinator.services.quarantined import AlertQuarantined, QuarantineRead
from coordinator.services.together import together
from telescopes.description.clocks import SkyClock
from telescopes.description.errors import Refused, RetryLater


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message; it is durable when this is returned.

    Attributes
    ----------
    seq : int or None
        The journal entry that holds the alert, its quarantine or the leads; None: ignored, nothing was written.
    outcome : str
        alert, ignored or rejected.
    event_key : str or None
        The event, where there is one.
    reason : str or None
        Why it was ignored or rejected, or why its sky map was refused.
    waits : bool
        It was rejected only for now: a part of it lies elsewhere and cannot be had yet.
    """

    seq: int | None
    outcome: str
    event_key: str | None = None
    reason: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a transport and a person say of a message; a test is one also when it is read again later.

    `headers` None: there may be some, but nobody could read them.
    """

    topic: str = ""
    headers: Mapping[str, str] | None = None
    purpose: str | None = None
    event_key: str | None = None


NOTHING_SAID = Said()

LEADS_AT_ONCE = 100

LearnSchema = Callable[[int], Awaitable[None]]
"""Sees to it that a schema is known, if anybody has it; Refused: it cannot be used, RetryLater: nobody answers now."""


@dataclass
class Intake:
    """Takes messages of one source into the journal; the same message again changes nothing.

    What of a message lies elsewhere and cannot be had now holds up nobody: the message is kept in quarantine, and is
    read again by itself (`coordinator.services.waiting`).

    `heard` counts what came, whatever became of it. `schemas` are those that Avro messages may name by id, and
    `learn_schema` may know where to get another one; `fetch` gets what messages leave elsewhere, at once or not at
    all, and `fetch_patiently` what is read again. `announce_map` is told of every map that is kept, by its sha256, so
    that it can be made ready for a plan while its alert is still on the way; nobody waits for that.
    """

    writer: Writer
    blobs: Blobs
    sky_clock: SkyClock
    read_map: MapReader
    source_id: str
    heard: int = 0
    schemas: SchemaSource | None = None
    learn_schema: LearnSchema | None = None
    fetch: Fetch | None = None
    fetch_patiently: Fetch | None = None
    make_map: MapMaker = make_map_here
    announce_map: Callable[[str], None] | None = None

    async def receive(
        self,
        raw: bytes,
        *,
        name: str,
        purpose: str | None = None,
        event_key: str | None = None,
        topic: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Take one message.

        Parameters
        ----------
        raw : bytes
            The message as it came.
        name : str
            Its file's name, for people.
        purpose, event_key : str, optional
            What a person says of it; they can make nothing of a rehearsal but a rehearsal.
        topic, headers : optional
            What the transport says of it.

        Raises
        ------
        Refused
            A person's word that cannot be understood.
        """
        self.heard += 1
        word = persons_word(purpose, event_key)
        given = Delivery(raw, name, self.source_id, topic, headers, word)
        try:
            delivery, meaning = await self._understand(given, self.fetch)
        except RetryLater as later:
            said = Said(topic, headers or {}, purpose, event_key)
            return await self.quarantine(raw, name=name, reason=_not_now(later), said=said, waits=True)
        if isinstance(meaning, Rejected):
            said = Said(topic, delivery.headers or {}, purpose, event_key)
            return await self.quarantine(delivery.raw, name=name, reason=meaning.reason, said=said)
        return await self._take(delivery.raw, meaning)

    async def quarantine(
        self, raw: bytes, *, name: str, reason: str, said: Said = NOTHING_SAID, waits: bool = False
    ) -> Received:
        """Keep a message that nobody understands, whole, with the reason and with what was said of it."""
        return await self.quarantine_unread(await self.blobs.put(raw), name=name, reason=reason, said=said, waits=waits)

    async def quarantine_unread(
        self, raw_sha256: str, *, name: str, reason: str, said: Said = NOTHING_SAID, waits: bool = False
    ) -> Received:
        """Journal the quarantine of bytes that are kept elsewhere; `waits`: only until a part of it can be had."""
        fact = AlertQuarantined(
            raw_sha256,
            text(name),
            text(reason, 1024),
            self.source_id,
            said.topic,
            None if said.headers is None else dict(said.headers),
            said.purpose,
            said.event_key,
            waits,
        )
        entry = entry_of("alert_quarantined", fact, sky_time=self.sky_clock.now(), subject=raw_sha256)
        stored = await self.writer.append([entry], append_id=f"alert_quarantined:{fact.key}")
        return Received(stored[0].seq, "rejected", reason=stored[0].entry.body["reason"], waits=waits)

    async def read_again(self, kept: AlertQuarantined) -> Received:
        """Read a message in quarantine again; one that is understood now leaves it, once, whatever happens between.

        Raises
        ------
        Refused
            Its bytes are not kept.
        """
        raw = await self.blobs.get(kept.raw_sha256)
        word = persons_word(kept.purpose if kept.headers is not None else Purpose.TEST, kept.event_key)
        given = Delivery(raw, kept.file or "", kept.source, kept.topic, kept.headers, word)
        try:
            delivery, meaning = await self._understand(given, self.fetch_patiently or self.fetch)
        except RetryLater as later:
            return Received(None, "rejected", reason=_not_now(later), waits=True)
        if isinstance(meaning, Rejected):
            return Received(None, "rejected", reason=meaning.reason)
        received = await self._take(delivery.raw, meaning)
        fact = QuarantineRead(kept.key, kept.raw_sha256, received.outcome, text(received.reason, 1024))
        entry = entry_of("quarantine_read", fact, sky_time=self.sky_clock.now(), subject=kept.raw_sha256)
        await self.writer.append([entry], append_id=f"quarantine_read:{kept.key}")
        return received

    async def _understand(self, delivery: Delivery, fetch: Fetch | None) -> tuple[Delivery, Here]:
        """Say what a message means, and whose bytes they are: its own, or those that it points to.

        Raises
        ------
        RetryLater
            A part of it lies elsewhere and cannot be had now.
        """
        meaning = await self._assess(delivery)
        if isinstance(meaning, Elsewhere):
            return await follow(delivery, meaning, self._assess, fetch)
        return delivery, meaning

    async def _assess(self, delivery: Delivery) -> Understood:
        number = schema_named(delivery.raw, delivery.headers or {})
        if number is not None and self.learn_schema is not None:
            try:
                await self.learn_schema(number)
            except Refused as refusal:
                return Rejected(f"schema {number}: {refusal.what}")
        return await assess(delivery, self.read_map, self.schemas, self.make_map)

    async def _take(self, raw: bytes, meaning: Here) -> Received:
        """Keep and journal what was understood."""
        match meaning:
            case Alerts(alerts, maps):
                await together(self.blobs.put(data) for data in {raw, *maps.values()})
                self._announce(maps)
                return await self._journal(alerts)
            case Leads():
                await self.blobs.put(raw)
                return await self._keep_lead(meaning)
            case Reports(several):
                await self.blobs.put(raw)
                last = await self._keep_leads(several)
                return replace(last, event_key=None, reason=f"{len(several)} objects: leads only, never facts")
            case Ignored(reason) | Rejected(reason):
                return Received(None, "ignored", reason=reason)

    def _announce(self, maps: Iterable[str]) -> None:
        if self.announce_map is not None:
            for sha256 in maps:
                self.announce_map(sha256)

    async def _keep_leads(self, several: Sequence[Leads]) -> Received:
        """Journal the leads of a table: many at once, which become durable together."""
        for begin in range(0, len(several), LEADS_AT_ONCE):
            kept = await together(self._keep_lead(one) for one in several[begin : begin + LEADS_AT_ONCE])
        return kept[-1]

    async def _keep_lead(self, leads: Leads) -> Received:
        """Journal what a report says: for people, who may act on it; nothing else does."""
        key, subject = leads.event_key, leads.notice_id
        entry = entry_of("circular_received", leads, sky_time=self.sky_clock.now(), event=key, subject=subject)
        # Streams of reports send each again and again: one version of one report is one entry, whatever its bytes.
        stored = await self.writer.append([entry], append_id=f"circular_received:{subject}")
        return Received(stored[0].seq, "ignored", key, leads.reason)

    async def note_stream(self, state: str, because: str | None) -> None:
        """Journal how the stream is now: silent, away, watched again."""
        body = {"stream": self.source_id, "state": state, "because": text(because, 512)}
        await self.writer.append([Entry("stream_state_changed", body, self.sky_clock.now(), subject=self.source_id)])

    async def _journal(self, alerts: tuple[Alert, ...]) -> Received:
        now = self.sky_clock.now()
        entries = [
            entry_of("alert_received", alert, sky_time=now, event=alert.event_key, subject=alert.notice_id)
            for alert in alerts
        ]
        stored = await self.writer.append(entries, append_id=f"alert_received:{_meaning_hash(alerts)}")
        first = stored[0]
        return Received(first.seq, "alert", first.entry.event, alerts[0].localization.refused)


def _not_now(later: RetryLater) -> str:
    return f"{later.where}: {later.what}; it is tried again"


def _meaning_hash(alerts: tuple[Alert, ...]) -> str:
    """Name what is to be written: the same bytes with the same meaning are one entry, whatever file they came in."""
    parts = [
        f"{alert.raw_sha256} {alert.event_key} {alert.purpose} {alert.notice_id} {alert.localization.skymap_sha256}"
        for alert in alerts
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
