"""Doors to other actors: found by name, called with patience, errors unwrapped.

A call to an actor that is being restarted may or may not have run, so it is made again: every method behind these
doors is idempotent, by an id of its own or by nature.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError

from coordinator.actors.names import JOURNAL, LOOKUP, NAMESPACE, PLANNER, SCHEDULER, VETTER, telescope
from coordinator.actors.plan_parcel import unpacked
from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.journal import EVERYTHING, Entry, JournalInfo, Only, Stored, Tail
from coordinator.services.ports import CombinedMap
from coordinator.services.telescope_session import Commands
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import ArmillaryError, Broken, RetryLater
from telescopes.description.footprint import Footprint
from telescopes.description.messages import (
    Detection,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState

PAUSE_S = 0.1


@dataclass(frozen=True)
class Remote:
    """An actor by name; `patience_s` is how long its restart is waited for."""

    name: str
    patience_s: float = 8.0

    async def call(self, method: str, *args: Any, at_most_s: float = 60.0, **named: Any) -> Any:
        """Call a method until it answers.

        Raises
        ------
        RetryLater
            The actor is away for longer than `patience_s`, or does not answer within `at_most_s`.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self.patience_s
        while True:
            try:
                handle = ray.get_actor(self.name, namespace=NAMESPACE)
                return await asyncio.wait_for(getattr(handle, method).remote(*args, **named), at_most_s)
            except RayTaskError as error:
                raise unwrapped(error) from None
            except (TimeoutError, GetTimeoutError):
                raise self._away(f"did not answer {method} within {at_most_s:g} s") from None
            except (RayActorError, ValueError) as error:
                if loop.time() > give_up:
                    raise self._away("is away") from error
                await asyncio.sleep(PAUSE_S)

    def tell(self, method: str, *args: Any) -> None:
        """Call a method for whose end nobody waits, and which may as well be lost."""
        with contextlib.suppress(RayActorError, ValueError):
            getattr(ray.get_actor(self.name, namespace=NAMESPACE), method).remote(*args)

    def _away(self, what: str) -> RetryLater:
        return RetryLater(what, where=self.name, mend="it is being restarted; try again", after_s=0.5)


def unwrapped(error: RayTaskError) -> Exception:
    """Return what was really raised over there."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, ArmillaryError):
        return cause
    return Broken(f"failed: {cause!r}", where="actor", mend="see its log")


class RemoteJournal:
    """The journal actor as a Journal; waits for its restart as long as it takes."""

    def __init__(self) -> None:
        self._journal = Remote(JOURNAL, patience_s=60.0)

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        info: JournalInfo = await self._journal.call("info")
        return info

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role."""
        epoch: int = await self._journal.call("elect", role)
        return epoch

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries in one transaction."""
        stored: tuple[Stored, ...] = await self._journal.call(
            "append", entries, writer=writer, epoch=epoch, append_id=append_id
        )
        return stored

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number."""
        tail: Tail = await self._journal.call("read", after_seq, only=only, limit=limit)
        return tail

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        tail: Tail = await self._journal.call("follow", after_seq, only=only, wait_s=wait_s, limit=limit)
        return tail


class RemotePlanner:
    """The planner workers as a PlannerPort: plans in one, what is asked in a hurry in the other."""

    def __init__(self) -> None:
        self._planner = Remote(PLANNER)
        self._lookup = Remote(LOOKUP)

    async def plan(self, request: PlanRequest) -> Plan:
        """Make a plan; one in a hurry does not wait for one of a whole night."""
        worker = self._lookup if request.effort == "quick" else self._planner
        return unpacked(await worker.call("plan", request, at_most_s=120.0))

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a map as cumulative probability."""
        curve: ProbabilityCurve = await self._lookup.call("curve", skymap_sha256)
        return curve

    def expect(self, skymap_sha256: str) -> None:
        """Let a map be made ready, for a plan of it will be asked for; does not wait."""
        self._lookup.tell("get_ready", skymap_sha256)

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        ranges: Ranges = await self._lookup.call("ranges_of", footprint, ra_deg, dec_deg, position_angle_deg)
        return ranges

    async def overlap(self, one: str, other: str) -> float:
        """Say how well two sky maps agree."""
        overlap: float = await self._lookup.call("overlap", one, other)
        return overlap

    async def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Combine sky maps of one source."""
        made: CombinedMap = await self._lookup.call("combined", skymaps)
        return made


class RemoteScheduler:
    """The scheduler actor as a SchedulerPort."""

    def __init__(self) -> None:
        self._scheduler = Remote(SCHEDULER)

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        """Take a telescope's reports."""
        results: tuple[ItemResult, ...] = await self._scheduler.call("report", telescope_id, tuple(reports))
        return results

    async def act(self, action: OperatorActed) -> int:
        """Take a person's decision."""
        seq: int = await self._scheduler.call("act", action)
        return seq


class RemoteVetter:
    """The vetter actor as a VetterPort."""

    def __init__(self) -> None:
        self._vetter = Remote(VETTER)

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Take detections."""
        results: tuple[ItemResult, ...] = await self._vetter.call("store", telescope_id, tuple(detections))
        return results


class RemoteTelescope:
    """A telescope actor as a TelescopePort; the gateway's streams wait for its restart themselves."""

    def __init__(self, telescope_id: str) -> None:
        self._patient = Remote(telescope(telescope_id))
        self._quick = Remote(telescope(telescope_id), patience_s=0.0)

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session."""
        grant: SessionGrant = await self._patient.call("open_session", request)
        return grant

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> Commands:
        """Return what comes after a cursor."""
        batch: Commands = await self._quick.call("next_commands", session_id, after_seq, wait_s)
        return batch

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand reports to the scheduler."""
        results: tuple[ItemResult, ...] = await self._patient.call(
            "report_pointings", session_id, acked_seq, tuple(reports)
        )
        return results

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Take the site's status."""
        reply: StatusReply = await self._patient.call("report_status", session_id, report)
        return reply

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter."""
        results: tuple[ItemResult, ...] = await self._patient.call("report_detections", session_id, tuple(detections))
        return results

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of pointings."""
        page: PointingPage = await self._patient.call(
            "list_pointings", session_id, tuple(states), page_size, page_token
        )
        return page


__all__ = ["RayError", "Remote", "RemoteJournal", "RemotePlanner", "RemoteScheduler", "RemoteTelescope", "RemoteVetter"]
