"""Telescopes that are given whole pointings, the far side of each, and an agent with a coordinator in memory."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from astropy.io import fits

from telescopes.agent.agent import Agent
from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.agent.safety import at_each
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import MonotonicClock, ScaledSkyClock, SkyClockReading
from telescopes.description.footprint import Rectangle
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.telescope import DriverChoice, Instrument, Observing, Site, Telescope
from telescopes.drivers.command import CommandDriver
from telescopes.drivers.driver import HoldsDevices
from telescopes.drivers.filedrop import FileDropDriver
from telescopes.drivers.manual import ManualDriver
from telescopes.drivers.whole_pointing import AnyDriver

PROGRAM = Path(__file__).parent / "programs" / "observe.py"
WITHIN_S = 150.0


def now() -> datetime:
    return datetime.now(UTC)


def a_site(name: str, **settings: Any) -> Telescope:
    camera = Instrument("main", ("r", "g"), Rectangle(1.0, 1.0))
    return Telescope(
        id="t1",
        name="T1 <of> the hill",
        site=Site(0.0, 0.0),
        instruments=(camera,),
        observing=Observing(0.2, count=2, filters=("r",)),
        driver=DriverChoice(name, settings),
    )


def a_request(pointing_id: str = "p1", for_s: float = 60.0, **changes: Any) -> Pointing:
    """Two exposures of 0.2 s in r, from now on."""
    begin = now() - timedelta(seconds=1)
    pointing = Pointing(
        pointing_id=pointing_id,
        revision=1,
        plan_id="plan",
        event_id="lvk:S1",
        event_revision=1,
        telescope_id="t1",
        instrument_id="main",
        visit="1",
        ra_deg=10.0,
        dec_deg=-5.0,
        position_angle_deg=0.0,
        window_start=begin,
        window_end=begin + timedelta(seconds=for_s),
        planned_start=begin,
        exposures=(Exposure("r", 0.2, 2),),
        accept_within_s=60.0,
    )
    return replace(pointing, **changes)


def a_clock() -> AgentSky:
    """A sky clock that shows this machine's time."""
    sky = AgentSky(MonotonicClock())
    sky.announce(SkyClockReading(now(), 1.0))
    return sky


