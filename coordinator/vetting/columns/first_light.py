"""The checks of time, of the reductions' scores and of repeats as columns."""

import math

import numpy as np

from coordinator.vetting.batch import Batch
from coordinator.vetting.checks import real_bogus, repeat, time
from coordinator.vetting.columns.column import UNKNOWN, Column, column


def time_column(batch: Batch) -> Column:
    """Answer as `checks.time`.

    What was seen before the event, was measured at a place given beforehand, or lies where we looked, it leaves.
    """
    days = np.where(np.isnan(batch.days), np.inf, batch.days)
    first = np.minimum.reduceat(days, batch.starts)
    looked = np.array([bool(looks) for looks in batch.looks], bool)
    early = (first < 0) | batch.uncertain | looked
    known, late = np.isfinite(first), first > time.SEARCHED_D
    with np.errstate(invalid="ignore"):
        said = math.log(time.SEARCHED_D / time.KILONOVA_SCALE_D) - first / time.KILONOVA_SCALE_D
    log_bayes = np.where(late, time.TOO_LATE, np.clip(said, -time.CAP, time.CAP))
    passed = np.where(late, 0, 1)
    n = len(batch.candidates)
    return column(np.where(known, log_bayes, 0.0), np.where(known, passed, UNKNOWN), size=n, ask=early)


def real_bogus_column(batch: Batch) -> Column:
    """Answer as `checks.real_bogus` for what was seen once, by itself."""
    score = np.array([s.real_bogus for s in batch.sightings], np.float64)[batch.starts]
    known = ~np.isnan(score)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.clip(np.log(score / (1 - score)), real_bogus.LOWEST, real_bogus.HIGHEST)
    log_bayes = np.where(score < real_bogus.BOGUS, real_bogus.LOWEST, odds)
    passed = np.where(known, score >= 0.5, UNKNOWN)
    others = (batch.counts > 1) | batch.uncertain
    bogus = known & (score < real_bogus.BOGUS) & ~others
    return column(
        np.where(known, log_bayes, 0.0),
        passed,
        size=len(batch.candidates),
        ask=others,
        leans=real_bogus.LIKE_BOGUS,
        leaning=bogus,
    )


def repeat_column(batch: Batch) -> Column:
    """Answer as `checks.repeat` for what was seen once, by itself."""
    others = (batch.counts > 1) | batch.uncertain
    once = ~others & ~batch.moves
    return column(0.0, UNKNOWN, size=len(batch.candidates), ask=others, leans=repeat.ONCE_LEANS, leaning=once)
