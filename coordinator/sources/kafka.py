"""A Kafka stream: every record reaches the intake at least once, and its offset is committed after the journal."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from coordinator.services.intake import Intake
from coordinator.services.together import together
from coordinator.sources.hand_over import Taker, hand_over_at_last
from coordinator.sources.kafka_reader import MOST_UNDER_WAY, Fault, KafkaReader, Reached, Record, Told
from coordinator.sources.patience import pause_s
from coordinator.sources.pulse import Pulse
from coordinator.sources.record_headers import Raw, read_headers
from coordinator.sources.survey_sieve import Fate, Judged, SurveySieve
from telescopes.description.errors import RetryLater

log = logging.getLogger(__name__)

MOST_OF_A_SURVEY = 1024
"""Records of a survey that may be under way."""

TAKEN_AT_ONCE = 16
"""Of those that an event may be waiting for: each of them mostly waits for the disk."""

MOST_AT_ONCE = 256
"""Records of a survey that are sifted together; a restart reads at most so many again."""


@dataclass
class KafkaSource:
    """Reads topics into the intake until it is cancelled; a consumer that is lost is made anew.

    Attributes
    ----------
    settings : mapping
        librdkafka's settings (`kafka_settings`).
    topics : sequence of str
        What is read.
    intake : Intake
        Who takes the messages.
    pulse : Pulse
        What is told of it.
    chance : random.Random
        Spreads the tries of many sources.
    heartbeat_topic : str, optional
        A topic that shows only that the stream lives.
    headers : callable
        Reads a record's headers.
    sieve : SurveySieve, optional
        What a survey's records must pass, many at once; `intake` is then the intake itself.
    most : int
        How many records may be under way.
    reader : KafkaReader, optional
        The consumer of now.
    """

    settings: Mapping[str, Any]
    topics: Sequence[str]
    intake: Intake
    pulse: Pulse
    chance: random.Random
    heartbeat_topic: str | None = None
    headers: Callable[[Raw | None], dict[str, str]] = read_headers
    sieve: SurveySieve | None = None
    most: int = MOST_UNDER_WAY
    first_pause_s: float = 1.0
    reader: KafkaReader | None = None
    _failures: int = field(default=0)

    async def run(self) -> None:
        """Read for ever."""
        while True:
            try:
                await self._read_with_one_consumer()
            except RetryLater as lost:
                self._failures += 1
                wait_s = pause_s(self._failures, self.chance, self.first_pause_s)
                self.pulse.away_because = lost.what
                self.pulse.count("consumers_lost")
                log.error("%s: %s; again in %.1f s", self.pulse.id, lost, wait_s)
                await asyncio.sleep(wait_s)

    async def _read_with_one_consumer(self) -> None:
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[Told] = asyncio.Queue()

        def tell(what: Told) -> None:
            loop.call_soon_threadsafe(told.put_nowait, what)

        reader = KafkaReader(self.settings, self.topics, tell, heartbeat_topic=self.heartbeat_topic, most=self.most)
        self.reader = reader
        reader.start()
        try:
            while True:
                if self.sieve is None:
                    await self._heed(await told.get(), reader)
                else:
                    await self._heed_many(await _at_once(told), reader, self.sieve)
        finally:
            await asyncio.to_thread(reader.close)

    async def _heed(self, told: Told, reader: KafkaReader) -> None:
        match told:
            case Record():
                await self._take(told, reader)
            case Reached(yes, because):
                self.pulse.away_because = None if yes else because
                log.log(logging.INFO if yes else logging.ERROR, "%s: %s", self.pulse.id, because or "connected")
            case Fault(what, known):
                self.pulse.count("warnings" if known else "errors")
                if not known:
                    log.error("%s: %s", self.pulse.id, what)
            case RetryLater():
                raise told

    async def _heed_many(self, many: Sequence[Told], reader: KafkaReader, sieve: SurveySieve) -> None:
        """Sift all records together, and take what is left of them at once; then settle everything in its order."""
        sifted = [one for one in many if self._is_alert(one) and one.generation == reader.generation]
        fates = await sieve.sift([one.value for one in sifted if one.value is not None])
        gate = asyncio.Semaphore(TAKEN_AT_ONCE)
        await together(self._hand_over(one, fate, gate) for one, fate in zip(sifted, fates, strict=True))
        done = {id(one) for one in sifted}
        for one in many:
            if isinstance(one, Record) and id(one) in done:
                self._failures = 0
                reader.settled(one)
            else:
                await self._heed(one, reader)

    async def _hand_over(self, record: Record, fate: Fate, gate: asyncio.Semaphore) -> None:
        if fate.outcome == "dropped":
            self.pulse.message(fate.outcome)
            return
        async with gate:
            await self._give(record, Judged(self.intake, fate))

    def _is_alert(self, told: Told) -> TypeGuard[Record]:
        return isinstance(told, Record) and told.value is not None and told.topic != self.heartbeat_topic

    async def _take(self, record: Record, reader: KafkaReader) -> None:
        """Take a record; it is settled only when it is durable."""
        if record.generation != reader.generation:
            reader.settled(record, durable=False)
            return
        if record.topic == self.heartbeat_topic:
            self.pulse.sign("heartbeats")
        elif record.value is None:
            self.pulse.sign("tombstones")
        else:
            await self._give(record, self.intake)
        self._failures = 0
        reader.settled(record)

    async def _give(self, record: Record, taker: Taker) -> None:
        headers = self.headers(record.headers)
        value = record.value or b""
        await hand_over_at_last(taker, self.pulse, value, name=record.name, topic=record.topic, headers=headers)


async def _at_once(told: "asyncio.Queue[Told]", most: int = MOST_AT_ONCE) -> list[Told]:
    """Wait for something, and return it with what is there besides."""
    found = [await told.get()]
    while len(found) < most and not told.empty():
        found.append(told.get_nowait())
    return found
