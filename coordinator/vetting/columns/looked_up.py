"""The checks of minor planets and of earlier activity as columns, for places where nothing was found."""

import numpy as np

from coordinator.vetting.batch import Batch
from coordinator.vetting.columns.column import UNKNOWN, Column, column, somebody_spoke


def minor_planet_column(batch: Batch) -> Column:
    """Answer as `checks.minor_planet` where no body was near."""
    spoke = batch.known("minor_planets").each(somebody_spoke)
    passed = np.where(spoke, 1, UNKNOWN)
    return column(0.0, passed, size=len(batch.candidates), ask=batch.found("minor_planets"))


def earlier_column(batch: Batch) -> Column:
    """Answer as `checks.earlier` where it was not seen before the event and nobody reports anything."""
    n = len(batch.candidates)
    if batch.t0 is None:
        return column(0.0, UNKNOWN, size=n)
    passed = np.where(batch.known("reported").each(somebody_spoke), 1, UNKNOWN)
    return column(0.0, passed, size=n, ask=batch.seen_before | batch.found("reported"))
