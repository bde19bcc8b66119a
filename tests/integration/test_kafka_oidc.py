"""GCN's way in: gcn-kafka's settings, with a token from a server of our own, at a broker of our own."""

import asyncio
import base64
import json
import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from builders.broker import a_broker

from coordinator.services.assess import MapSummary
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.streams import StreamSettings
from coordinator.sources.kafka import KafkaSource
from coordinator.sources.kafka_settings import consumer_settings
from coordinator.sources.pulse import Pulse
from telescopes.description.clocks import MonotonicClock, SystemSkyClock

NOTICE = b"""{"superevent_id": "S261122aa", "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z",
"event": null}"""


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


class TokenServer(BaseHTTPRequestHandler):
    """Gives a token to whoever shows the right client id and secret."""

    asked: list[str]

    def do_POST(self) -> None:
        shown = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        self.asked.append(shown)
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        now = int(time.time())
        claims = {"sub": "me", "iat": now, "exp": now + 600, "scope": "x"}
        token = ".".join(_part(part) for part in ({"alg": "none", "typ": "JWT"}, claims)) + ".c2ln"
        body = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 600}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def tokens() -> Iterator[HTTPServer]:
    TokenServer.asked = []
    server = HTTPServer(("127.0.0.1", 0), TokenServer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


async def test_an_alert_comes_to_a_client_with_a_token(tmp_path: Path, tokens: HTTPServer) -> None:
    with a_broker(tmp_path / "broker") as broker:
        topic = broker.topic("igwn.gwalert")
        broker.produce(topic, NOTICE)
        stream = StreamSettings(
            "gcn",
            kind="kafka",
            preset="gcn",
            brokers=(broker.address,),
            topics=(topic,),
            options={
                "security.protocol": "sasl_plaintext",
                "sasl.oauthbearer.token.endpoint.url": f"http://127.0.0.1:{tokens.server_port}/oauth2/token",
            },
        )
        settings = consumer_settings(stream, journal_id="j", user="me", secret="hush")
        journal = InMemoryJournal()
        intake = Intake(await Writer.elected(journal, "source/gcn"), InMemoryBlobs(), SystemSkyClock(), no_map, "gcn")
        pulse = Pulse("gcn", MonotonicClock())
        task = asyncio.create_task(KafkaSource(settings, stream.topics, intake, pulse, random.Random(1)).run())
        tail = await journal.follow(1, wait_s=150.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [stored.entry.event for stored in tail.entries] == ["lvk:S261122aa"]
    assert TokenServer.asked and set(TokenServer.asked) == {"me:hush"}
