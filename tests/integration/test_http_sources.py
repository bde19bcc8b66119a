"""Alerts pushed to us and polled by us, over real HTTP on this machine."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Literal

import httpx
import pytest

from coordinator.alerts.alert import Alert, Purpose
from coordinator.demo.ports import free_port
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Stored, Writer
from coordinator.sources.http_poll import HttpPollSource
from coordinator.sources.http_push import HttpPushSource
from coordinator.sources.pulse import Pulse
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.errors import RetryLater

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SECRET = "hush"
BEARER = {"Authorization": f"Bearer {SECRET}"}


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


def a_notice(name: str = "S261122aa") -> bytes:
    notice = {"superevent_id": name, "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z", "event": None}
    return json.dumps(notice).encode()


async def an_intake() -> Intake:
    writer = await Writer.elected(InMemoryJournal(), "source/web")
    return Intake(writer, InMemoryBlobs(), SystemSkyClock(), no_map, "web")


def facts(intake: Intake) -> list[Stored]:
    assert isinstance(intake.writer.journal, InMemoryJournal)
    return [stored for stored in intake.writer.journal.stored if stored.entry.kind != "writer_elected"]


@dataclass
class Pushed:
    """A running webhook and a client of it."""

    intake: Intake
    pulse: Pulse
    client: httpx.AsyncClient

    async def push(self, body: bytes, headers: dict[str, str], **more: Any) -> httpx.Response:
        return await self.client.post("/alerts", content=body, headers=headers, **more)


@asynccontextmanager
async def pushing(auth: Literal["bearer", "hmac"] = "bearer") -> AsyncIterator[Pushed]:
    intake, pulse, port = await an_intake(), Pulse("web", MonotonicClock()), free_port()
    source = HttpPushSource("127.0.0.1", port, auth, SECRET, intake, pulse, 100_000)
    task = asyncio.create_task(source.run())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60.0) as client:
        while True:
            try:
                await client.get("/")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.02)
        yield Pushed(intake, pulse, client)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_pushed_alert_is_answered_with_its_journal_entry() -> None:
    async with pushing() as pushed:
        answer = await pushed.push(a_notice(), BEARER)
        assert answer.status_code == 202
        assert answer.json() == {"seq": 2, "outcome": "alert", "event_key": "lvk:S261122aa", "reason": None}
        again = await pushed.push(a_notice(), BEARER)
        assert again.json()["seq"] == 2 and len(facts(pushed.intake)) == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRET}"}])
async def test_a_stranger_is_not_heard(headers: dict[str, str]) -> None:
    async with pushing() as pushed:
        answer = await pushed.push(a_notice(), headers)
        assert answer.status_code == 401 and not facts(pushed.intake)
        assert pushed.pulse.counts == {"strangers": 1}


async def test_a_signed_body_is_taken_and_one_that_was_changed_is_not() -> None:
    async with pushing("hmac") as pushed:
        signature = "sha256=" + hmac.new(SECRET.encode(), a_notice(), hashlib.sha256).hexdigest()
        headers = {"X-Signature-256": signature}
        assert (await pushed.push(a_notice(), headers)).status_code == 202
        assert (await pushed.push(a_notice("S261122ab"), headers)).status_code == 401
        assert (await pushed.push(a_notice(), BEARER)).status_code == 401
        assert len(facts(pushed.intake)) == 1


async def parts() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"x" * 10_000


async def test_what_is_too_long_is_not_read_to_its_end_whether_or_not_it_says_so() -> None:
    async with pushing() as pushed:
        assert (await pushed.push(b"x" * 100_001, BEARER)).status_code == 413
        with contextlib.suppress(httpx.TransportError):  # the door is shut while the client still speaks
            assert (await pushed.client.post("/alerts", content=parts(), headers=BEARER)).status_code == 413
        assert not facts(pushed.intake) and pushed.pulse.counts == {"too_long": 2}


async def test_a_pushed_message_that_nobody_understands_is_kept_and_told() -> None:
    async with pushing() as pushed:
        answer = await pushed.push(b"{", BEARER)
        assert answer.status_code == 202 and answer.json()["outcome"] == "rejected"
        assert facts(pushed.intake)[0].entry.kind == "alert_quarantined"


async def test_headers_and_topic_of_a_push_are_heard() -> None:
    async with pushing() as pushed:
        await pushed.push(a_notice(), BEARER | {"is_test": "true"})
        alert: Alert = fact_of(facts(pushed.intake)[0].entry)
        assert alert.purpose is Purpose.TEST
        await pushed.push(a_notice("S261122ab"), BEARER, params={"topic": "snews.alert-test"})
        second: Alert = fact_of(facts(pushed.intake)[1].entry)
        assert second.purpose is Purpose.TEST


MANY = [(f"x-{n}", "1") for n in range(70)]


@pytest.mark.parametrize("marks", [[*MANY, ("_test", "true")], [("_test", "true"), ("_test", "false")]])
async def test_no_header_of_a_push_hides_the_mark_of_a_test(marks: list[tuple[str, str]]) -> None:
    async with pushing() as pushed:
        await pushed.client.post("/alerts", content=a_notice(), headers=[*BEARER.items(), *marks])
        alert: Alert = fact_of(facts(pushed.intake)[0].entry)
        assert alert.purpose is not Purpose.OBSERVATION


async def test_a_port_that_is_taken_is_told_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        pulse = Pulse("web", MonotonicClock())
        source = HttpPushSource("127.0.0.1", taken.getsockname()[1], "bearer", SECRET, await an_intake(), pulse, 10)
        task = asyncio.create_task(source.run())
        while pulse.state != "away":
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# -- polling


@dataclass
class Site:
    """What a web site answers, and what it was asked."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            made.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            etag = made.headers.get("ETag")
            known = etag is not None and self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not known:
                self.wfile.write(made.body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


async def polling(site: Site, path: str = "/x", most_bytes: int = 10_000, **more: Any) -> HttpPollSource:
    url = f"http://127.0.0.1:{site.port}{path}"
    pulse = Pulse("web", MonotonicClock())
    return HttpPollSource(url, 0.05, await an_intake(), pulse, random.Random(1), lambda: NOW, most_bytes, **more)


def taken(source: HttpPollSource) -> list[Stored]:
    assert isinstance(source.intake, Intake)
    return facts(source.intake)


async def test_only_what_is_new_is_taken(site: Site) -> None:
    source = await polling(site)
    site.body, site.headers = a_notice(), {"ETag": '"1"'}
    assert await source.ask() is True
    assert await source.ask() is False
    assert site.asked[1][2]["if-none-match"] == '"1"'
    site.body, site.headers = a_notice("S261122ab"), {"ETag": '"2"'}
    assert await source.ask() is True
    site.headers = {}
    assert await source.ask() is False, "the same bytes without an etag"
    assert [stored.entry.event for stored in taken(source)] == ["lvk:S261122aa", "lvk:S261122ab"]


async def test_what_is_asked_carries_secrets_and_the_time_of_the_last_answer(site: Site) -> None:
    site.body = a_notice()
    source = await polling(site, headers={"User-Agent": "me"}, form={"api_key": SECRET, "after": "{since}"})
    await source.ask()
    await source.ask()
    asked = [(method, headers["user-agent"], body) for method, _, headers, body in site.asked]
    assert asked[0] == ("POST", "me", b"api_key=hush&after=2026-11-22+00%3A00%3A00")
    assert asked[1] == ("POST", "me", b"api_key=hush&after=2026-11-22+23%3A55%3A00")


@pytest.mark.parametrize("status", [301, 404, 429, 500])
async def test_an_answer_that_is_none_is_tried_later_and_takes_nothing(site: Site, status: int) -> None:
    site.status, site.body = status, a_notice()
    site.headers = {"Retry-After": "7", "Location": "http://127.0.0.1:1/elsewhere"}
    source = await polling(site)
    with pytest.raises(RetryLater) as refused:
        await source.ask()
    assert refused.value.after_s == 7.0 and not taken(source)


async def test_an_answer_without_an_end_is_not_read_to_it(site: Site) -> None:
    site.body = b"x" * 10_001
    source = await polling(site)
    with pytest.raises(RetryLater, match="more than 10000 bytes"):
        await source.ask()


async def test_a_site_that_comes_back_is_asked_again(site: Site) -> None:
    site.status = 500
    source = await polling(site)
    task = asyncio.create_task(source.run())
    while source.pulse.state != "away":
        await asyncio.sleep(0.02)
    site.status, site.body = 200, a_notice()
    while not taken(source):
        await asyncio.sleep(0.02)
    assert source.pulse.state == "watching"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
