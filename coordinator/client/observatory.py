"""The observatory through its REST: what it shows, and what people and their scripts decide."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from coordinator.client.link import Link
from coordinator.client.words import (
    Candidate,
    Coverage,
    Event,
    LogRow,
    Plan,
    Pointing,
    Simulation,
    Status,
    Taken,
    Telescope,
    WhatIf,
)
from telescopes.description.errors import Broken, Refused, RetryLater

T = TypeVar("T")
PATIENCE_S = 30.0
HAVE_RAW = (Event, Telescope, Pointing, Candidate, Simulation)


class Observatory:
    """A dashboard, asked and told by a script; a context manager.

    Parameters
    ----------
    address : str
        Such as `http://127.0.0.1:8265`.
    token : str
        What `armillary people token NAME` printed; empty where reading is open and nothing is decided.
    patience_s : float
        So long a question is repeated while a part of the observatory is being restarted; decisions too, with the same
        key, so that each is taken once.
    wait : callable
        Lets so many seconds pass.

    Raises
    ------
    Refused
        No such address, or the token would go over plain text to another machine.
    """

    def __init__(
        self,
        address: str,
        token: str = "",
        *,
        patience_s: float = PATIENCE_S,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._link, self._patience_s, self._wait = Link(address, token), patience_s, wait

    def __enter__(self) -> "Observatory":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._link.close()

    # -- what there is

    def status(self) -> Status:
        """Return the observatory at a glance."""
        return _read(self._get("/status"), Status)

    def events(self) -> Iterator[Event]:
        """Yield all events, the newest word first."""
        return self._every("/events", Event)

    def event(self, key: str) -> Event:
        """Return one event; `Refused` (NOT_FOUND) where there is none."""
        return _read(self._get(f"/events/{_part(key)}"), Event)

    def telescopes(self) -> Iterator[Telescope]:
        """Yield all telescopes, by id."""
        return self._every("/telescopes", Telescope)

    def telescope(self, id: str) -> Telescope:
        """Return one telescope; `Refused` (NOT_FOUND) where there is none."""
        return _read(self._get(f"/telescopes/{_part(id)}"), Telescope)

    def pointings(self, event: str | None = None, states: Sequence[str] = ()) -> Iterator[Pointing]:
        """Yield pointings of an event or all, in some states or all."""
        return self._every("/pointings", Pointing, event=event, state=list(states))

    def pointing(self, id: str) -> Pointing:
        """Return one pointing; `Refused` (NOT_FOUND) where there is none."""
        return _read(self._get(f"/pointings/{_part(id)}"), Pointing)

    def candidates(self, event: str | None = None) -> Iterator[Candidate]:
        """Yield candidates of an event or all, best first within each."""
        return self._every("/candidates", Candidate, event=event)

    def plans(self, event: str) -> Iterator[Plan]:
        """Yield plans that were made of an event, the newest first."""
        return self._every(f"/events/{_part(event)}/plans", Plan)

    def plan(self, event: str, seq: int) -> dict[str, Any]:
        """Return one plan with its telescopes, and what changed since the one before."""
        return self._get(f"/events/{_part(event)}/plans/{seq}")

    def coverage(self, event: str) -> Iterator[Coverage]:
        """Yield what others were reported to have looked at."""
        return self._every(f"/events/{_part(event)}/others", Coverage)

    def log(
        self,
        since: int = 0,
        *,
        event: str | None = None,
        telescope: str | None = None,
        who: str | None = None,
        kind: str | None = None,
    ) -> Iterator[LogRow]:
        """Yield journal entries after a sequence number, oldest first: all, or those that are about something.

        Parameters
        ----------
        since : int
            The sequence number.
        event, telescope : str, optional
            An event's key, a telescope's id.
        who : str, optional
            A person: what they decided.
        kind : str, optional
            A part of the kind of an entry.
        """
        asked = {"event": event, "telescope": telescope, "who": who, "kind": kind}
        while True:
            page = self._get("/log", since=since, **asked)
            yield from (_read(row, LogRow) for row in page["items"])
            if page["next"] is None:
                return
            since = page["next"]

    def simulations(self) -> Iterator[Simulation]:
        """Yield simulated campaigns, the one that changed last first."""
        return self._every("/simulations", Simulation)

    def simulation(self, id: str) -> dict[str, Any]:
        """Return one simulated campaign with what came of every policy at every point."""
        return self._get(f"/simulations/{_part(id)}")

    def simulated_events(self, id: str) -> Iterator[dict[str, Any]]:
        """Yield each event of a campaign under each policy, with how its night is opened or made."""
        return self._every(f"/simulations/{_part(id)}/events", dict[str, Any])

    def what_if(
        self,
        event: str,
        *,
        without: Sequence[str] = (),
        until: datetime | None = None,
        visits: Sequence[str] = (),
        objective: str | None = None,
    ) -> WhatIf:
        """Ask what a plan with other limits would be; nothing of it is given out."""
        said = {"without": list(without), "visits": list(visits), "until": _instant(until), "objective": objective}
        return _read(self._get(f"/events/{_part(event)}/what-if", **said), WhatIf)

    # -- what is decided

    def decide(
        self, about: str, subject: str, act: str, reason: str, *, seen: str, key: str | None = None, **words: Any
    ) -> Taken:
        """Take a decision; it is in the journal when this returns.

        Parameters
        ----------
        about : str
            telescopes, pointings, events or candidates.
        subject : str
            Its id, or the event's key.
        act : str
            Such as pause; the guide *People at the dashboard* names all.
        reason : str
            Why; it stands in the journal with the name of the token's person.
        seen : str
            The `version` of the subject on which the decision rests.
        key : str, optional
            A UUID; the same for every repetition of one decision. Left out: a new one.

        Raises
        ------
        Refused
            It may not be, cannot be, or the subject has changed meanwhile (reason ``STALE``, both versions are said).
        RetryLater
            It is not known whether it was taken: ask again with the same key.
        """
        said = {"reason": reason, "expected_version": seen, **_said(words)}
        return self._post(f"/{about}/{_part(subject)}/{act}", said, key)

    def ask_pointing(
        self,
        telescope: Telescope,
        event: str,
        reason: str,
        *,
        ra_deg: float | None = None,
        dec_deg: float | None = None,
        candidate: str | None = None,
        filter: str | None = None,
        exposure_s: float | None = None,
        count: int | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        anyway: bool = False,
        key: str | None = None,
    ) -> Taken:
        """Ask one telescope to look at a place; what is left out is the site's own, or the next 24 hours."""
        words = {
            "event": event, "ra_deg": ra_deg, "dec_deg": dec_deg, "candidate": candidate, "filter": filter,
            "exposure_s": exposure_s, "count": count, "start": start, "end": end, "anyway": anyway,
        }  # fmt: skip
        return self.decide("telescopes", telescope.id, "ask-pointing", reason, seen=telescope.version, key=key, **words)

    def withdraw_pointing(self, telescope: Telescope, pointing: str, reason: str) -> Taken:
        """Withdraw what was asked for by hand, by the name that `ask_pointing` returned."""
        said = {"pointing": pointing}
        return self.decide("telescopes", telescope.id, "withdraw-pointing", reason, seen=telescope.version, **said)

    def report_coverage(
        self,
        event: str,
        reason: str,
        *,
        source: str = "",
        treasure_map: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        moc: str | Mapping[str, Any] | None = None,
        time: datetime | None = None,
        limit_mag_ab: float | None = None,
        key: str | None = None,
    ) -> Taken:
        """Hand in what others have looked at: pointings of the Treasure Map, or a MOC with its time."""
        words = {
            "event": event, "reason": reason, "source": source, "treasure_map": treasure_map, "moc": moc,
            "time": time, "limit_mag_ab": limit_mag_ab,
        }  # fmt: skip
        return self._post("/coverage", _said(words), key)

    # -- the wire

    def _every(self, path: str, kind: type[T], **asked: Any) -> Iterator[T]:
        after: Any = None
        while True:
            page = self._get(path, **asked, after=after)
            yield from (_read(row, kind) for row in page["items"])
            after = page["next"]
            if after is None:
                return

    def _get(self, path: str, **asked: Any) -> dict[str, Any]:
        query = urlencode({name: value for name, value in asked.items() if value not in (None, [])}, doseq=True)
        return self._patiently(lambda: self._link.ask("GET", f"/api/v1{path}{'?' if query else ''}{query}"))

    def _post(self, path: str, said: dict[str, Any], key: str | None) -> Taken:
        once = key or str(uuid.uuid4())
        headers = {"Idempotency-Key": once}
        answer = self._patiently(lambda: self._link.ask("POST", f"/api/v1{path}", said, headers))
        return _read({**answer, "key": once}, Taken)

    def _patiently(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Ask again as long as patience lasts while the answer is to ask later."""
        left_s = self._patience_s
        while True:
            try:
                return ask()
            except RetryLater as error:
                if error.after_s > left_s:
                    raise
                left_s -= max(error.after_s, 0.1)
                self._wait(error.after_s)


def _read(row: Mapping[str, Any], kind: type[T]) -> T:
    try:
        more = {"raw": dict(row)} if kind in HAVE_RAW else {}
        return msgspec.convert({**row, **more}, kind, strict=False)
    except msgspec.ValidationError as error:
        mend = "use a client of the dashboard's own version"
        raise Broken(f"is no {kind.__name__}: {error}", where="dashboard", mend=mend) from error


def _part(name: str) -> str:
    if not name:
        raise Refused("has no name", where="subject", mend="give its id, or the event's key")
    return quote(name, safe="")


def _said(words: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _instant(value) if isinstance(value, datetime) else value
        for name, value in words.items()
        if value is not None
    }


def _instant(at: datetime | None) -> str | None:
    if at is not None and at.tzinfo is None:
        raise Refused("has no time zone", where=str(at), mend="give an aware datetime, such as datetime.now(UTC)")
    return None if at is None else at.isoformat()
