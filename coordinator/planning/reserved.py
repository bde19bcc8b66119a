"""Time of the plan before that is kept free for its owners while others are planned, until their own turn comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coordinator.planning.follow_up import serves
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.possible import give_back, still_possible, take
from coordinator.planning.replan import starts_soon
from coordinator.planning.request import EventToPlan, FollowUpTarget, PlanRequest
from coordinator.planning.timetable import Timetable

Item = EventToPlan | FollowUpTarget


@dataclass(frozen=True, slots=True, eq=False)
class Reserved:
    """What is kept free: all that items as high as the planned one can still do, and of lower ones what starts soon.

    So an event takes nothing from its equals, whichever comes first, and nobody takes what it is too late to change.

    Attributes
    ----------
    items : what is planned, in this order
    held : pointings by the number of their item, whose time is taken for now
    """

    request: PlanRequest
    items: Sequence[Item]
    timetables: Mapping[str, Timetable]
    held: dict[int, list[PlannedPointing]] = field(default_factory=dict)

    def let_plan(self, turn: int) -> None:
        """Keep what others hold, and give an item its own time to plan with."""
        level = self.items[turn].priority
        later = range(turn + 1, len(self.items))
        if turn == 0:
            self._hold(later, soon=True)
        if turn == 0 or self.items[turn - 1].priority != level:
            self._hold([n for n in later if self.items[n].priority == level], soon=False)
        give_back(self.timetables, self.held.pop(turn, []))

    def _hold(self, numbers: Sequence[int], soon: bool) -> None:
        for number in numbers:
            already = {p.id for p in self.held.get(number, [])}
            mine = [p for p in self._before(self.items[number]) if p.id not in already]
            if soon:
                mine = [p for p in mine if starts_soon(p, self.request.start)]
            purpose = self._purpose(self.items[number])
            if not mine or purpose is None:
                continue
            held = still_possible(mine, self.timetables, self.request.slack_s, purpose)
            take(self.timetables, held)
            self.held.setdefault(number, []).extend(held)

    def _before(self, item: Item) -> list[PlannedPointing]:
        """Pointings of the plan before that an item may keep."""
        if isinstance(item, FollowUpTarget):
            return [p for p in self.request.previous if serves(p, item, self.timetables)][:1]
        names = {v.name for v in item.visits}
        return [p for p in self.request.previous if p.event == item.key and p.visit in names]

    def _purpose(self, item: Item) -> str | None:
        """Say what an item is; None: its event is not searched."""
        key = item.key if isinstance(item, EventToPlan) else item.event
        return next((e.purpose for e in self.request.events if e.key == key), None)
