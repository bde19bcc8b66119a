"""Tells people, by rules, what the journal brings: nobody has to watch a page.

What was told, and what could not be, becomes an entry of the journal, with how far the journal has been read when all
before it was settled. Who dies in between tells again what was under way: at least once, with the same id.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from coordinator.services.inbox import Waiting, inbox
from coordinator.services.journal import Entry, Journal, Only, Stored, Writer
from coordinator.services.notices import Due, due_by, news_in, waits_anew
from coordinator.services.notify_settings import NotifyRule
from coordinator.services.state import ObservatoryState
from telescopes.description.clocks import SkyClock
from telescopes.description.errors import Refused, RetryLater

log = structlog.get_logger("notifier")

ROLE = "notifier"
TOLD, NOT_TOLD, READ = "notice_told", "notice_not_told", "notices_read"
OWN = Only(frozenset({TOLD, NOT_TOLD, READ}))
CHUNK = 1000
MARK_EVERY = 5000
"""After so many entries that brought nothing, how far the journal was read is written down."""

MOST_SINGLE = 5
"""Of more than so many that are due at once one message tells all: a dead line must not become a flood of letters."""

LOOK_S = 30.0
"""So often it is looked whether quiet hours are over."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: `id` is the same when it is sent again; every text in it is one line."""

    id: str
    title: str
    lines: tuple[str, ...]
    link: str
    notices: tuple[dict[str, Any], ...]


class Outlet(Protocol):
    """Where letters go."""

    async def send(self, letter: Letter) -> None:
        """Send a letter; RetryLater if it may go later, Refused if it never will."""
        ...


@dataclass(frozen=True, slots=True)
class Perseverance:
    """How often it is tried: the first pause (link seconds), which doubles, and the longest; and for how long at all.

    What is older than `give_up_after` is not told any more: at the start of a notifier that was away for days nobody is
    woken for what is long over.
    """

    first_s: float = 2.0
    longest_s: float = 300.0
    give_up_after: timedelta = timedelta(hours=24)


