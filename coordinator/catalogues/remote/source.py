"""One service elsewhere: asked with patience that ends, remembered, left alone while it is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog

from coordinator.catalogues.remote import skybot, tap, tns
from coordinator.catalogues.remote.breaker import CLOSED, Breaker, BreakerRule
from coordinator.catalogues.remote.cache import FolderCache, Kept
from coordinator.services.enrichment import Question
from coordinator.services.offloaded import Fetch
from coordinator.services.remote_settings import RemoteSettings, Topic
from coordinator.vetting.neighbours import Answer, Neighbours
from telescopes.description.clocks import LinkClock
from telescopes.description.errors import Refused, RetryLater

log = structlog.get_logger("remote")

GRACE_S = 1.0
"""A name that is looked up forever is waited for so much longer than a fetch may take."""


class Way(NamedTuple):
    """How a kind of service is asked, and how its answers are read."""

    url_of: Callable[[Question, RemoteSettings], str]
    read: Callable[[bytes, Question, RemoteSettings], tuple[Any, ...]]


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "tap": Way(tap.url_of, tap.read),
        "tns": Way(tns.url_of, tns.read),
        "skybot": Way(skybot.url_of, skybot.read),
    }
)
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


@dataclass
class RemoteSource:
    """A service that never raises and never makes anybody wait longer than its settings say.

    Attributes
    ----------
    settings : RemoteSettings
        What it is.
    fetch : callable
        Fetches a URL, with limits of its own.
    cache : FolderCache
        Where answers are kept.
    link : LinkClock
        By whose seconds it is left alone.
    """

    settings: RemoteSettings
    fetch: Fetch
    cache: FolderCache
    link: LinkClock
    rule: BreakerRule = field(default_factory=BreakerRule)
    breaker: Breaker = CLOSED

    @property
    def id(self) -> str:
        """Its name in the settings."""
        return self.settings.id

    @property
    def fresh_s(self) -> float:
        """How long an answer is good."""
        return self.settings.keep_days * 86400.0

    async def ask(self, question: Question) -> Neighbours:
        """Say what it knows of a place; where it did not answer, why."""
        return _PUT[self.settings.topic](await self._answer(question))

    async def _answer(self, question: Question) -> Answer[Any]:
        way = WAYS[self.settings.kind]
        try:
            url = way.url_of(question, self.settings)
            return await self._kept(url, question, way) or await self._asked(url, question, way)
        except (Refused, RetryLater) as error:
            return Answer(self.id, silent_because=error.what)

    async def _kept(self, url: str, question: Question, way: Way) -> Answer[Any] | None:
        kept = await asyncio.to_thread(self.cache.get, url)
        if kept is None:
            return None
        try:
            return await self._read(kept, question, way)
        except RetryLater:  # written by other code than this
            return None

    async def _asked(self, url: str, question: Question, way: Way) -> Answer[Any]:
        if self.breaker.circuit(self.link.now()) == "open":
            raise RetryLater("did not answer before, and is left alone for a while", where=self.id, mend="wait")
        try:
            body = await self._fetched(url)
            kept = Kept(self.cache.now(), url, body)
            answer = await self._read(kept, question, way)
        except (Refused, RetryLater) as error:
            wish_s = error.after_s if isinstance(error, RetryLater) else 0.0
            self.breaker = self.breaker.failed(self.link.now(), self.rule, wish_s)
            log.warning("a source did not answer", source=self.id, because=str(error))
            raise
        self.breaker = CLOSED
        await self._keep(kept)
        return answer

    async def _fetched(self, url: str) -> bytes:
        most_s = self.settings.total_s + GRACE_S
        try:
            async with asyncio.timeout(most_s):
                return await self.fetch(url)
        except TimeoutError as late:
            raise RetryLater(f"did not answer within {most_s:g} s", where=self.id, mend="wait") from late

    async def _read(self, kept: Kept, question: Question, way: Way) -> Answer[Any]:
        read: Awaitable[tuple[Any, ...]] = asyncio.to_thread(way.read, kept.body, question, self.settings)
        return Answer(self.id, await read, kept.at, self.settings.complete_to_mag)

    async def _keep(self, kept: Kept) -> None:
        """Keep an answer; a full disk costs the memory of it, not the answer."""
        try:
            await asyncio.to_thread(self.cache.put, kept)
        except OSError as error:
            log.error("an answer cannot be kept", source=self.id, because=str(error))
