"""The check of the sky as a column."""

import math

import numpy as np

from coordinator.vetting.batch import Batch
from coordinator.vetting.checks import sky
from coordinator.vetting.columns.column import UNKNOWN, Column, column


def sky_column(batch: Batch) -> Column:
    """Answer as `checks.sky`."""
    n = len(batch.candidates)
    if batch.atlas is None:
        return column(0.0, UNKNOWN, size=n)
    with np.errstate(divide="ignore"):
        log_bayes = np.maximum(np.log(4 * math.pi * batch.density_per_sr), sky.FLOOR)
    return column(log_bayes, batch.level <= sky.OUTSIDE_LEVEL, size=n, veto=batch.level > sky.VETO_LEVEL)
