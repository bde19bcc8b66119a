"""The correlator: which open events are one, told from the folded state; maps are compared and combined elsewhere.

What it says depends on the alerts alone, so whoever came first, and wherever a scheduler was killed, the same stands
in the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from coordinator.alerts.alert import Localization
from coordinator.events.coincidence_facts import CoincidenceFound, CoincidenceLost, why_lost
from coordinator.events.correlation import Group, Skies, found, groups_of
from coordinator.events.event import Event
from coordinator.events.expiry import AFTER
from coordinator.services.facts import entry_of
from coordinator.services.journal import Blobs, Entry
from coordinator.services.open_events import apart
from coordinator.services.ports import CombinedMap, PlannerPort
from coordinator.services.state import ObservatoryState
from telescopes.description.errors import ArmillaryError, RetryLater

log = structlog.get_logger("correlator")

LOOK_AGAIN = timedelta(minutes=10)
"""Sky time after which events are looked at again without news."""

NOT_TOGETHER = "The maps exclude each other: the one with the smallest 90 % area holds, and a person should look."


@dataclass
class Correlator:
    """Overlaps and combined maps as far as they were asked for; both are made anew after a restart."""

    planner: PlannerPort
    blobs: Blobs
    expire_after: timedelta = AFTER
    overlaps: dict[Skies, float | None] = field(default_factory=dict)
    products: dict[tuple[str, ...], CombinedMap | None] = field(default_factory=dict)
    _looked: tuple[tuple[int, int, Mapping[str, str]], datetime] | None = None

    async def learn(self, state: ObservatoryState, now: datetime) -> bool:
        """Compare and combine what must be; say whether `entries` may have something to say.

        A combined map lies in the blobs before this returns.
        """
        heard = len(state.alert_log), len(state.map_log), apart(state, now, self.expire_after)
        if self._looked is not None and self._looked[0] == heard and now - self._looked[1] < LOOK_AGAIN:
            return False
        try:
            groups, missing, _ = groups_of(self._open(state, now), self.overlaps)
            for one, other in missing:
                self.overlaps[one, other] = await self._overlap(one, other)
            if missing:
                groups, _, _ = groups_of(self._open(state, now), self.overlaps)
            for skies in sorted({g.skies for g in groups if _needs_product(g)}):
                if skies not in self.products:
                    self.products[skies] = await self._combined(skies)
        except RetryLater as error:
            log.warning("maps cannot be compared yet", because=str(error))
            return False
        self._looked = heard, now
        return True

    def entries(self, state: ObservatoryState, now: datetime) -> list[Entry]:
        """Say what is new about coincidences; nothing, where they are as they were journalled."""
        groups, _, undecided = groups_of(self._open(state, now), self.overlaps)
        ready = [g for g in groups if self._is_ready(g)]
        facts = {g.lead.key: self._fact(g) for g in ready}
        waiting = undecided | {g.lead.key for g in groups if g.lead.key not in facts}
        kept = [f for lead, f in sorted(facts.items()) if f != state.coincidences.get(lead)]
        gone = [f for lead, f in sorted(state.coincidences.items()) if lead not in facts and lead not in waiting]
        return [*_lost(gone, state, apart(state, now, self.expire_after), now), *_found(kept, now)]

    def _open(self, state: ObservatoryState, now: datetime) -> list[Event]:
        """Events that may meet others: as their own alerts have them."""
        over = apart(state, now, self.expire_after)
        return [event for key, event in sorted(state.alerts.events.items()) if not event.ended and key not in over]

    async def _overlap(self, one: str, other: str) -> float | None:
        try:
            return await self.planner.overlap(one, other)
        except RetryLater:
            raise
        except ArmillaryError as error:
            log.error("two maps cannot be compared", one=one, other=other, because=str(error))
            return None

    async def _combined(self, skies: tuple[str, ...]) -> CombinedMap | None:
        try:
            made = await self.planner.combined(skies)
        except RetryLater:
            raise
        except ArmillaryError as error:
            log.error("maps cannot be combined; each event keeps its own", skies=skies, because=str(error))
            return None
        if made.fits:
            await self.blobs.put(made.fits)
        return replace(made, fits=b"")

    def _is_ready(self, group: Group) -> bool:
        return group.skies in self.products or not _needs_product(group)

    def _fact(self, group: Group) -> CoincidenceFound:
        """Give a group its sky."""
        own = group.lead.skymap_sha256
        if group.stated is None and group.skies in ((), (own,)):
            return found(group, None)
        if group.stated is None and len(group.skies) == 1:
            theirs = next(k.other.localization for k in group.links if k.other.skymap_sha256 is not None)
            return found(group, theirs)
        made = self.products[group.skies]
        if made is None:
            return found(group, None, "Their maps cannot be combined: each keeps its own.")
        return found(group, _localization(made), NOT_TOGETHER if made.excluded else None)


def _needs_product(group: Group) -> bool:
    return len(group.skies) > 1 or group.stated is not None


def _localization(made: CombinedMap) -> Localization:
    return Localization(
        "multiorder",
        skymap_sha256=made.skymap_sha256,
        area50_deg2=made.area50_deg2,
        area90_deg2=made.area90_deg2,
        distance_mpc=made.distance_mpc,
        distance_std_mpc=made.distance_std_mpc,
    )


def _found(facts: Iterable[CoincidenceFound], now: datetime) -> Iterable[Entry]:
    for fact in facts:
        yield entry_of("coincidence_found", fact, sky_time=now, event=fact.lead, subject=fact.lead)


def _lost(
    facts: Iterable[CoincidenceFound], state: ObservatoryState, over: Mapping[str, str], now: datetime
) -> Iterable[Entry]:
    for fact in facts:
        because = why_lost(fact, state.alerts.events, over)
        lost = CoincidenceLost(fact.lead, tuple(tie.key for tie in fact.partners), because)
        yield entry_of("coincidence_lost", lost, sky_time=now, event=fact.lead, subject=fact.lead)
