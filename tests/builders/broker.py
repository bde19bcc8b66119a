"""A real Kafka-compatible broker on this machine: noida-db's own program, on a free port, ended by its pid."""

import contextlib
import importlib.util
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from builders.tcp_proxy import TcpProxy
from coordinator.demo.ports import free_port

LARGEST = 10 * 2**20
Headers = Sequence[tuple[str, bytes]]


def program() -> Path:
    """The broker's program; the wrapper that its package installs would leave it running as an orphan."""
    found = importlib.util.find_spec("noida_db")
    if found is None or found.origin is None:
        pytest.skip("noida-db is not installed")
    return Path(found.origin).parent / "noida-db"


@dataclass
class Broker:
    """One broker with its data, some way off; it may be stopped and started again.

    The emulator answers an empty fetch at once instead of waiting as a broker should, and a client beside it then asks
    ten thousand times a second: most of a core for nothing, in both processes. With a few milliseconds between them
    it asks a hundred times.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    lag_s: float = 0.005
    _own_port: int = field(default_factory=free_port)
    _way: TcpProxy | None = None
    _producer: Producer | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = ["start", "--data-dir", str(self.folder), "--only", "kafka", "--kafka-port", str(self._own_port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([str(program()), *words], stdout=log, stderr=log)
        give_up = time.monotonic() + 120.0
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._own_port), 1.0):
                break
            assert time.monotonic() < give_up, (self.folder / "log").read_text()
            time.sleep(0.05)
        # Brokers tell clients where they are: that is where the way begins.
        own, told = (b"127.0.0.1" + port.to_bytes(4, "big") for port in (self._own_port, self.port))
        self._way = TcpProxy(self._own_port, self.port, self.lag_s, rewrite=lambda data: data.replace(own, told))

    def stop(self) -> None:
        """End it; what was acknowledged stays (SIGTERM)."""
        if self._way is not None:
            self._way.close()
            self._way = None
        if self.process is not None:
            self.process.terminate()
            self.process.wait(90.0)
            self.process = None

    def topic(self, name: str, partitions: int = 1) -> str:
        """Make a topic that takes large messages."""
        admin = AdminClient({"bootstrap.servers": self.address})
        made = admin.create_topics([NewTopic(name, partitions, 1, config={"max.message.bytes": str(LARGEST)})])
        made[name].result(90.0)
        return name

    def produce(self, topic: str, *values: bytes | None, headers: Headers = (), **key: Any) -> None:
        """Send messages and wait until all are acknowledged."""
        failed: list[object] = []
        settings = {"bootstrap.servers": self.address, "message.max.bytes": LARGEST, "reconnect.backoff.max.ms": 500}
        self._producer = producer = self._producer or Producer(settings)
        for value in values:
            producer.produce(
                topic,
                value,  # type: ignore[arg-type]
                headers=list(headers),
                on_delivery=lambda error, _: failed.append(error) if error else None,
                **key,
            )
        assert producer.flush(90.0) == 0 and not failed, failed

    def committed(self, group: str, topic: str, partition: int = 0) -> int:
        """The offset that a group has committed; below 0: none."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": group})
        try:
            return int(consumer.committed([TopicPartition(topic, partition)], timeout=60.0)[0].offset)
        finally:
            consumer.close()


@contextlib.contextmanager
def a_broker(folder: Path) -> Iterator[Broker]:
    """Run a broker for a while."""
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
