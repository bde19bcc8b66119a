"""The vetter: keeps detections, and weighs an event's candidates whenever something about them is new.

Everything it knows is a fold of the journal, so that a vetter that was killed goes on where the journal stands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from coordinator.alerts.avro import SchemaSource
from coordinator.events.event import Event
from coordinator.services.atlases import Atlases
from coordinator.services.bodies import BodyWatch
from coordinator.services.detection_batches import detection_entries
from coordinator.services.enrichment import Enrichment, is_news, surroundings_of
from coordinator.services.event_candidates import REGION_LEVEL, EventCandidates
from coordinator.services.facts import entry_of
from coordinator.services.follow_ups import FollowUps
from coordinator.services.journal import Blobs, Entry, Journal, Stored, Writer
from coordinator.services.odds_entry import best_few, fits, told, with_few_words
from coordinator.services.snapshot import SnapshotKeeper
from coordinator.services.surroundings import Around, Remembered, look_around
from coordinator.services.survey_door import SurveyDoor
from coordinator.services.vetter_state import KINDS, VetterState
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.facts import (
    CandidatesRegrouped,
    CandidatesScored,
    NeighboursFound,
    StoredDetection,
    key_of,
)
from coordinator.vetting.follow_up import FollowUpRule, endings, named_apart, waited_for
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import Surroundings
from coordinator.vetting.reach import Reach, reach_of
from coordinator.vetting.rehearsal import rehearse
from coordinator.vetting.rule import OddsRule
from coordinator.vetting.survey_minor_planets import told_by_surveys
from coordinator.vetting.table import write_terms
from coordinator.vetting.terms import Asked
from coordinator.vetting.weighed import Weighed, weigh_search
from telescopes.description.clocks import SkyClock
from telescopes.description.detection_rules import why_not
from telescopes.description.errors import RetryLater
from telescopes.description.messages import ALREADY_EXISTS, INVALID_ARGUMENT, Detection, ItemResult

log = structlog.get_logger("vetter")

ROLE = "vetter"


@dataclass(frozen=True, slots=True)
class VetterSettings:
    """How the vetter works; spans are link time but those of the rule.

    Attributes
    ----------
    collect_s : float
        How long news are gathered before the odds are made again.
    wait_s : float
        How long the journal is asked to hold its answer until there is something new.
    ready_s : float
        How long whoever sends detections waits for a vetter that still reads the journal.
    rehearses : bool
        A weighing is rehearsed in a thread when the vetter starts; of no use where many short lives share a process.
    look_again_s : float
        How long nothing may be new of an event before its follow-ups are looked through all the same.
    odds : OddsRule
        How terms become odds, and odds a verdict.
    follow_up : FollowUpRule
        When to ask for another look.
    """

    collect_s: float = 0.05
    wait_s: float = 5.0
    ready_s: float = 10.0
    rehearses: bool = True
    look_again_s: float = 60.0
    odds: OddsRule = field(default_factory=OddsRule)
    follow_up: FollowUpRule = field(default_factory=FollowUpRule)


@dataclass
class Vetter:
    """Detections in, odds and follow-ups out; everything is handed in. `around`, `bodies` None: nobody is asked."""

    journal: Journal
    blobs: Blobs
    sky_clock: SkyClock
    load_map: Callable[[str], Awaitable[SkyMap]]
    settings: VetterSettings = field(default_factory=VetterSettings)
    state: VetterState = field(default_factory=VetterState)
    snapshots: SnapshotKeeper[VetterState] | None = None
    around: Around | None = None
    bodies: BodyWatch | None = None
    schemas: SchemaSource | None = None
    enrichment: Enrichment | None = None
    follow_ups: FollowUps = field(default_factory=FollowUps)
    _writer: Writer | None = None
    _appends: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _known: dict[str, Remembered] = field(default_factory=dict)
    _candidates: EventCandidates = field(default_factory=EventCandidates)
    _asked: dict[str, Asked] = field(default_factory=dict)
    _latest: dict[str, tuple[CandidatesScored, tuple[Candidate, ...]]] = field(default_factory=dict)
    _again_at: dict[str, float] = field(default_factory=dict)
    _retry: asyncio.TimerHandle | None = None
    _own_wait: bool = False
    _unsure: bool = False
    _reached: dict[str, tuple[tuple[object, ...], Reach | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the door for surveys."""
        self._atlases = Atlases(self.load_map)
        self._surveys = SurveyDoor(self.blobs, self._atlases.of, REGION_LEVEL, self.schemas)

    async def start(self) -> None:
        """Become the one vetter, fold the journal, and let all odds be made again."""
        self._writer = await Writer.elected(self.journal, ROLE)
        if self.snapshots is not None:
            self.state = await self.snapshots.newest(self.journal) or self.state
        await self._catch_up()
        self.state.touch_all()
        self._news.set()
        self._ready.set()

    async def run(self) -> None:
        """Follow the journal and keep the odds true to it; until cancelled."""
        if not self._ready.is_set():
            await self.start()
        async with asyncio.TaskGroup() as tasks:
            if self.settings.rehearses:
                tasks.create_task(asyncio.to_thread(rehearse))
            tasks.create_task(self._follow())
            tasks.create_task(self._keep_scoring())
            if self.enrichment is not None:
                tasks.create_task(self.enrichment.run(lambda: self.state, self.note))
            if self.bodies is not None:
                tasks.create_task(self._watch_bodies(self.bodies))

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Take detections; answer only when they are durable, item by item, in order."""
        await self._until_ready()
        async with self._lock:
            if self._unsure or any(d.pointing_id not in self.state.pointings for d in detections):
                await self._catch_up()
            results, fresh = self._judge(telescope_id, detections)
            kept = [await self._kept(telescope_id, d) for d in fresh]
            await self._commit(detection_entries(telescope_id, kept, self.sky_clock.now()))
        self._own_wait = True
        self._news.set()
        return results

    async def note(self, found: NeighboursFound) -> None:
        """Take what others know around a candidate; if it is news, durable on return, and its odds are made again."""
        await self._settle()
        async with self._lock:
            if not is_news(found, self.state.found.get(found.event, {}).get((found.candidate, found.source))):
                return
            now = self.sky_clock.now()
            entry = entry_of("neighbours_found", found, sky_time=now, event=found.event, subject=found.candidate)
            await self._commit([entry])
        self._news.set()

    def _judge(
        self, telescope_id: str, detections: Sequence[Detection]
    ) -> tuple[tuple[ItemResult, ...], list[Detection]]:
        """Answer each detection, and return those that are new."""
        results: list[ItemResult] = []
        fresh: dict[str, Detection] = {}  # by their names among those of all telescopes
        for d in detections:
            wrong, key = why_not(d), key_of(telescope_id, d.detection_id)
            if wrong is not None:
                results.append(ItemResult(d.detection_id, INVALID_ARGUMENT, wrong))
            elif key in self.state.detections or key in fresh:
                results.append(ItemResult(d.detection_id, ALREADY_EXISTS, "this detection is kept already"))
            else:
                fresh[key] = d
                results.append(ItemResult(d.detection_id))
        return tuple(results), list(fresh.values())

    async def _kept(self, telescope_id: str, detection: Detection) -> StoredDetection:
        """Put the cutout away and say whose detection it is."""
        pointing = self.state.pointings.get(detection.pointing_id)
        event = None if pointing is None else pointing.event
        if not detection.cutout_png:
            return StoredDetection(detection, telescope_id, event)
        sha256 = await self.blobs.put(detection.cutout_png)
        return StoredDetection(replace(detection, cutout_png=b""), telescope_id, event, sha256)

    # -- following

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(self.settings.ready_s):
                await self._ready.wait()
        except TimeoutError:
            raise RetryLater(
                "the vetter still reads the journal", where=ROLE, mend="send the detections again", after_s=1.0
            ) from None

    async def _catch_up(self) -> None:
        """Fold everything that is committed."""
        while True:
            tail = await self.journal.read(self.state.applied_seq, only=KINDS)
            self._fold(tail.entries, tail.head_seq)
            if not tail.entries:
                break
        if self._unsure:
            self._unsure = False
            self._candidates.go_by_the_journal()

    async def _settle(self) -> None:
        """Look up what was appended without an answer, if anything was."""
        if self._unsure:
            async with self._lock:
                await self._catch_up()

    async def _follow(self) -> None:
        while True:
            try:
                tail = await self.journal.follow(self.state.applied_seq, only=KINDS, wait_s=self.settings.wait_s)
            except RetryLater as error:
                await asyncio.sleep(error.after_s)
                continue
            self._fold(tail.entries, tail.head_seq)
            if self.state.touched or tail.entries:
                self._news.set()

    def _fold(self, entries: Sequence[Stored], head_seq: int) -> None:
        self.state.apply(entries)
        self.state.applied_seq = max(self.state.applied_seq, head_seq)
        if self.snapshots is not None:
            self.snapshots.folded(self.state, len(entries))

    async def _commit_in_turn(self, entries: Sequence[Entry]) -> None:
        async with self._lock:
            await self._commit(entries)

    async def _commit(self, entries: Sequence[Entry]) -> None:
        """Append entries in one transaction, and fold them at once.

        Where no answer comes they may be in the journal or not: that is looked up before anything more is decided.
        """
        if not entries:
            return
        if self._writer is None:
            raise RetryLater("the vetter has not started", where=ROLE, mend="try again")
        self._appends += 1
        append_id = f"{ROLE}:{self._writer.epoch}:{self._appends}"
        try:
            stored = await self._writer.append(entries, append_id)
        except BaseException:  # also where whoever asked gave up
            self._unsure = True
            raise
        self.state.apply(stored)

    # -- scoring

    async def _keep_scoring(self) -> None:
        while True:
            try:
                async with asyncio.timeout_at(await self._look_again()):
                    await self._news.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(self.settings.collect_s)
            self._news.clear()
            if self._own_wait:  # Reading many messages takes a while.
                await self._score_touched()
            await self._take_surveys()
            await self._score_touched()

    async def _score_touched(self) -> None:
        """Make the odds of every event again of which something is new."""
        self._own_wait = False
        touched, self.state.touched = sorted(self.state.touched), set()
        for key in touched:
            try:
                await self._score(key)
            except RetryLater as error:
                self.state.touched.add(key)
                self._try_again(error)

    async def _look_again(self) -> float | None:
        """Look through the follow-ups of that event of which nothing was new for longest, if its time has come.

        Looks that nobody took are given up, and those whose time has come are asked for. One event at once, so that
        news wait for no more than that.

        Returns
        -------
        float or None
            When the next event is due, loop time; None: there is none.
        """
        now = asyncio.get_running_loop().time
        key = min(self._again_at, key=lambda name: (self._again_at[name], name), default=None)
        if key is None or now() < self._again_at[key]:
            return None if key is None else self._again_at[key]
        wait_s = self.settings.look_again_s
        try:
            await self._settle()
            await self._follow_up(self.state.events[key], *self._latest[key])
        except RetryLater as error:
            wait_s = error.after_s
        self._again_at[key] = now() + wait_s
        return min(self._again_at.values())

    def _try_again(self, error: RetryLater) -> None:
        """Let what could not be done be tried again when the time has come; other events' news don't wait for it."""
        loop = asyncio.get_running_loop()
        if self._retry is None or self._retry.when() <= loop.time():
            self._retry = loop.call_later(error.after_s, self._news.set)

    async def _take_surveys(self) -> None:
        """Let in what surveys measured in the events' regions."""
        try:
            await self._settle()
            await self._surveys.take(self.state, self.sky_clock.now(), self._commit_surveys)
        except RetryLater as error:
            log.warning("surveys wait", because=str(error))
            self._try_again(error)

    async def _commit_surveys(self, entries: Sequence[Entry]) -> None:
        """Journal what some messages measured; then our own detections that came meanwhile have their turn."""
        await self._commit_in_turn(entries)
        if self._own_wait:
            await self._score_touched()

    async def _score(self, key: str) -> None:
        """Make an event's odds again; say so where they changed, and ask for another look where one is due."""
        await self._settle()
        event = self.state.events.get(key)
        if event is None:
            return
        atlas = await self._atlases.of(event)
        candidates = self._candidates.of(self.state, key, atlas)
        if not candidates and key not in self.state.scored:
            return
        known, looks = await self._surroundings(key, candidates), self.state.looks(key)
        reach = self._reach(event, atlas, looks)
        weighed = weigh_search(candidates, atlas, event, reach, looks, known, self._asked.get(key), self.settings.odds)
        self._asked[key] = weighed.asked
        now = self.sky_clock.now()
        regrouped = self._candidates.regrouped(self.state, key, atlas, candidates, now)
        lineage = [*self.state.lineage.get(key, ()), *regrouped]
        waited = waited_for(self.state.asked_of(key), {c.id: c for c in candidates})
        whole = told(weighed, self.state.words.get(key, ()), lineage, waited)
        fact = await self._fitted(whole, weighed)
        entries = [_regrouped_entry(one, now) for one in regrouped]
        if fact != self.state.scored.get(key):
            entries.append(self._scored_entry(fact, candidates, now))
        await self._commit_in_turn(entries)
        self._candidates.weighed(key, candidates)
        self._latest[key] = (whole, candidates)
        self._again_at[key] = asyncio.get_running_loop().time() + self.settings.look_again_s
        await self._follow_up(event, whole, candidates)

    async def _surroundings(self, key: str, candidates: Sequence[Candidate]) -> Surroundings:
        """Gather what catalogues, ephemerides and others know around an event's candidates."""
        known = told_by_surveys(candidates).beside(surroundings_of(self.state.found.get(key, {}), candidates))
        if self.bodies is not None:
            known = (await self.bodies.around(key, candidates)).beside(known)
        if self.around is not None:
            known = look_around(self.around, candidates, self._known.setdefault(key, {})).beside(known)
        return known

    async def _watch_bodies(self, bodies: BodyWatch) -> None:
        """Let all odds be made again where somebody laid new elements down."""
        while True:
            await asyncio.sleep(bodies.pause_s)
            if bodies.renewed():
                self.state.touch_all()
                self._news.set()

    def _scored_entry(self, fact: CandidatesScored, candidates: Sequence[Candidate], now: datetime) -> Entry:
        """Make an entry of odds; its cause is the newest entry whose detections were weighed."""
        cause = max((self.state.kept_seq[s.id] for c in candidates for s in c.sightings if s.places), default=None)
        return entry_of("candidates_scored", fact, sky_time=now, event=fact.event, subject=fact.best, cause=cause)

    def _reach(self, event: Event, atlas: Atlas | None, looks: Sequence[Look]) -> Reach | None:
        """Return what was reached of an event's sky; made again only where a look, the map or the event is new."""
        searched = self.state.searched(event.key)
        expected = (event.t0, event.messenger, event.coincidence, event.external_coincidence)
        asked = (atlas, *expected, searched, *looks)
        known = self._reached.get(event.key)
        if known is None or known[0] != asked:
            reach = reach_of(atlas, event, looks, searched, unknown=self.settings.odds.q)
            known = self._reached[event.key] = (asked, reach)
        return known[1]

    async def _follow_up(self, event: Event, scored: CandidatesScored, candidates: Sequence[Candidate]) -> None:
        """Take back what is decided, and ask for another look where one is due; the verdict is out by then."""
        by_id = {c.id: c for c in candidates}
        now, asked, rule = self.sky_clock.now(), self.state.asked_of(event.key), self.settings.follow_up
        facts = [
            entry_of("follow_up_ended", one, sky_time=now, event=event.key, subject=one.candidate)
            for one in endings(scored, by_id, asked, now, rule, over=event.ended)
        ]
        request = None
        if not event.ended:
            request = await self.follow_ups.propose(event, scored, by_id, asked, now, rule)
        if request is not None:
            request = named_apart(request, self.state.asked)
            facts.append(
                entry_of("follow_up_requested", request, sky_time=now, event=event.key, subject=request.candidate)
            )
        await self._commit_in_turn(facts)

    async def _fitted(self, scored: CandidatesScored, weighed: Weighed) -> CandidatesScored:
        """Put what is too large for an entry into a table, and leave the best few in the entry."""
        shorter = scored if fits(scored) else with_few_words(scored)
        if len(scored.candidates) == scored.weighed and fits(shorter):
            return shorter
        sha256 = await self.blobs.put(write_terms(weighed))
        return best_few(replace(shorter, table_sha256=sha256))


def _regrouped_entry(fact: CandidatesRegrouped, now: datetime) -> Entry:
    kind = "candidates_merged" if len(fact.now) == 1 else "candidates_split"
    return entry_of(kind, fact, sky_time=now, event=fact.event, subject=fact.now[0])
