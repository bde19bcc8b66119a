"""The Python client: its guide as written against a dashboard that serves, and its errors against one that does not."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from builders.acting_story import Office, an_office
from builders.web import Answering, served

from coordinator.client import Observatory
from coordinator.events.rules import Action, Decision
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from telescopes.description.errors import Broken, Refused, RetryLater

EVENT = "lvk:G298048"
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "scripts.md"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    await story.tell("event_decided", Decision(Action.FOLLOW, "all", "bright", ("1",), 50), event=EVENT, subject=EVENT)
    made = await an_office(story, tmp_path)
    planner: Any = made.scheduler.planner
    sha256 = story.skies[EVENT]
    planner.skies[sha256] = ProbabilityCurve.of(read_skymap(await story.blobs.get(sha256)))
    return made


async def test_the_guide_does_what_it_says(office: Office, serve_story: Any, capsys: Any) -> None:
    token = office.token("cora")["Authorization"].removeprefix("Bearer ")
    blocks = PYTHON.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) > 6
    async with serve_story(office.story, desk=office.desk()) as address:
        names: dict[str, Any] = {"__name__": "guide", "address": address, "token": token}
        for block in blocks:
            await asyncio.to_thread(exec, compile(block, GUIDE.name, "exec"), names)
        await asyncio.to_thread(names["sky"].__exit__, None, None, None)
    acts = [s.entry.body["action"] for s in office.story.journal.stored if s.entry.kind == "operator_acted"]
    assert acts == [
        "ask_pointing", "withdraw_pointing", "pause", "resume", "limit_event", "lift_limits", "report_coverage",
        "withdraw_coverage",
    ]  # fmt: skip
    assert "now it is “paused: clouds come up (cora)”" in capsys.readouterr().out


async def test_pages_are_followed_and_what_is_not_there_is_refused(office: Office, serve_story: Any) -> None:
    await office.story.candidates(*(f"c{n}" for n in range(250)), in_journal=5)
    token = office.token("vera")["Authorization"].removeprefix("Bearer ")

    def look(address: str) -> None:
        with Observatory(address, token) as sky:
            assert len({c.id for c in sky.candidates(EVENT)}) == 250
            with pytest.raises(Refused, match="no such event") as refused:
                sky.event("lvk:none")
            assert refused.value.reason == "NOT_FOUND"
            with pytest.raises(Refused, match="may not do this"):
                sky.decide("telescopes", "tca", "pause", "why not", seen="free")
        with Observatory(address, "wrong") as nobody, pytest.raises(Refused, match="opens nothing"):
            nobody.status()

    async with serve_story(office.story, desk=office.desk()) as address:
        await asyncio.to_thread(look, address)


class Busy(Answering):
    """Says to ask later, so often; then answers. Keeps the keys that it was sent."""

    def do_GET(self) -> None:
        self.say()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.mine["keys"].append(self.headers["Idempotency-Key"])
        self.say()

    def say(self) -> None:
        if self.mine["times"] > 0:
            self.mine["times"] -= 1
            self.answer(503, b'{"title": "is away", "mend": "wait"}', **{"Retry-After": "2"})
        else:
            self.answer(200, self.mine["then"])


def test_what_is_away_is_asked_again_with_the_same_key_until_patience_ends() -> None:
    waited: list[float] = []
    mine = {"times": 3, "then": b'{"seq": 7, "text": "done"}', "keys": []}
    with served(Busy, mine) as port, Observatory(f"http://127.0.0.1:{port}", "t", wait=waited.append) as sky:
        assert sky.decide("telescopes", "tca", "pause", "why not", seen="free").seq == 7
        assert (waited, len(mine["keys"]), len(set(mine["keys"]))) == ([2.0] * 3, 4, 1)
        mine["times"] = 100
        with pytest.raises(RetryLater, match="is away"):
            sky.status()
        assert sum(waited) <= 6.0 + 30.0


@pytest.mark.parametrize("then", [b"<html>", b"[1]", b'{"items": [{"id": 3}], "next": null}'])
def test_what_is_no_answer_of_a_dashboard_is_broken(then: bytes) -> None:
    with (
        served(Busy, {"times": 0, "then": then, "keys": []}) as port,
        Observatory(f"http://127.0.0.1:{port}", "t") as sky,
        pytest.raises(Broken),
    ):
        list(sky.telescopes())


def test_nobody_there_and_no_address_are_told_apart() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Observatory(address, "t", wait=lambda _: None) as sky, pytest.raises(RetryLater):
            sky.status()
    for address in ("observatory", "ftp://x", "http://observatory.example.org"):
        with pytest.raises(Refused):
            Observatory(address, "t")
