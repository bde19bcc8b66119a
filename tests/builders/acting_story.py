"""People before a dashboard whose decisions a real scheduler takes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from builders.dispatch import ToyPlanner
from coordinator.dashboard.desk import Desk
from coordinator.events.rules import Action, Decision
from coordinator.security.people import People
from coordinator.security.person import Person, Standing
from coordinator.services.scheduler import Scheduler
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from telescopes.description.clocks import LinkTime

PASSWORD = "nine telescopes in the dark"
PEOPLE = {
    "vera": Person("vera", Standing.VIEWER),
    "otto": Person("otto", Standing.OPERATOR, frozenset({"tca"})),
    "cora": Person("cora", Standing.COORDINATOR),
    "ada": Person("ada", Standing.ADMIN),
}


@dataclass
class HandClock:
    """Link time that a test moves."""

    now_s: float = 1000.0

    def now(self) -> LinkTime:
        """Return it."""
        return LinkTime(self.now_s)


@dataclass
class Office:
    """Accounts, a scheduler that takes decisions, and a clock."""

    story: Any
    people: People
    scheduler: Scheduler
    clock: HandClock

    def desk(self, *, open_reading: bool = False) -> Desk:
        """What the dashboard is handed."""
        return Desk(
            self.people,
            self.scheduler.act,
            lambda: self.story.now,
            self.clock.now,
            open_reading,
            what_if=self.scheduler.what_if,
        )

    def token(self, name: str) -> dict[str, str]:
        """The headers of somebody's script."""
        return {"Authorization": f"Bearer {self.people.token(name, 'a test', self.story.now, 'a test')}"}

    def link(self, name: str) -> str:
        """A path that signs somebody in."""
        return f"/enter/{self.people.link(name, self.story.now, 'a test')}"

    def later(self, hours: float) -> None:
        """Let time pass."""
        self.story.now += timedelta(hours=hours)
        self.clock.now_s += 3600.0 * hours


@cache
def _accounts(now: datetime) -> bytes:
    """The file of accounts, made once: a password's hash takes long on purpose."""
    with TemporaryDirectory() as folder:
        people = People(Path(folder) / "people.sqlite")
        for person in PEOPLE.values():
            people.put(person, now, "a test")
        people.accept(people.invite("cora", now, "a test"), PASSWORD, now, "a test")
        return (Path(folder) / "people.sqlite").read_bytes()


async def an_office(story: Any, folder: Path) -> Office:
    """Make accounts (cora's alone has a password), and let a scheduler follow the story's journal."""
    (folder / "people.sqlite").write_bytes(_accounts(story.now))
    people, clock = People(folder / "people.sqlite"), HandClock()
    sky = JournaledSkyClock(lambda: story.now)
    scheduler = Scheduler(story.journal, story.blobs, ToyPlanner({}), dict(story.telescopes), sky, clock)
    await scheduler.start()
    return Office(story, people, scheduler, clock)


async def a_searching_office(story: Any, folder: Path, event: str) -> Office:
    """The same over the whole story, whose event is searched, and which the scheduler can plan."""
    await story.whole()
    await story.tell("event_decided", Decision(Action.FOLLOW, "all", "bright", ("1",), 50), event=event, subject=event)
    office = await an_office(story, folder)
    planner: Any = office.scheduler.planner
    sha256 = story.skies[event]
    planner.skies[sha256] = ProbabilityCurve.of(read_skymap(await story.blobs.get(sha256)))
    return office


@asynccontextmanager
async def served(office: Office, serve_story: Any, name: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a dashboard that decides by the office; with a name it is somebody's script."""
    headers = {} if name is None else office.token(name)
    async with (
        serve_story(office.story, desk=office.desk()) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0, headers=headers) as client,
    ):
        yield client


async def shown(
    site: httpx.AsyncClient, path: str, id: str, headers: dict[str, str], at_least: int = 0
) -> dict[str, Any]:
    """One thing of a list, once the dashboard has seen an entry of the journal."""
    async with asyncio.timeout(90.0):
        while True:
            document = (await site.get(f"/api/v1/{path}", headers=headers)).json()
            if document["as_of"]["seq"] >= at_least:
                found = [one for one in document["items"] if id in (one.get("id"), one.get("key"))]
                return dict(found[0])
            await asyncio.sleep(0.02)


async def decide(
    site: httpx.AsyncClient, path: str, headers: dict[str, str], *, key: str | None = None, **said: str
) -> httpx.Response:
    """Decide as a script does."""
    once = {"Idempotency-Key": key or str(uuid.uuid4())}
    return await site.post(f"/api/v1/{path}", headers=headers | once, json={"reason": "clouds come up"} | said)
