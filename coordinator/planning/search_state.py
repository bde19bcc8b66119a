"""What a search is about, what it may trade, and how far it has come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from coordinator.planning.bench import Bench
from coordinator.planning.cells import Blocks, Cells
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Ints
from coordinator.planning.greedy import Tally
from coordinator.planning.ground import Ground
from coordinator.planning.guide import Guide
from coordinator.planning.lp_offer import Offer
from coordinator.planning.sequence import Timed
from coordinator.planning.split import Split
from coordinator.planning.value import LEAST_SHARE

HALF_AND_MARGIN = 0.55
"""Own share that a pointing must keep in order of start; cells are not the pixels that are counted at the end."""

HASTY = (HALF_AND_MARGIN,)
"""Own shares asked for while choosing, one after the other: a lower one only for slots that stay empty."""

Turns = Literal["together", "deep first", "one by one"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be traded in a search.

    `least_share` is the least gain as a share of all value. `turns`: all telescopes choose together, the deepest ones
    before the others, or one after the other. `rounds`: how often fields are offered at most for what times have left,
    and `everywhere`, that they are offered too where there is no time for them: for who moves others out, or proves.
    """

    shares: tuple[float, ...] = HASTY
    redundancy_when_full: float = 0.046
    redundancy_else: float = 0.09
    least_share: float = LEAST_SHARE
    turns: Turns = "together"
    rounds: int = 2
    everywhere: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a search is about.

    Attributes
    ----------
    cells : Cells
        As fine as wide fields need them.
    ground : callable
        What looks are worth and what earlier ones have left, for these cells or finer ones of which each parent is
        named.
    desks : telescopes that take part
    depths : row of the ground's worth, one per telescope
    seen : bool arrays, shape (blocks,), one per telescope
        What it can see at some time.
    tally : Tally
        What pointings that are kept hold already.
    by_depth : bool
        Whether a deeper look is worth more; redundancy is then not limited.
    least_gain : float
        Below this a telescope's time is not worth taking.
    guides : one per telescope
        Galaxies that it goes to; None: it tiles.
    """

    cells: Cells
    blocks: Blocks
    ground: Callable[[Cells, Ints | None], Ground]
    desks: Sequence[Desk]
    depths: Sequence[int]
    seen: Sequence[Mask]
    tally: Tally
    by_depth: bool
    settings: Settings
    least_gain: float
    guides: Sequence[Guide | None]


@dataclass(slots=True, eq=False)
class Search:
    """The state of one search; `ground` is what is left now, `start` what was before.

    `split` says into which cells the coarse ones were divided, once they are. `shorten`: times are given with more
    patience, in another order where fields would be lost.
    """

    task: Task
    cells: Cells
    start: Ground
    ground: Ground
    benches: list[Bench]
    least_gain: float
    split: Split | None = None
    timed: dict[str, list[Timed]] = field(default_factory=dict)
    shorten: bool = False

    @property
    def covered(self) -> float:
        """Value that the search adds."""
        return self.ground.taken_since(self.start)

    @property
    def settings(self) -> Settings:
        """What may be traded."""
        return self.task.settings

    def offers(self, *, usable: bool = False) -> list[Offer]:
        """What each telescope offers to a linear programme; usable: without slots in which fields found no time."""
        fields = [b.fields if b.split is None else b.fields.on(b.split) for b in self.benches]
        return [
            Offer(
                its.first,
                its.cell,
                self.start.worth[bench.depth],
                bench.slots.usable if usable else bench.slots.visible,
                bench.slots.night,
                bench.slots.per_night,
                bench.desk.held_by_night,
            )
            for bench, its in zip(self.benches, fields, strict=True)
        ]
