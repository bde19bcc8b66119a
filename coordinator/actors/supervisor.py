"""The supervisor: creates everybody, asks them every few seconds whether they live, and kills what hangs."""

import asyncio
import time
from typing import Any

import structlog

from coordinator.actors import names
from coordinator.actors.remote import Remote, RemoteJournal
from coordinator.actors.roster import Place, create, roster
from coordinator.actors.shell import Pong, Shell
from coordinator.settings import Settings
from telescopes.description.errors import ArmillaryError
from telescopes.description.host_port import HostPort

log = structlog.get_logger("supervisor")

HUNG_S = 20.0
LONGEST_START_S = 90.0
FIRST_WORD_S = 150.0
"""A planner works its nights out before it is ready: seconds of CPU, and minutes on a machine that does much else."""
AT_ONCE = 4
"""Actors are started a few at a time: more of them only wait for each other's CPU."""


class SupervisorActor(Shell):
    """Owner of the desired set of actors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pongs: dict[str, Pong] = {}
        self._answered: dict[str, float] = {}
        self._ready_at: dict[str, float] = {}
        self._failed: dict[str, str] = {}
        self._words: dict[str, str] = {}
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        self._telescopes = factory.telescopes(self._settings)
        self._places = {p.name: p for p in roster(self._settings, self._telescopes)}
        gate = asyncio.Semaphore(AT_ONCE)
        for place in self._places.values():
            self._keep(self._look_after(place, gate), place.name)

    async def _look_after(self, place: Place, gate: asyncio.Semaphore) -> None:
        async with gate:
            handle = create(place)
            await self._first_word(place, handle)
        while True:
            await self._ping(place, handle)
            await asyncio.sleep(place.ping_s)

    async def _first_word(self, place: Place, handle: Any) -> None:
        """Wait until an actor is ready; keep what it says if it cannot be."""
        try:
            await Remote(place.name, patience_s=30.0).call("ready", at_most_s=FIRST_WORD_S)
            self._failed.pop(place.name, None)
        except ArmillaryError as error:
            self._failed[place.name] = str(error)
            log.error("not ready", actor=place.name, because=str(error))

    async def _ping(self, place: Place, handle: Any) -> None:
        import ray

        now = time.monotonic()
        self._answered.setdefault(place.name, now)
        try:
            pong: Pong = await asyncio.wait_for(handle.ping.remote(), HUNG_S / 4)
        except (TimeoutError, ray.exceptions.RayError):
            self._pongs.pop(place.name, None)
            self._words[place.name] = "silent"
            # A planner answers only between two plans.
            if now - self._answered[place.name] > HUNG_S * (6 if "planner:" in place.kind else 1):
                log.error("hangs: killed", actor=place.name)
                self._answered[place.name] = now
                ray.kill(handle, no_restart=False)
            return
        self._answered[place.name] = time.monotonic()
        if not pong.ready:
            self._start_anew(place, handle, now)
            return
        self._ready_at[place.name] = now
        self._pongs[place.name] = pong
        self._failed.pop(place.name, None)

    def _start_anew(self, place: Place, handle: Any, now: float) -> None:
        """Kill an actor that lives but does not get ready: a start that failed is not tried again in one process."""
        import ray

        self._pongs.pop(place.name, None)
        self._words[place.name] = "starting"
        if now - self._ready_at.setdefault(place.name, now) > LONGEST_START_S:
            log.error("does not get ready: killed", actor=place.name)
            self._ready_at[place.name] = now
            ray.kill(handle, no_restart=False)

    async def missing(self) -> tuple[list[str], dict[str, str]]:
        """Who is not ready yet, and who said that it cannot be."""
        await self.ready()
        return [name for name in self._places if name not in self._pongs], dict(self._failed)

    async def pids(self) -> dict[str, int]:
        """Process ids by role."""
        import os

        return {names.SUPERVISOR: os.getpid()} | {name: p.pid for name, p in sorted(self._pongs.items())}

    async def actors(self) -> list[dict[str, Any]]:
        """Return a row an actor, itself first: how it is, by its last answers, and what it says of itself."""
        import os

        me = {"name": names.SUPERVISOR, "state": "alive", "pid": os.getpid(), "answered_ago_s": 0.0}
        await self.ready()
        return [me | {"because": None, "says": {}}, *(self._row(name, time.monotonic()) for name in self._places)]

    def _row(self, name: str, now: float) -> dict[str, Any]:
        pong, failed = self._pongs.get(name), self._failed.get(name)
        away = "failed" if failed else self._words.get(name, "starting")
        ever_answered = name in self._ready_at
        return {
            "name": name,
            "state": away if pong is None else "alive",
            "pid": None if pong is None else pong.pid,
            "answered_ago_s": round(now - self._answered[name], 1) if ever_answered else None,
            "because": failed,
            "says": {} if pong is None else pong.says,
        }

    async def status(self) -> dict[str, Any]:
        """Return the document armillary.status/1."""
        await self.ready()
        mine = await Remote(names.SCHEDULER).call("status")
        info = await RemoteJournal().info()
        for row in mine["telescopes"]:
            pong = self._pongs.get(names.telescope(row["id"]))
            row["lease_left_s"] = None if pong is None else pong.says.get("lease_left_s")
        dashboard = self._settings.dashboard
        return {
            "schema": "armillary.status/1",
            "state_dir": str(self._settings.state),
            "journal_id": info.journal_id,
            "seq": mine["seq"],
            "state_hash": mine["state_hash"],
            "event_hash": mine["event_hash"],
            "sky_time": mine["sky_time"],
            "gateway": self._settings.gateway,
            "dashboard_url": f"http://{HostPort(dashboard.host, dashboard.port)}/" if dashboard.enabled else None,
            "pids": await self.pids(),
            "streams": [
                self._pongs[names.source(s.id)].says
                if names.source(s.id) in self._pongs
                else {"id": s.id, "last_message_age_s": None, "state": "starting"}
                for s in self._settings.streams
            ],
            "events": mine["events"],
            "quarantined": mine["quarantined"],
            "telescopes": mine["telescopes"],
        }