@dataclass
class Notifier:
    """Follows the journal, finds what is due, and sends it; each outlet waits for none of the others.

    Parameters
    ----------
    journal, writer : Journal, Writer
        What is followed, and the pen of role `notifier`.
    rules : sequence of NotifyRule
        Who is told what.
    outlets : mapping
        Where letters go, by name.
    page : str
        The page's address, without a slash at its end.
    utc : callable
        The machine's UTC: quiet hours and ages are by it.
    sky_clock : SkyClock
        For the entries.
    """

    journal: Journal
    writer: Writer
    rules: Sequence[NotifyRule]
    outlets: Mapping[str, Outlet]
    page: str
    utc: Callable[[], datetime]
    sky_clock: SkyClock
    patience: Perseverance = Perseverance()
    state: ObservatoryState = field(default_factory=ObservatoryState)
    _told: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)
    _under_way: dict[str, list[Due]] = field(default_factory=dict)
    _waiting: list[Waiting] = field(default_factory=list)
    _marked: int = 0
    _news: dict[str, asyncio.Event] = field(default_factory=dict)

    async def run(self) -> None:
        """Tell for ever."""
        self._under_way = {name: [] for name in self.outlets}
        self._news = {name: asyncio.Event() for name in self.outlets}
        await self._remember()
        await self._fold_up_to(self._marked)
        async with asyncio.TaskGroup() as tasks:
            for name in self.outlets:
                tasks.create_task(self._serve(name))
            while True:
                tail = await self.journal.follow(self.state.applied_seq, wait_s=5.0, limit=CHUNK)
                self._take(tail.entries)
                if self._upto() - self._marked >= MARK_EVERY:
                    await self._mark()

    async def _remember(self) -> None:
        """Read what was told before; one who has never run tells nothing of what was before."""
        after, known = 0, False
        while True:
            tail = await self.journal.read(after, only=OWN, limit=CHUNK)
            for stored in tail.entries:
                known = True
                self._recall(stored)
            if not tail.entries:
                break
            after = tail.head_seq
        if not known:
            self._marked = (await self.journal.info()).head_seq
            await self._append([self._entry(READ, {"upto": self._marked})], f"{READ}:first")

    def _recall(self, stored: Stored) -> None:
        body = stored.entry.body
        self._marked = max(self._marked, int(body["upto"]))
        if stored.entry.kind != READ:
            self._settled.add(body["notice"])
            self._told[body["outlet"], body["about"], stored.entry.subject or ""] = datetime.fromisoformat(body["at"])

    async def _fold_up_to(self, seq: int) -> None:
        while self.state.applied_seq < seq:
            tail = await self.journal.read(self.state.applied_seq, limit=min(CHUNK, seq - self.state.applied_seq))
            for stored in tail.entries:
                self.state.apply(stored)
            await asyncio.sleep(0)
        self._waiting = inbox(self.state)

    def _take(self, entries: Iterable[Stored]) -> None:
        """Fold what is new, and find what is due."""
        first: Stored | None = None
        for stored in entries:
            self.state.apply(stored)
            first = first or stored
            for notice in news_in(stored, self.state):
                self._begin(due_by(self.rules, notice, self.state, self._told))
        if first is None:
            return
        now = inbox(self.state)
        # Told as of the first of these entries: as of the last, a notifier that starts again would take what has waited
        # since an earlier one for settled.
        for notice in waits_anew(now, self._waiting, first):
            self._begin(due_by(self.rules, notice, self.state, self._told))
        self._waiting = now

    def _begin(self, found: Iterable[Due]) -> None:
        for due in found:
            if due.outlet in self._under_way and due.id not in self._settled:
                self._told[due.subject] = due.notice.at
                self._under_way[due.outlet].append(due)
                self._news[due.outlet].set()

    async def _serve(self, name: str) -> None:
        """Send one outlet's letters, in the order in which they are due."""
        while True:
            due = self._ready(name)
            if due:
                await self._send(name, due)
                continue
            self._news[name].clear()
            pause_s = LOOK_S if self._under_way[name] else None
            try:
                async with asyncio.timeout(pause_s):
                    await self._news[name].wait()
            except TimeoutError:
                continue

    def _ready(self, name: str) -> list[Due]:
        """Return what may be sent now in one letter: a single notice, or all where there are many."""
        hours = {rule.name or f"notify.{n}": rule for n, rule in enumerate(self.rules)}
        now = self.utc()
        ready = [due for due in self._under_way[name] if hours[due.rule].quiet_until(now) is None]
        return ready if len(ready) > MOST_SINGLE else ready[:1]

    async def _send(self, name: str, due: list[Due]) -> None:
        """Send a letter until it has gone, is refused, or is too old to be told; write down which."""
        pause_s, tries, last = self.patience.first_s, 0, "it was not tried"
        oldest = max(one.notice.at for one in due) + self.patience.give_up_after
        while self.utc() < oldest:
            tries += 1
            try:
                await self.outlets[name].send(letter_of(due, self.page))
            except RetryLater as later:
                last = later.what
                await asyncio.sleep(max(pause_s, later.after_s))
                pause_s = min(2 * pause_s, self.patience.longest_s)
            except Refused as refused:
                return await self._settle(name, due, NOT_TOLD, tries, refused.what)
            else:
                return await self._settle(name, due, TOLD, tries, None)
        await self._settle(name, due, NOT_TOLD, tries, f"given up: it is too old now; {last}")

    async def _settle(self, name: str, due: list[Due], kind: str, tries: int, because: str | None) -> None:
        self._under_way[name] = [one for one in self._under_way[name] if one not in due]
        self._settled |= {one.id for one in due}
        upto = self._upto()
        entries = [self._entry(kind, _body(one, tries, because, upto), one) for one in due]
        await self._append(entries, f"{kind}:{due[0].id}:{len(due)}")
        self._marked = upto
        if because is not None:
            log.warning("not told", outlet=name, of=due[0].notice.title, because=because)

    def _upto(self) -> int:
        """Up to which entry everything that was due is settled."""
        under_way = (one.notice.seq - 1 for each in self._under_way.values() for one in each)
        return min(under_way, default=self.state.applied_seq)

    async def _mark(self) -> None:
        self._marked = upto = self._upto()
        await self._append([self._entry(READ, {"upto": upto})], f"{READ}:{upto}")

    def _entry(self, kind: str, body: dict[str, Any], due: Due | None = None) -> Entry:
        notice = None if due is None else due.notice
        return Entry(
            kind,
            body,
            self.sky_clock.now(),
            event=None if notice is None else notice.event,
            subject=None if notice is None else notice.subject,
            cause=None if notice is None else str(notice.seq),
        )

    async def _append(self, entries: list[Entry], append_id: str) -> None:
        await self.writer.append(entries, append_id=append_id)


def letter_of(due: Sequence[Due], page: str) -> Letter:
    """Write one letter of what is due."""
    first = due[0]
    title = first.notice.title if len(due) == 1 else f"{len(due)} things, the first: {first.notice.title}"
    lines = tuple(f"{one.notice.title} - {page}{one.notice.see}" for one in due) if len(due) > 1 else (title,)
    notices = tuple(
        {
            "id": one.id,
            "about": one.notice.about,
            "subject": one.notice.subject,
            "event": one.notice.event,
            "title": one.notice.title,
            "link": page + one.notice.see,
            "journal_seq": one.notice.seq,
            "at": one.notice.at.isoformat().replace("+00:00", "Z"),
        }
        for one in due
    )
    return Letter(first.id, title, lines, page + (first.notice.see if len(due) == 1 else "/"), notices)


def _body(one: Due, tries: int, because: str | None, upto: int) -> dict[str, Any]:
    return {
        "notice": one.id,
        "rule": one.rule,
        "outlet": one.outlet,
        "about": one.notice.about,
        "title": one.notice.title,
        "at": one.notice.at.isoformat(),
        "tries": tries,
        "because": because,
        "upto": upto,
    }
