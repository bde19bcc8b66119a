"""A survey's stream before the intake: its filter beside the loop that listens, and account of what is dropped."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from coordinator.alerts.avro import schema_named
from coordinator.services.intake import NOTHING_SAID, Intake, LearnSchema, Received, Said
from coordinator.services.survey_filter import PASSED, UNREADABLE, Sifted, SurveyFilter, Unreadable
from coordinator.sources.hand_over import Sleep
from coordinator.sources.patience import pause_s
from coordinator.sources.pulse import Pulse
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import Refused, RetryLater

log = logging.getLogger(__name__)

MINUTE_S = 60.0
MOST_UNREADABLE = 100
"""So many a minute are kept whole: a survey that changes its schema would else fill the disk in a night."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a message, and why."""

    outcome: Literal["wanted", "dropped", "unreadable"]
    reason: str = ""


WANTED, DROPPED = Fate("wanted"), Fate("dropped", "no event is waiting for it")


@dataclass
class SurveySieve:
    """Sifts batches in a thread, counts what is dropped by reason, and logs it once a minute.

    Attributes
    ----------
    filter : SurveyFilter
        The filter and its watches.
    pulse : Pulse
        Where drops are counted.
    link : LinkClock
        By whose minutes it is logged.
    chance : random.Random
        Spreads the tries of many sources.
    learn_schema : callable, optional
        Gets schemas that messages name by a number. While that cannot be, the stream waits: none of it can be read.
    """

    filter: SurveyFilter
    pulse: Pulse
    link: LinkClock
    chance: random.Random
    learn_schema: LearnSchema | None = None
    sleep: Sleep = asyncio.sleep
    _began: LinkTime = field(default=LinkTime(0.0))
    _of_minute: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._began = self.link.now()

    async def sift(self, batch: Sequence[bytes]) -> list[Fate]:
        """Say what becomes of each message, in their order."""
        for number in {named for raw in batch if (named := schema_named(raw, {})) is not None}:
            await self._learn(number)
        sifted = await asyncio.to_thread(self.filter.sift, batch)
        kept = self._account(sifted)
        fates = {id(one.raw): WANTED for one in sifted.wanted}
        fates |= {id(one.raw): Fate("unreadable", one.reason) for one in kept}
        return [fates.get(id(raw), DROPPED) for raw in batch]

    async def _learn(self, number: int) -> None:
        """See to it that a schema is known; while nobody answers, wait."""
        failures = 0
        while self.learn_schema is not None:
            try:
                return await self.learn_schema(number)
            except Refused as refusal:
                return log.error("%s: schema %d: %s", self.pulse.id, number, refusal)
            except RetryLater as later:
                failures += 1
                self.pulse.away_because = later.what
                await self.sleep(max(later.after_s, pause_s(failures, self.chance)))

    def _account(self, sifted: Sifted) -> Sequence[Unreadable]:
        """Count a batch; return what of it is kept though nobody can read it."""
        if self.link.now() - self._began >= MINUTE_S:
            self._log()
        left = max(0, MOST_UNREADABLE - self._of_minute[UNREADABLE])
        kept = sifted.unreadable[:left]
        dropped = Counter({reason.value: count for reason, count in sifted.dropped.items()})
        dropped[UNREADABLE] = len(sifted.unreadable) - len(kept)
        self.pulse.drop(+dropped)
        self._of_minute.update(dropped + Counter({PASSED: len(sifted.wanted), UNREADABLE: len(kept)}))
        return kept

    def _log(self) -> None:
        """Write down what the last minute brought, and begin another one."""
        said = ", ".join(f"{count} {what}" for what, count in self._of_minute.most_common())
        log.info("%s: in %.0f s %s", self.pulse.id, self.link.now() - self._began, said or "nothing")
        self._began = self.link.now()
        self._of_minute.clear()


@dataclass(frozen=True, slots=True)
class Judged:
    """The intake, behind a fate that is known already."""

    intake: Intake
    fate: Fate

    async def receive(
        self, raw: bytes, *, name: str, topic: str = "", headers: Mapping[str, str] | None = None
    ) -> Received:
        """Take one message, or drop it."""
        match self.fate.outcome:
            case "wanted":
                return await self.intake.receive(raw, name=name, topic=topic, headers=headers)
            case "unreadable":
                return await self.quarantine(raw, name=name, reason=self.fate.reason, said=Said(topic, headers or {}))
            case "dropped":
                return Received(None, "dropped", reason=self.fate.reason)

    async def quarantine(self, raw: bytes, *, name: str, reason: str, said: Said = NOTHING_SAID) -> Received:
        """Keep a message that nobody understands, whole."""
        return await self.intake.quarantine(raw, name=name, reason=reason, said=said)


@dataclass(frozen=True, slots=True)
class SiftingIntake:
    """The intake behind the sieve, for sources that hand messages over one by one."""

    intake: Intake
    sieve: SurveySieve

    async def receive(
        self, raw: bytes, *, name: str, topic: str = "", headers: Mapping[str, str] | None = None
    ) -> Received:
        """Take one message if an event is waiting for it."""
        (fate,) = await self.sieve.sift([raw])
        return await Judged(self.intake, fate).receive(raw, name=name, topic=topic, headers=headers)

    async def quarantine(self, raw: bytes, *, name: str, reason: str, said: Said = NOTHING_SAID) -> Received:
        """Keep a message that nobody understands, whole."""
        return await self.intake.quarantine(raw, name=name, reason=reason, said=said)

    async def quarantine_unread(
        self, raw_sha256: str, *, name: str, reason: str, said: Said = NOTHING_SAID
    ) -> Received:
        """Journal the quarantine of bytes that are kept elsewhere."""
        return await self.intake.quarantine_unread(raw_sha256, name=name, reason=reason, said=said)
