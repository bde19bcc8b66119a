"""Which of several searches of one visit is best."""

from collections.abc import Sequence

import numpy as np

from coordinator.planning.count import HALF, SAFE
from coordinator.planning.field_skies import FIELD_SKIES
from coordinator.planning.recount import Pieces, Sight, shares_in_order
from coordinator.planning.search_state import Search
from coordinator.planning.value import SkyValue

DIGITS = 7


def best_of(found: Sequence[Search], sky: SkyValue, depths: Sequence[int], earlier: Sequence[Sight]) -> Search:
    """Take the search that adds most value, counted to the pixel; of equals the first.

    Parameters
    ----------
    depths : depth (`SkyValue.depth`) of each row of the ground's worth
    earlier : looks of the same visit
    """
    if len(found) == 1:
        return found[0]
    return max(found, key=lambda f: round(_exact(f, sky, depths, earlier), DIGITS))


def _exact(found: Search, sky: SkyValue, depths: Sequence[int], earlier: Sequence[Sight]) -> float:
    """What the looks of a search bring beside earlier ones, in order of start and without what would be a repeat."""
    looks: list[tuple[float, str, Sight]] = []
    for bench in found.benches:
        timed, fields = found.timed.get(bench.desk.id, []), bench.fields
        at = np.array([t.field for t in timed], np.int64)
        skies = FIELD_SKIES.of(bench.desk.footprint, fields.ra_deg[at], fields.dec_deg[at], fields.angle_deg[at])
        mine = (Sight(one, depths[bench.depth]) for one in skies)
        looks += [(t.start_s, bench.desk.id, look) for t, look in zip(timed, mine, strict=True)]
    ordered = [look for _, _, look in sorted(looks, key=lambda one: one[:2])]
    pieces = Pieces.of([*earlier, *ordered], sky)
    numbers = range(len(earlier), len(earlier) + len(ordered))
    return sum(s.new_value for s in shares_in_order(pieces, range(len(earlier)), numbers, HALF + SAFE).values())
