"""Asking for looks: the reckoning in small pieces, so that detections that come in meanwhile wait for none of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.events.event import Event
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested
from coordinator.vetting.follow_up import (
    Asked,
    FollowUpRule,
    Waiting,
    looks_at_it,
    most_telling,
    propose,
    told_of,
    waiting_for,
)
from coordinator.vetting.information import Told
from coordinator.vetting.possible_looks import Possible

PIECE = 24
"""Looks that are reckoned at once: about a hundredth of a second."""

AGAIN = timedelta(minutes=10)
"""Sky time after which the same odds are reckoned again."""

Reckoned = tuple[tuple[str, int, int, float], ...]
"""Candidates with their sightings, follow-ups and rounded probabilities."""


@dataclass
class FollowUps:
    """What telescopes could do, and for which odds that was reckoned in vain a moment ago."""

    network: Sequence[Possible] = ()
    _in_vain: dict[str, tuple[datetime, Reckoned]] = field(default_factory=dict)

    async def propose(
        self,
        event: Event,
        scored: CandidatesScored,
        candidates: Mapping[str, Candidate],
        asked: Sequence[Asked],
        now: datetime,
        rule: FollowUpRule,
    ) -> FollowUpRequested | None:
        """Ask for a look as `vetting.follow_up.propose` does, and let others have their turn meanwhile."""
        if not self.network:
            return propose(scored, candidates, asked, now, rule)
        waiting = waiting_for(scored, candidates, asked, now, rule, telling=True)
        odds = tuple(
            (w.scored.id, len(w.candidate.sightings), len(w.own), round(w.scored.probability, 2)) for w in waiting
        )
        before = self._in_vain.get(event.key)
        if not waiting or (before is not None and before[1] == odds and now < before[0] + AGAIN):
            return None
        request = most_telling(await self._told(waiting, now, rule, event.t0), now, rule)
        if request is None:
            self._in_vain[event.key] = now, odds
        return request

    async def _told(
        self, waiting: Sequence[Waiting], now: datetime, rule: FollowUpRule, t0: datetime | None
    ) -> list[tuple[Waiting, Told]]:
        told: list[tuple[Waiting, Told]] = []
        for one in waiting:
            looks = looks_at_it(one, now, rule, self.network)
            for first in range(0, len(looks), PIECE):
                told += [(one, t) for t in told_of(one, looks[first : first + PIECE], t0)]
                await asyncio.sleep(0)
        return told
