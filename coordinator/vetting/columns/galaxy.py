"""The check of galaxies as a column, for places where none was found."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.batch import Batch, Flags, Floats
from coordinator.vetting.chance import share_of_hosts_held
from coordinator.vetting.checks import galaxy
from coordinator.vetting.columns.column import UNKNOWN, Column, column
from coordinator.vetting.neighbours import Answer, Galaxy


def galaxy_column(batch: Batch) -> Column:
    """Answer as `checks.galaxy` where nobody names a galaxy."""
    n = len(batch.candidates)
    named = batch.any_of([s.host_separation_arcsec is not None for s in batch.sightings])
    log_bayes, passed, told = _silence(batch)
    looked = _looked_for(batch)
    log_bayes[looked], passed[looked], told = galaxy.NOWHERE, 0, told | looked
    given = batch.host_redshift_given
    log_bayes[given], passed[given], told = 0.0, UNKNOWN, told & ~given
    asked = named | batch.found("galaxies")
    return column(log_bayes, passed, size=n, ask=asked, leans=galaxy.APART, leaning=told)


def _silence(batch: Batch) -> tuple[Floats, NDArray[np.int8], Flags]:
    """Return what the silence of catalogues weighs, whether it passes, and where it tells kinds apart."""
    n = len(batch.candidates)
    log_bayes, told = np.zeros(n), np.zeros(n, bool)
    reach = batch.known("galaxies").each(_reach, np.float64)
    which = np.flatnonzero(~np.isnan(reach) & ~np.isnan(batch.distances[0]))
    if which.size:
        held = share_of_hosts_held(reach[which], 5.0 * np.log10(batch.distances[0, which]) + 25.0)
        log_bayes[which] = np.log1p(held * math.expm1(galaxy.NOWHERE))
        told[which] = held >= galaxy.TELLING_SHARE
    return log_bayes, np.where(told, 0, UNKNOWN).astype(np.int8), told


def _reach(answers: Sequence[Answer[Galaxy]]) -> float:
    """Return the magnitude that the deepest catalogue holds all galaxies to; NaN: nobody says."""
    return max(
        (a.complete_to_mag for a in answers if a.silent_because is None and a.complete_to_mag is not None),
        default=math.nan,
    )


def _looked_for(batch: Batch) -> Flags:
    """Say which were seen by a telescope that names the host galaxies of others."""
    if not batch.looking:
        return np.zeros(len(batch.candidates), bool)
    return batch.any_of([s.telescope in batch.looking for s in batch.sightings])
