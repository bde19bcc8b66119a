"""The stream: every entry once, in order, whatever happens to the client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx
from builders.served import caught_up

from coordinator.dashboard.hub import QUEUE_FRAMES, RING_FRAMES, Frame, Hub


@dataclass
class Message:
    event: str
    id: int | None
    data: str


async def messages(site: httpx.AsyncClient, path: str = "/stream", **headers: str) -> AsyncIterator[Message]:
    """Read a stream as a browser does; comments are messages without event."""
    async with site.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if "event" in fields:
                yield Message(fields["event"], int(fields["id"]) if "id" in fields else None, fields["data"])
            fields = {}


async def numbers(site: httpx.AsyncClient, path: str, until: int, **headers: str) -> list[int]:
    """Collect ids up to a number."""
    found: list[int] = []
    async with asyncio.timeout(60), aclosing(messages(site, path, **headers)) as stream:
        async for message in stream:
            if message.id is not None:
                found.append(message.id)
                if message.id >= until:
                    break
    return found


async def test_a_stream_goes_on_from_the_snapshot_without_gap_or_repeat(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    seq = (await site.get("/api/v1/status")).json()["as_of"]["seq"]
    for _ in range(5):
        await story.offer()
    assert await numbers(site, f"/stream?after={seq}", until=seq + 5) == list(range(seq + 1, seq + 6))


async def test_a_reconnecting_browser_goes_on_where_it_was(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    for _ in range(6):
        await story.offer()
    head = len(story.journal.stored)
    await caught_up(site, head)
    first = await numbers(site, "/stream?after=1", until=4)
    rest = await numbers(site, "/stream?after=1", until=head, **{"Last-Event-ID": str(first[-1])})
    assert first + rest == list(range(2, head + 1))


async def test_the_numbers_mean_the_same_after_a_restart(story: Any, serve_story: Callable[[Any], Any]) -> None:
    await story.event()
    await story.offer()
    head = len(story.journal.stored)
    for _ in range(2):
        async with serve_story(story) as address, httpx.AsyncClient(base_url=address) as site:
            await caught_up(site, head)
            assert await numbers(site, "/stream?after=1", until=head) == list(range(2, head + 1))


async def test_a_cursor_out_of_reach_gets_resync(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await caught_up(site, len(story.journal.stored))
    async with asyncio.timeout(60), aclosing(messages(site, "/stream?after=9999")) as stream:
        found = [await anext(stream) for _ in range(2)]
    assert ("resync", len(story.journal.stored)) in [(m.event, m.id) for m in found]


async def test_clocks_come_without_an_id(site: httpx.AsyncClient, story: Any) -> None:
    await caught_up(site, 0)
    async with asyncio.timeout(60), aclosing(messages(site)) as stream:
        message = await anext(stream)
    assert (message.event, message.id) == ("clock", None)
    assert "sky_time" in message.data


async def test_topics_name_what_changed(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    head = len(story.journal.stored)
    await caught_up(site, head)
    topics: set[str] = set()
    async with asyncio.timeout(60), aclosing(messages(site, "/stream?after=0")) as stream:
        async for message in stream:
            topics.add(message.event)
            assert len(message.data.encode()) <= 1024
            if message.id == head:
                break
    assert {"revision", "plan", "pointing", "telescope", "candidate", "log"} <= topics


async def test_a_closed_stream_leaves_nothing_behind(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await caught_up(site, 1)
    await numbers(site, "/stream?after=0", until=1)
    async with asyncio.timeout(60):
        while (await site.get("/api/v1/status")).json()["streams_open"]:
            await asyncio.sleep(0.02)


async def test_a_bad_cursor_is_a_problem(site: httpx.AsyncClient) -> None:
    answer = await site.get("/stream", headers={"Last-Event-ID": "yesterday"})
    assert answer.status_code == 400
    assert "Last-Event-ID" in answer.text


def a_frame(seq: int) -> Frame:
    return Frame(seq, b"id: %d\n\n" % seq)


async def test_a_slow_client_gets_resync_and_then_goes_on() -> None:
    hub = Hub()
    client = hub.subscribe(None)
    for seq in range(1, QUEUE_FRAMES + 2):
        hub.publish(a_frame(seq))
    hub.publish(a_frame(QUEUE_FRAMES + 2))
    text = (await client.next()).decode()
    assert text.startswith(f"id: {QUEUE_FRAMES + 1}\nevent: resync")
    assert text.endswith(f"id: {QUEUE_FRAMES + 2}\n\n")
    assert text.count("id:") == 2


async def test_what_left_the_ring_is_resync() -> None:
    hub = Hub()
    for seq in range(1, RING_FRAMES + 11):
        hub.publish(a_frame(seq))
    assert b"resync" in await hub.subscribe(5).next()
    assert (await hub.subscribe(RING_FRAMES).next()).count(b"id:") == 10
