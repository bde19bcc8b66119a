"""The plan of one event together with what is needed to show it: the input of every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from coordinator.planning.plan import EventPlan, Plan, PlannedPointing, TelescopeSummary
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.footprint import Footprint
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSearch:
    """A plan as it is published.

    Attributes
    ----------
    event : EventPlan
        The whole plan of the event; its figures are those of all pointings.
    start, end : datetime
        The window.
    pointings : tuple of PlannedPointing
        What is shown, by start, then id: the search and the follow-up of the event, or a part of them.
    sky : SkyMap
        The map that was planned with.
    telescopes : mapping of str to Telescope
        The network by id.
    planned_at : datetime
        When the plan was made.
    notes : tuple of str
        What could not be planned, and what was mended of the map.
    part : tuple of str
        Which part is shown, in words; empty: all of it.
    timing : mapping of str to float
        How long planning took, seconds.
    """

    event: EventPlan
    start: datetime
    end: datetime
    pointings: tuple[PlannedPointing, ...]
    sky: SkyMap
    telescopes: Mapping[str, Telescope]
    planned_at: datetime
    notes: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    timing: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, plan: Plan, key: str, sky: SkyMap, telescopes: Sequence[Telescope], planned_at: datetime
    ) -> "PlannedSearch":
        """Take one event out of a plan.

        Raises
        ------
        Refused
            The plan does not hold the event, or a telescope of it is not in the network.
        """
        event = next((e for e in plan.events if e.key == key), None)
        if event is None:
            known = ", ".join(e.key for e in plan.events) or "none"
            raise Refused("is not in the plan", where=key, mend=f"give one of its events: {known}")
        pointings = tuple(p for p in plan.pointings if p.event == key)
        network = {t.id: t for t in telescopes}
        strangers = sorted({p.telescope for p in pointings} - set(network))
        if strangers:
            raise Refused(
                f"the plan uses {', '.join(strangers)}, which the network does not hold",
                where=key,
                mend="give the telescopes that were planned with",
            )
        notes = (*sky.facts.warnings, *plan.unplanned, *(note.text for note in event.notes))
        return cls(event, plan.start, plan.end, pointings, sky, network, planned_at, notes, timing=plan.timing)

    def only(self, telescope: str | None = None, visit: str | None = None) -> "PlannedSearch":
        """Show the pointings of one telescope, of one visit, or of both.

        Raises
        ------
        Refused
            There is no such telescope or visit in the plan.
        """
        named = (("telescope", telescope, [t.id for t in self.event.telescopes]), ("visit", visit, self.visits))
        for word, name, known in named:
            if name is not None and name not in known:
                raise Refused(f"has no {word} {name}", where=self.event.key, mend=f"give one of {', '.join(known)}")
        shown = tuple(p for p in self.pointings if telescope in (None, p.telescope) and visit in (None, p.visit))
        part = (*self.part, *(f"{word} {name}" for word, name, _ in named if name is not None))
        return replace(self, pointings=shown, part=part)

    @property
    def visits(self) -> list[str]:
        """Names of the visits: those that were asked for, then those of the follow-up."""
        asked = [str(v["name"]) for v in self.event.visits]
        return asked + sorted({p.visit for p in self.pointings} - set(asked))

    @property
    def summaries(self) -> tuple[TelescopeSummary, ...]:
        """What each telescope does, the busiest first."""
        return tuple(sorted(self.event.telescopes, key=lambda t: (t.idle_because is not None, -t.pointings, t.id)))

    @property
    def covered(self) -> Ranges:
        """Sky inside at least one of the fields that are shown."""
        return Ranges.union_of(p.ranges for p in self.pointings)

    @property
    def probability(self) -> float:
        """Probability inside at least one of the fields that are shown, 0 to 1."""
        return self.event.curve.probability(self.covered)

    @property
    def worth(self) -> str:
        """What the objective counts, in words; looks are new within their visit."""
        word = "chance to detect" if self.event.objective == "detection" else "probability"
        return f"new {word}" if len({p.visit for p in self.pointings}) <= 1 else f"new {word}, summed over visits"

    def of_telescope(self, telescope: str) -> tuple[PlannedPointing, ...]:
        """Return the pointings of one telescope that are shown."""
        return tuple(p for p in self.pointings if p.telescope == telescope)

    @property
    def title(self) -> str:
        """The event, and which part of its plan is shown."""
        return ", ".join((self.event.key, *self.part))

    def why_empty(self) -> str | None:
        """Say why nothing is shown; None: something is."""
        if self.pointings:
            return None
        named = {p.removeprefix("telescope ") for p in self.part if p.startswith("telescope ")}
        idle = [t for t in self.event.telescopes if t.idle_because is not None and (not named or t.id in named)]
        reasons = "; ".join(f"{t.id}: {t.idle_because}" for t in idle) or "nobody looks in this part of the plan"
        return f"no pointings: {reasons}"

    def footprint(self, pointing: PlannedPointing) -> Footprint:
        """Return the field of the camera that a pointing uses."""
        return self.telescopes[pointing.telescope].instrument(pointing.instrument).footprint
