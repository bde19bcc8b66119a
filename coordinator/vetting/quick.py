"""Checks as columns, where that spares much: each says of many candidates what its check says of one.

The check in `checks/` is the one that counts; `tests/property/test_terms_laws.py` holds each of these against it. One
that cannot answer for a candidate says so, and the check is asked.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from coordinator.vetting.batch import Batch, Flags, Floats
from coordinator.vetting.checks import real_bogus, sky, time


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One check's say of many candidates; shape (n,) each. `passed` is 1, 0 or -1: unknown; `ask`: the check itself."""

    log_bayes: Floats
    passed: np.ndarray
    veto: Flags
    ask: Flags


def sky_column(batch: Batch) -> Column:
    """Answer as `checks.sky`."""
    n = len(batch.candidates)
    if batch.atlas is None:
        return _column(np.zeros(n), np.full(n, -1, np.int8))
    with np.errstate(divide="ignore"):
        log_bayes = np.maximum(np.log(4 * math.pi * batch.density_per_sr), sky.FLOOR)
    passed = (batch.level <= sky.OUTSIDE_LEVEL).astype(np.int8)
    return _column(log_bayes, passed, veto=batch.level > sky.VETO_LEVEL)


def time_column(batch: Batch) -> Column:
    """Answer as `checks.time`; what was seen before the event, or where looks are known, is left to it."""
    certain = np.array([s.places for s in batch.sightings], bool)
    timed = ~np.isnan(batch.days) & certain
    looked = np.array([bool(looks) for looks in batch.looks], bool)
    early = batch.any_of(batch.days < 0) | batch.any_of(~certain) | looked
    known = batch.any_of(timed)
    first = np.minimum.reduceat(np.where(timed, batch.days, np.inf), batch.starts)
    late = first > time.SEARCHED_D
    said = np.clip(math.log(time.SEARCHED_D / time.KILONOVA_SCALE_D) - first / time.KILONOVA_SCALE_D, -time.CAP, None)
    said = np.minimum(said, time.CAP)
    log_bayes = np.where(late, time.TOO_LATE, said)
    passed = np.where(late, 0, 1).astype(np.int8)
    return _column(np.where(known, log_bayes, 0.0), np.where(known, passed, -1).astype(np.int8), ask=early)


def real_bogus_column(batch: Batch) -> Column:
    """Answer as `checks.real_bogus` for what was seen once."""
    several = np.diff(batch.starts, append=len(batch.sightings)) > 1
    given = (batch.sightings[start].real_bogus for start in batch.starts)
    score = np.array([np.nan if s is None else s for s in given], np.float64)
    known = ~np.isnan(score)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.clip(np.log(score / (1 - score)), real_bogus.LOWEST, real_bogus.HIGHEST)
    log_bayes = np.where(score < real_bogus.BOGUS, real_bogus.LOWEST, odds)
    passed = np.where(known, score >= 0.5, -1).astype(np.int8)
    return _column(np.where(known, log_bayes, 0.0), passed, ask=several)


def _column(log_bayes: Floats, passed: np.ndarray, veto: Flags | None = None, ask: Flags | None = None) -> Column:
    none = np.zeros(log_bayes.size, bool)
    return Column(log_bayes, passed, none if veto is None else veto, none if ask is None else ask)


QUICK: Mapping[str, Callable[[Batch], Column]] = {
    "sky": sky_column,
    "time": time_column,
    "real/bogus": real_bogus_column,
}
