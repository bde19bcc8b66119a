"""How long to wait before the next try: longer each time, and never all at once."""

import random

FIRST_S, LONGEST_S = 1.0, 60.0


def pause_s(failures: int, chance: random.Random, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> float:
    """Return the wait after so many failures in a row: doubled each time, up to the longest, and half of it by chance.

    Whoever lost the same server would else come back in one moment.
    """
    whole_s = min(longest_s, first_s * 2.0 ** min(failures - 1, 30))
    return whole_s * chance.uniform(0.5, 1.0)
