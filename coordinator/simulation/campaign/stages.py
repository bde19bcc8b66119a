"""How long each stage of an alert's way takes, in sky time, out of the journals of all teams.

A simulated link takes hundredths of a second and a simulated plan one second (`Pace`): what these figures show is where
the system waits, for others' news, for a telescope that is busy, for the dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PlanMade, PointingOffered
from coordinator.events.event import Event
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.vetting.facts import CandidatesScored, DetectionsStored, FollowUpRequested

STAGES = {
    "map_to_plan": "a sky map is known, until the next plan",
    "plan_to_offer": "the first plan, until the first offer",
    "offer_to_answer": "an offer, until the site answers",
    "offer_to_look": "an offer, until its look begins",
    "exposure_to_kept": "mid exposure, until its detections are kept",
    "kept_to_odds": "detections are kept, until the odds that they led to",
    "request_to_look": "a follow-up is asked for, until its first look begins",
}
"""Each stage, in the order of an alert's way."""

ANSWERS = ("pointing_accepted", "pointing_rejected")
PLANS = ("event_revised", "plan_made", "pointing_offered")
LISTS = ("detections_stored", "candidates_scored", "follow_up_requested")


def stage_medians(
    event: str, journals: Sequence[Sequence[Stored]], looks: Sequence[Assignment]
) -> dict[str, float | None]:
    """Return the median of each stage over all teams, in seconds; None: it did not happen.

    Parameters
    ----------
    looks : sequence of Assignment
        What was observed, whoever did it.
    """
    watches = [_Watch(event) for _ in journals]
    for watch, journal in zip(watches, journals, strict=True):
        for stored in journal:
            watch.hear(stored)
        watch.count_looks(looks)
    every = {name: [s for watch in watches for s in watch.took_s[name]] for name in STAGES}
    return {name: median(its) if its else None for name, its in every.items()}


@dataclass
class _Watch:
    """Listens to one team."""

    event: str
    took_s: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in STAGES})
    _sky: str | None = None
    _new_sky: datetime | None = None
    _planned: datetime | None = None
    _offered: dict[str, datetime] = field(default_factory=dict)
    _unanswered: set[str] = field(default_factory=set)
    _kept: dict[int, datetime] = field(default_factory=dict)
    _asked: dict[str, datetime] = field(default_factory=dict)

    def hear(self, stored: Stored) -> None:
        """Take the next entry."""
        entry = stored.entry
        at = entry.sky_time
        if entry.kind in ANSWERS and entry.subject in self._unanswered:
            self._unanswered.discard(entry.subject)
            self._took("offer_to_answer", self._offered[entry.subject], at)
        elif entry.kind in PLANS:
            self._hear_plans(fact_of(entry), at)
        elif entry.kind in LISTS:
            self._hear_lists(stored, fact_of(entry))

    def _hear_plans(self, fact: object, at: datetime) -> None:
        match fact:
            case Event(key=self.event, skymap_sha256=str(sky)) if sky != self._sky:
                self._sky, self._new_sky = sky, at
            case PlanMade() as plan if self.event in plan.events:
                self._plan(at)
            case PointingOffered() as offer if offer.pointing.event_id == self.event:
                self._offer(offer.pointing.pointing_id, at)

    def _hear_lists(self, stored: Stored, fact: object) -> None:
        at = stored.entry.sky_time
        match fact:
            case DetectionsStored() as kept:
                self._kept[stored.seq] = at
                for one in kept.detections:
                    self._took("exposure_to_kept", one.detection.mid_exposure, at)
            case CandidatesScored(event=self.event):
                self._weigh(int(stored.entry.cause or 0), at)
            case FollowUpRequested(event=self.event, visit=visit):
                self._asked.setdefault(visit, at)

    def _weigh(self, newest: int, at: datetime) -> None:
        """Take odds: the newest entry weighed is their cause, and whatever was kept before it is weighed by now."""
        for seq in [seq for seq in self._kept if seq <= newest]:
            self._took("kept_to_odds", self._kept.pop(seq), at)

    def count_looks(self, looks: Sequence[Assignment]) -> None:
        """Take what was observed: of each follow-up the first look counts."""
        for look in sorted(looks, key=lambda a: a.began):
            if look.id not in self._offered:
                continue
            self._took("offer_to_look", self._offered[look.id], look.began)
            self._took("request_to_look", self._asked.pop(look.key[1], None), look.began)

    def _plan(self, at: datetime) -> None:
        self._took("map_to_plan", self._new_sky, at)
        self._new_sky, self._planned = None, self._planned or at

    def _offer(self, pointing: str, at: datetime) -> None:
        if not self._offered:
            self._took("plan_to_offer", self._planned, at)
        self._offered.setdefault(pointing, at)
        self._unanswered.add(pointing)

    def _took(self, stage: str, since: datetime | None, at: datetime) -> None:
        if since is not None:
            self.took_s[stage].append((at - since).total_seconds())
