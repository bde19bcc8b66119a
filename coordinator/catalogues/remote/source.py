"""One service elsewhere: asked with patience that ends, remembered, left alone while it is away."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import structlog

from coordinator.catalogues.remote import cone, json_rows, skybot, tap, tns
from coordinator.catalogues.remote.breaker import CLOSED, Breaker, BreakerRule
from coordinator.catalogues.remote.cache import FolderCache, Kept
from coordinator.catalogues.remote.talk import Talk, Told, Way
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteKind, RemoteSettings, Topic
from coordinator.services.web_request import AskedToWait, AskWeb, WebRequest
from coordinator.vetting.neighbours import Answer, Neighbours
from telescopes.description.clocks import LinkClock
from telescopes.description.errors import Refused, RetryLater

log = structlog.get_logger("remote")

GRACE_S = 1.0
"""A name that is looked up forever is waited for so much longer than a fetch may take."""


WAYS: Mapping[RemoteKind, Way] = MappingProxyType(
    {"tap": tap.talk, "cone": cone.talk, "tns": tns.talk, "skybot": skybot.talk, "json": json_rows.talk}
)
"""How each kind of service is talked with."""

_PUT: Mapping[Topic, Callable[[Answer[Any]], Neighbours]] = MappingProxyType(
    {
        "galaxies": lambda answer: Neighbours(galaxies=(answer,)),
        "stars": lambda answer: Neighbours(stars=(answer,)),
        "nuclei": lambda answer: Neighbours(nuclei=(answer,)),
        "variables": lambda answer: Neighbours(variables=(answer,)),
        "minor_planets": lambda answer: Neighbours(minor_planets=(answer,)),
        "reported": lambda answer: Neighbours(reported=(answer,)),
    }
)

AT_ONCE = 20
"""So many places go into one query at most."""


@dataclass
class RemoteSource:
    """A service that never raises and never makes anybody wait longer than its settings say.

    Attributes
    ----------
    settings : RemoteSettings
        What it is.
    ask_web : callable
        Sends a question, with limits of its own and its secrets.
    cache : FolderCache
        Where answers are kept.
    link : LinkClock
        By whose seconds it is left alone.
    """

    settings: RemoteSettings
    ask_web: AskWeb
    cache: FolderCache
    link: LinkClock
    rule: BreakerRule = field(default_factory=BreakerRule)
    breaker: Breaker = CLOSED
    _takes_many: bool = True
    _at_once: int = AT_ONCE

    @property
    def id(self) -> str:
        """Its name in the settings."""
        return self.settings.id

    @property
    def fresh_s(self) -> float:
        """How long an answer is good."""
        return self.settings.good_days * 86400.0

    async def ask(self, question: Question) -> Neighbours:
        """Say what it knows of a place; where it did not answer, why."""
        return _PUT[self.settings.topic](await self._answer(question))

    async def _answer(self, question: Question) -> Answer[Any]:
        try:
            await self._look_ahead(question)
            return await self._talk(question, remembered=True)
        except (Refused, RetryLater) as error:
            return Answer(self.id, silent_because=error.what)

    async def _talk(self, question: Question, *, remembered: bool) -> Answer[Any]:
        """Ask on until it is known what there is; `remembered`: an answer that is kept will do."""
        talk = WAYS[self.settings.kind](question, self.settings)
        request = next(talk)
        times: list[datetime] = []
        asked = False
        while True:
            kept = await asyncio.to_thread(self.cache.get, request.key) if remembered else None
            fresh = kept is None
            kept = kept or await self._asked(request)
            try:
                step = await asyncio.to_thread(_further, talk, kept.body)
            except RetryLater as error:
                if not fresh:  # written by other code than this
                    return await self._talk(question, remembered=False)
                self._failed(error)
                raise
            if fresh:
                asked = True
                await self._keep(kept)
            times.append(kept.at)
            if isinstance(step, Told):
                if asked:
                    self._takes_many |= self.breaker.open_until_s is not None  # it was away: that told nothing
                    self.breaker = CLOSED
                return self._answered(step, min(times))
            request = step

    def _answered(self, told: Told, as_of: datetime) -> Answer[Any]:
        return Answer(self.id, told.found, as_of, self.settings.complete_to_mag if told.whole else None)

    async def _look_ahead(self, question: Question) -> None:
        """Ask for the places that come next in the same go, where its query can; their answers wait in the cache."""
        if not (self._takes_many and question.besides and self.settings.kind == "tap" and tap.together(self.settings)):
            return
        keys = {one: tap.one_request(one, self.settings).key for one in (question, *question.besides)}
        new = [one for one, key in keys.items() if await asyncio.to_thread(self.cache.get, key) is None]
        new = new[: self._at_once]
        if question not in new or len(new) < 2 or self._is_left_alone():
            return
        try:
            kept = await self._asked(tap.request(new, self.settings))
            bodies = await self._parted(kept.body, new)
        except (Refused, RetryLater):
            self._takes_many = False
            raise
        self.breaker = CLOSED
        # None come where rows were left off: then fewer places are asked about in one go.
        self._at_once = min(2 * self._at_once, AT_ONCE) if bodies else max(len(new) // 2, 2)
        for one, body in zip(new, bodies, strict=False):
            await self._keep(Kept(kept.at, keys[one], body))

    async def _parted(self, body: bytes, places: Sequence[Question]) -> list[bytes]:
        try:
            return await asyncio.to_thread(tap.answers, body, places, self.settings)
        except RetryLater as error:
            self._failed(error)
            raise

    def _is_left_alone(self) -> bool:
        return self.breaker.circuit(self.link.now()) == "open"

    async def _asked(self, request: WebRequest) -> Kept:
        """Ask a source that is not left alone."""
        if self._is_left_alone():
            raise RetryLater("did not answer before, and is left alone for a while", where=self.id, mend="wait")
        most_s = self.settings.total_s + GRACE_S
        try:
            async with asyncio.timeout(most_s):
                return Kept(self.cache.now(), request.key, await self.ask_web(request))
        except TimeoutError as late:
            error = RetryLater(f"did not answer within {most_s:g} s", where=self.id, mend="wait")
            self._failed(error)
            raise error from late
        except (Refused, RetryLater) as error:
            self._failed(error)
            raise

    def _failed(self, error: Refused | RetryLater) -> None:
        """Count a failure, and say it."""
        wish_s = error.after_s if isinstance(error, AskedToWait) else 0.0
        self.breaker = self.breaker.failed(self.link.now(), self.rule, wish_s)
        log.warning("a source did not answer", source=self.id, because=str(error))

    async def _keep(self, kept: Kept) -> None:
        """Keep an answer; a full disk costs the memory of it, not the answer."""
        try:
            await asyncio.to_thread(self.cache.put, kept)
        except OSError as error:
            log.error("an answer cannot be kept", source=self.id, because=str(error))


def _further(talk: Talk, body: bytes) -> WebRequest | Told:
    """Hand an answer over; return the next question, or what was learnt."""
    try:
        return talk.send(body)
    except StopIteration as end:
        told: Told = end.value
        return told