async def until(true: Callable[[], Any], what: str | Callable[[], str] = "it comes") -> None:
    """Poll to a deadline; say then what was waited for, or what there is instead."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while not true():
                await asyncio.sleep(0.01)
    except TimeoutError as error:
        said = what if isinstance(what, str) else what()
        raise AssertionError(f"not within {WITHIN_S:g} s: {said}") from error


async def stopped(site: Any, driver: Any) -> None:
    """Poll until the far side does nothing any more."""
    async with asyncio.timeout(WITHIN_S):
        while await site.still_asked(driver):
            await asyncio.sleep(0.02)


@dataclass
class Observatory:
    """An agent with a real driver, and the coordinator that it talks to."""

    telescope: Telescope
    make: Callable[[Telescope, AgentSky], AnyDriver]
    state: Path
    violation: Callable[..., Any] = lambda *_: None
    rate: float = 1.0
    coordinator: LoopbackCoordinator = field(init=False)
    driver: Any = None

    def __post_init__(self) -> None:
        clock = MonotonicClock()
        sky = ScaledSkyClock(clock, clock.now(), now(), self.rate)
        self.coordinator = LoopbackCoordinator(sky, clock, now, heartbeat_s=5.0, lease_s=15.0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        clock = MonotonicClock()
        sky = AgentSky(clock)
        self.driver = self.make(self.telescope, sky)
        store = Store(self.state / "agent.sqlite", self.telescope.id)
        agent = Agent(
            self.telescope,
            self.driver,
            self.coordinator,
            store,
            sky=sky,
            link_clock=clock,
            utc_now=now,
            rng=np.random.default_rng(1),
            violation=at_each(self.violation),
        )
        stop = asyncio.Event()
        task = asyncio.create_task(agent.run(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            if isinstance(self.driver, HoldsDevices):
                await self.driver.close()
            store.close()
        if not task.cancelled():
            task.result()

    def told(self, pointing_id: str = "p1") -> list[str]:
        states: list[str] = []
        for report in self.coordinator.reports_of(pointing_id):
            if not states or states[-1] != report.state.value:
                states.append(report.state.value)
        return states

    def last(self, pointing_id: str = "p1") -> Any:
        return self.coordinator.reports_of(pointing_id)[-1]

    async def reached(self, state: str, pointing_id: str = "p1") -> None:
        await until(lambda: state in self.told(pointing_id), state)

    async def exposures(self, count: int, pointing_id: str = "p1") -> None:
        await until(lambda: (r := self.coordinator.reports_of(pointing_id)) and len(r[-1].exposures) >= count)


def an_image(path: Path, **changes: Any) -> Path:
    """Write a FITS image as an observatory does, by another name first."""
    header = {
        "DATE-OBS": now().replace(tzinfo=None).isoformat(),
        "EXPTIME": 0.2,
        "FILTER": "r",
        "RA": 10.001,
        "DEC": -5.0,
        **changes,
    }
    unit = fits.PrimaryHDU(np.zeros((8, 8), np.uint16))
    for key, value in header.items():
        if value is not None:
            unit.header[key] = value
    beside = path.with_suffix(".part")
    unit.writeto(beside, overwrite=True, output_verify="silentfix")
    beside.replace(path)
    return path


class CommandSite:
    """A program that goes on when a file is there."""

    make = CommandDriver
    images = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        words = [sys.executable, str(PROGRAM)]
        self.telescope = a_site(
            "command",
            program=[*words, "steps", str(folder)],
            safety=[*words, "safety", str(folder)],
            safety_every_s=0.05,
            grace_s=2.0,
        )

    async def asked(self, driver: Any) -> None:
        pids = self.folder / "pids"
        await until(lambda: pids.exists() and pids.read_text())

    async def expose(self, driver: Any) -> None:
        (self.folder / "go").write_text("")
        await until(lambda: not (self.folder / "go").exists())

    async def still_asked(self, driver: Any) -> bool:
        told = self.folder / "pids"
        pids = told.read_text().split() if told.exists() else []
        return any(alive(int(pid)) for pid in pids)

    async def close_site(self, driver: Any) -> None:
        (self.folder / "closed").write_text("")


class FileDropSite:
    """A folder for ACP plans, and one in which images appear."""

    make = FileDropDriver
    images = True

    def __init__(self, folder: Path) -> None:
        self.plans, self.results, self.safety = folder / "plans", folder / "results", folder / "safety.txt"
        self.plans.mkdir()
        self.results.mkdir()
        self.safety.write_text("safe\n")
        self.count = 0
        self.telescope = a_site(
            "filedrop",
            format="acp",
            folder=str(self.plans),
            results=str(self.results),
            safety_file=str(self.safety),
            poll_s=0.03,
            late_s=0.2,
            cancel_file=True,
        )

    def plan(self) -> str:
        return next(self.plans.glob("armillary-t1_*.txt")).read_text()

    async def asked(self, driver: Any) -> None:
        await until(lambda: list(self.plans.glob("armillary-t1_*.txt")))

    async def expose(self, driver: Any) -> None:
        self.count += 1
        night = self.results / "night"
        night.mkdir(exist_ok=True)
        an_image(night / f"image{self.count}.fits")

    async def still_asked(self, driver: Any) -> bool:
        return bool(list(self.plans.glob("armillary-t1_*.txt")))

    async def close_site(self, driver: Any) -> None:
        self.safety.write_text("weather\n")


class Browser:
    """A browser without scripts: looks at the page, fills in its forms, and presses its buttons."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def look(self, path: str | None = None, **headers: str) -> tuple[int, str]:
        return self._ask("GET", path, None, headers)

    def send(self, form: dict[str, str], path: str | None = None, **headers: str) -> tuple[int, str]:
        return self._ask(
            "POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded", **headers}
        )

    def press(self, act: str, **typed: str) -> tuple[int, str]:
        """Press a button of the newest request that has it, with what its form holds and what is typed."""
        _, html = self.look()
        forms = [form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if f"value='{act}'" in form]
        fields = re.findall(r"<input[^>]*name='(\w+)'(?:[^>]*value='([^']*)')?", forms[0])
        return self.send({**{name: unescape(value) for name, value in fields}, **typed, "act": act})

    def _ask(self, verb: str, path: str | None, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        connection = HTTPConnection(self.url.hostname or "", self.url.port, timeout=60.0)
        try:
            connection.request(verb, path or self.url.path, body, headers)
            answer = connection.getresponse()
            html = answer.read().decode()
            led = answer.getheader("Location")
            return (answer.status, html) if led is None else self._ask("GET", led, None, {})
        finally:
            connection.close()


class ManualSite:
    """An observer with a browser, who reports in one go."""

    make = ManualDriver
    images = False

    def __init__(self, folder: Path) -> None:
        self.telescope = a_site("manual", port=0, print_folder=str(folder))

    async def asked(self, driver: Any) -> None:
        await until(lambda: driver.url)
        await self.sees(driver, "I observe it")

    async def sees(self, driver: Any, words: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while words not in (await asyncio.to_thread(Browser(driver.url).look))[1]:
                await asyncio.sleep(0.02)

    async def expose(self, driver: Any, count: int = 1) -> None:
        """Report one exposure (with `count` more), which ends the request."""
        end = now()
        typed = {
            "count0": str(count),
            "start0": f"{end - timedelta(seconds=2):%H:%M:%S}",
            "end0": f"{end:%H:%M:%S}",
            "ra": "00:40:00.24",
            "dec": "-05:00:00",
        }
        status, html = await asyncio.to_thread(lambda: Browser(driver.url).press("report", **typed))
        assert status == 200, html

    async def still_asked(self, driver: Any) -> bool:
        _, html = await asyncio.to_thread(Browser(driver.url).look)
        return "I observe it" in html or "I cannot" in html

    async def close_site(self, driver: Any) -> None:
        await asyncio.to_thread(lambda: Browser(driver.url).press("close", reason="weather"))


def alive(pid: int) -> bool:
    """Say whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
