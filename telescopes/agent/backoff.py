"""How long to wait before the next try, with chance handed in so that 200 agents do not come back at once."""

import numpy as np

PROMPT_OUTAGE_S = 30.0
PROMPT_S = (0.2, 1.0)
LONGEST_S = 60.0


def retry_delay_s(outage_s: float, attempt: int, rng: np.random.Generator, at_least_s: float = 0.0) -> float:
    """Seconds of link time until the next try.

    Parameters
    ----------
    outage_s : float
        How long it has not worked.
    attempt : int
        Failed tries so far, from 1.
    rng : numpy.random.Generator
        Chance.
    at_least_s : float
        What the other side asked for.

    Returns
    -------
    float
        U(0.2, 1) in the first 30 s of an outage, then full jitter up to 60 s.
    """
    if outage_s < PROMPT_OUTAGE_S:
        return max(at_least_s, float(rng.uniform(*PROMPT_S)))
    ceiling_s = min(LONGEST_S, 2.0 ** min(attempt, 10))
    return max(at_least_s, PROMPT_S[0], float(rng.uniform(0.0, ceiling_s)))
