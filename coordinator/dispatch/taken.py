"""Sky that others own or have looked at in a visit, found by where it is: most of it is elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from coordinator.dispatch.book import LookedAt
from coordinator.sky.ranges import Ranges


@dataclass(slots=True)
class Taken:
    """Looks, each with the first and the last pixel of its sky on the nested curve."""

    _looks: list[tuple[int, int, LookedAt]] = field(default_factory=list)

    @classmethod
    def of(cls, looks: Iterable[LookedAt]) -> "Taken":
        """Take some looks in."""
        taken = cls()
        for look in looks:
            taken.add(look)
        return taken

    def add(self, look: LookedAt) -> None:
        """Take one more in."""
        if look.ranges.low.size:
            self._looks.append((int(look.ranges.low[0]), int(look.ranges.high[-1]), look))

    def near(self, ranges: Ranges) -> list[LookedAt]:
        """Return looks that may share sky with a place, in the order in which they came: all that do are among them."""
        if ranges.low.size == 0:
            return []
        first, end = int(ranges.low[0]), int(ranges.high[-1])
        return [look for low, high, look in self._looks if low < end and first < high]
