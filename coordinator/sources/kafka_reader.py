"""A Kafka consumer in a thread of its own: it polls for ever, hands records over, and commits what is durable.

librdkafka wants to be polled whatever we do with a message, so it never waits for the journal. When more is under way
than the intake takes, the partitions are paused: what is not fetched is kept by the broker.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition

from telescopes.description.errors import RetryLater

log = logging.getLogger(__name__)
QUIET = logging.getLogger(f"{__name__}.librdkafka")
QUIET.setLevel(logging.CRITICAL)
"""It writes a line for each of many tries; what counts of it comes as an error, and is told."""

POLL_S = 0.1
CLOSE_WITHIN_S = 10.0
MOST_UNDER_WAY = 64
MOST_BYTES_UNDER_WAY = 64 * 2**20
NOT_THERE = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)
CUT_OFF = (KafkaError._ALL_BROKERS_DOWN, KafkaError._AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it came; `generation` counts the times at which the partitions were given out anew."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | str | None]] | None
    generation: int

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.topic}[{self.partition}]@{self.offset}"

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return 0 if self.value is None else len(self.value)


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether any broker is connected."""

    yes: bool
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong that ends nothing."""

    what: str
    known: bool = False


Told = Record | Reached | Fault | RetryLater
"""What a reader tells; RetryLater is its last word: it has ended, and another one may be made."""


class KafkaReader:
    """The thread and its consumer.

    Parameters
    ----------
    settings : mapping
        librdkafka's settings.
    topics : sequence of str
        What is read.
    heartbeat_topic : str, optional
        Read from its end on, and never committed: old heartbeats say nothing.
    tell : callable
        Takes what is told; called in the thread.
    most : int
        How many records may be under way before the partitions are paused.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        topics: Sequence[str],
        tell: Callable[[Told], None],
        *,
        heartbeat_topic: str | None = None,
        most: int = MOST_UNDER_WAY,
    ) -> None:
        self._settings = dict(settings)
        self._heartbeat_topic = heartbeat_topic
        self._topics = [*topics, *([heartbeat_topic] if heartbeat_topic else [])]
        self._tell = tell
        self._most = most
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._under_way = [0, 0]
        self._durable: dict[tuple[str, int], int] = {}
        self._paused = False
        self._reached: bool | None = None
        self.generation = 0
        self.pauses = 0
        self._thread = threading.Thread(target=self._run, name="kafka", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """End: commit what is durable, leave the group; blocks for some seconds where no broker answers.

        Nothing is lost if it cannot: what is not committed comes again.
        """
        self._stop.set()
        self._thread.join(CLOSE_WITHIN_S)
        if self._thread.is_alive():
            log.warning("no broker answers: the consumer is left to end by itself")

    def settled(self, record: Record, durable: bool = True) -> None:
        """Say that a record is no longer under way; `durable`: its offset may be committed. From any thread."""
        with self._lock:
            self._under_way[0] -= 1
            self._under_way[1] -= record.size
            if durable and record.generation == self.generation and record.topic != self._heartbeat_topic:
                self._durable[record.topic, record.partition] = record.offset + 1

    # -- the thread

    def _run(self) -> None:
        try:
            self._consumer = Consumer(
                self._settings | {"error_cb": self._on_error, "stats_cb": self._on_statistics}, logger=QUIET
            )
        except KafkaException as error:
            self._tell(_lost(f"cannot be made: {error.args[0].str()}"))
            return
        try:
            self._consumer.subscribe(self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke)
            while not self._stop.is_set():
                self._step()
            self._commit(asynchronous=False)
        except KafkaException as error:
            self._tell(_lost(str(error.args[0])))
        finally:
            self._consumer.close()

    def _step(self) -> None:
        self._keep_pace()
        message = self._consumer.poll(POLL_S)
        self._commit()
        if message is None:
            return
        error = message.error()
        if error is not None:
            self._fault(error)
            return
        record = _record(message, self.generation)
        with self._lock:
            self._under_way[0] += 1
            self._under_way[1] += record.size
        self._tell(record)

    def _keep_pace(self) -> None:
        """Pause when too much is under way, go on when half of it is done."""
        count, size = self._under_way
        if not self._paused and (count >= self._most or size >= MOST_BYTES_UNDER_WAY):
            self._paused = True
            self.pauses += 1
            self._consumer.pause(self._consumer.assignment())
        elif self._paused and count <= self._most // 2 and size <= MOST_BYTES_UNDER_WAY // 2:
            self._paused = False
            self._consumer.resume(self._consumer.assignment())

    def _commit(self, asynchronous: bool = True) -> None:
        with self._lock:
            durable, self._durable = self._durable, {}
        if not durable:
            return
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in durable.items()]
        try:
            if asynchronous:
                self._consumer.commit(offsets=offsets, asynchronous=True)
            else:
                self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            # The messages come again, and the intake knows them.
            self._tell(Fault(f"an offset was not committed: {error.args[0].str()}"))

    # -- what librdkafka calls, within poll

    def _on_assign(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            if one.topic == self._heartbeat_topic:
                one.offset = OFFSET_END
        consumer.assign(partitions)
        self._paused = False

    def _on_revoke(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        """Commit what is durable; what is still under way belongs to whoever reads the partition next."""
        self._commit(asynchronous=False)
        with self._lock:
            self.generation += 1
            self._durable = {}
        consumer.unassign()

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise KafkaException(error)
        if error.code() in CUT_OFF:
            self._say_reached(False, error.str())
        else:
            self._tell(Fault(error.str(), known=error.code() == KafkaError._TRANSPORT))

    def _on_statistics(self, text: str) -> None:
        brokers = json.loads(text).get("brokers", {}).values()
        if any(broker.get("state") == "UP" for broker in brokers):
            self._say_reached(True)

    def _say_reached(self, yes: bool, because: str | None = None) -> None:
        if yes is not self._reached:
            self._reached = yes
            self._tell(Reached(yes, because))

    def _fault(self, error: KafkaError) -> None:
        if error.fatal():
            raise KafkaException(error)
        if error.code() in NOT_THERE:
            log.warning("%s: nothing was ever sent there, or nothing lately", error.str())
            self._tell(Fault(error.str(), known=True))
        else:
            log.error("%s", error.str())
            self._tell(Fault(error.str()))


def _record(message: Message, generation: int) -> Record:
    headers = message.headers()
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.value(),
        headers if isinstance(headers, list) else None,
        generation,
    )


def _lost(what: str) -> RetryLater:
    return RetryLater(what, where="kafka consumer", mend="it is made anew")
