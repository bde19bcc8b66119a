"""How the sky of an event was: every move of its pointings, its revisions, plans and candidates, by sky time."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordinator.dashboard.board import Board
from coordinator.dashboard.pointings import STATES
from coordinator.dashboard.reading_on import ReadingOn
from coordinator.dashboard.views import iso
from coordinator.services.facts import FACTS
from coordinator.services.journal import Only, Stored

REVISIONS = frozenset({"event_revised", "event_retracted"})
KINDS = Only(REVISIONS | {"plan_made", "candidates_scored"} | {kind for kind in FACTS if kind.startswith("pointing_")})
Document = dict[str, Any]


@dataclass
class History:
    """What happened to one event, oldest first."""

    revisions: list[Document] = field(default_factory=list)
    plans: list[Document] = field(default_factory=list)
    moves: list[tuple[str, datetime, str]] = field(default_factory=list)
    first_scored: dict[str, datetime] = field(default_factory=dict)
    first_offered_at: datetime | None = None

    def document(self, epoch: datetime) -> Document:
        """Return it as plain data; times are seconds after `epoch`, the moves by column, by number of pointing."""

        def seconds(at: datetime) -> float:
            return round((at - epoch).total_seconds(), 1)

        number: dict[str, int] = {}
        for id, _, _ in self.moves:
            number.setdefault(id, len(number))
        return {
            "epoch": iso(epoch),
            "states": list(STATES),
            "revisions": [{**r, "at": iso(r["at"]), "at_s": seconds(r["at"])} for r in self.revisions],
            "plans": [
                {**p, "at": iso(p["at"]), "made_at": iso(p["made_at"]), "at_s": seconds(p["at"])} for p in self.plans
            ],
            "pointings": list(number),
            "moves": {
                "pointing": [number[id] for id, _, _ in self.moves],
                "at_s": [seconds(at) for _, at, _ in self.moves],
                "state": [STATES.index(state) for _, _, state in self.moves],
            },
            "first_scored_s": {id: seconds(at) for id, at in self.first_scored.items()},
        }


@dataclass
class Histories:
    """Histories by event, read from the journal when somebody asks, and from then on as it grows."""

    board: Board
    _by_event: dict[str, History] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reading = ReadingOn(self.board, KINDS, self._forget, self._take)

    async def of(self, event: str) -> History:
        """Return what happened to an event."""
        await self._reading.catch_up()
        return self._by_event.get(event) or History()

    async def first_offers(self) -> dict[str, datetime]:
        """Return when the first pointing of each event was recorded to be offered (machine UTC)."""
        await self._reading.catch_up()
        return {key: at for key, mine in self._by_event.items() if (at := mine.first_offered_at) is not None}

    async def maps(self) -> set[str]:
        """Return every sky map that any event has or had."""
        await self._reading.catch_up()
        every = (r["skymap_sha256"] for history in self._by_event.values() for r in history.revisions)
        return {sha256 for sha256 in every if sha256 is not None}

    def _forget(self) -> None:
        self._by_event = {}

    def _take(self, stored: Stored) -> None:
        entry = stored.entry
        if entry.kind == "plan_made":
            for event in entry.body["events"]:
                self._mine(event).plans.append(_plan(stored, event))
        elif entry.kind in REVISIONS and entry.event is not None:
            self._mine(entry.event).revisions.append(_revision(stored))
        elif entry.kind == "candidates_scored":
            mine = self._mine(entry.body["event"])
            for one in entry.body.get("candidates", ()):
                mine.first_scored.setdefault(one["id"], entry.sky_time)
        elif entry.event is not None and entry.subject is not None:
            self._take_move(self._mine(entry.event), stored, entry.subject)

    def _take_move(self, mine: History, stored: Stored, pointing: str) -> None:
        offered = stored.entry.kind == "pointing_offered"
        state = "offered" if offered else stored.entry.body.get("to")
        if state is not None:
            mine.moves.append((pointing, stored.entry.sky_time, state))
        if offered and mine.first_offered_at is None:
            mine.first_offered_at = stored.recorded_at

    def _mine(self, event: str) -> History:
        return self._by_event.setdefault(event, History())


def _revision(stored: Stored) -> Document:
    body, where = stored.entry.body, stored.entry.body.get("localization") or {}
    return {
        "seq": stored.seq,
        "at": stored.entry.sky_time,
        "revision": body["revision"],
        "retracted": body["retracted"],
        "phase": body.get("phase"),
        "stage": body.get("stage"),
        **{
            name: where.get(name)
            for name in ("skymap_sha256", "area50_deg2", "area90_deg2", "distance_mpc", "distance_std_mpc")
        },
    }


def _plan(stored: Stored, event: str) -> Document:
    body = stored.entry.body
    return {
        "seq": stored.seq,
        "at": stored.entry.sky_time,
        "made_at": stored.recorded_at,
        "plan": body["plan_id"],
        "plan_sha256": body["plan_sha256"],
        "events": body["events"],
        "because": body["because"],
        "planned": (body.get("planned") or {}).get(event),
        **{name: body.get(name, 0) for name in ("kept", "moved", "added", "withdrawn")},
    }
