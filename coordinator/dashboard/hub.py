"""One subscription to the journal for the process, many clients: each frame is encoded once, queues are bounded."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

RING_FRAMES = 2000
QUEUE_FRAMES = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """One server-sent event, encoded; `seq` is the journal's number."""

    seq: int
    text: bytes


class Client:
    """One open stream. When it reads too slowly its queue gives way to one `resync`: fetch the snapshot again."""

    def __init__(self, hub: "Hub", backlog: Iterable[Frame]) -> None:
        self._hub = hub
        self._queue = deque(backlog)
        self._news = asyncio.Event()
        if self._queue:
            self._news.set()

    def offer(self, frame: Frame) -> None:
        """Take a frame, or lose all that waits and say so."""
        if len(self._queue) >= QUEUE_FRAMES:
            self._queue.clear()
            frame = resync(frame.seq)
        self._queue.append(frame)
        self._news.set()

    async def next(self) -> bytes:
        """Wait for frames; return all that wait, empty when the hub has closed."""
        await self._news.wait()
        self._news.clear()
        text = b"".join(frame.text for frame in self._queue)
        self._queue.clear()
        return text

    def wake(self) -> None:
        """Let the stream look up: the hub has closed."""
        self._news.set()


class Hub:
    """A ring of the last frames, and the clients that get what comes."""

    def __init__(self) -> None:
        self._ring: deque[Frame] = deque(maxlen=RING_FRAMES)
        self._clients: set[Client] = set()
        self._head_seq = 0
        self.closed = False

    def __len__(self) -> int:
        return len(self._clients)

    def publish(self, frame: Frame) -> None:
        """Give a frame to everybody."""
        self._ring.append(frame)
        self._head_seq = frame.seq
        for client in self._clients:
            client.offer(frame)

    def subscribe(self, after_seq: int | None) -> Client:
        """Begin a stream: with all that came after a number, or with `resync` where that is not in the ring.

        None: from now on. Numbers are the journal's, so they mean the same after every restart.
        """
        client = Client(self, self._backlog(after_seq))
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """End a stream."""
        self._clients.discard(client)

    def close(self) -> None:
        """End all streams."""
        self.closed = True
        for client in self._clients:
            client.wake()

    def _backlog(self, after_seq: int | None) -> list[Frame]:
        if after_seq is None or after_seq == self._head_seq:
            return []
        oldest = self._ring[0].seq if self._ring else self._head_seq + 1
        if not oldest - 1 <= after_seq <= self._head_seq:
            return [resync(self._head_seq)]
        backlog = [frame for frame in self._ring if frame.seq > after_seq]
        return backlog if len(backlog) <= QUEUE_FRAMES else [resync(self._head_seq)]


def resync(seq: int) -> Frame:
    """Return the frame that says: something was missed, fetch the snapshot again."""
    return Frame(seq, b'id: %d\nevent: resync\ndata: {"seq":%d}\n\n' % (seq, seq))
