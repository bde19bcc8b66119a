"""What is pending of a plan, telescope by telescope: a decision looks only at what may be offered now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.planning.plan import PlannedPointing
from telescopes.description.telescope import Telescope


@dataclass
class PlanLine:
    """Puts what is pending in a line for each telescope, once a plan."""

    _pending: Mapping[str, PlannedPointing] = field(default_factory=dict)
    _lines: dict[str, list[PlannedPointing]] = field(default_factory=dict)

    def soon(
        self,
        pending: Mapping[str, PlannedPointing],
        telescopes: Mapping[str, Telescope],
        now: datetime,
        reaction_s: float,
    ) -> list[PlannedPointing]:
        """Return what starts within its telescope's horizon: all else is left for later anyway.

        Parameters
        ----------
        pending : mapping of str to PlannedPointing
            By id. It may lose some from one call to the next; where others come, it is another one.
        telescopes : mapping of str to Telescope
            Who is left out here is offered nothing.
        reaction_s : float
            Least sky seconds between an offer and its start, whatever the site needs.
        """
        if self._pending is not pending:
            self._pending, self._lines = pending, _in_lines(pending.values())
        soon: list[PlannedPointing] = []
        for name, line in self._lines.items():
            while line and line[-1].id not in pending:
                line.pop()
            if name not in telescopes:
                continue
            link = telescopes[name].link
            until = now + timedelta(seconds=max(link.horizon_s, link.reaction_s, reaction_s))
            for one in reversed(line):
                if one.start > until:
                    break
                if one.id in pending:
                    soon.append(one)
        return soon


def _in_lines(pending: Iterable[PlannedPointing]) -> dict[str, list[PlannedPointing]]:
    """Put what each telescope is to do in a line, the last first."""
    lines: dict[str, list[PlannedPointing]] = {}
    for one in sorted(pending, key=lambda p: (p.start, p.id), reverse=True):
        lines.setdefault(one.telescope, []).append(one)
    return lines


def first_of_each(ready: list[PlannedPointing], begin_by: datetime) -> list[PlannedPointing]:
    """Return what starts no later than the last of the telescopes' first pointings, of those that begin by then."""
    firsts: dict[str, datetime] = {}
    for one in ready:
        firsts[one.telescope] = min(one.start, firsts.get(one.telescope, one.start))
    last = max((start for start in firsts.values() if start <= begin_by), default=begin_by)
    return [p for p in ready if p.start <= last]
