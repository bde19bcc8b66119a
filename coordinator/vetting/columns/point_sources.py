"""The checks of stars, nuclei and known variables as columns, for places where none was found."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coordinator.vetting.batch import Batch
from coordinator.vetting.checks import persistent, star
from coordinator.vetting.columns.column import UNKNOWN, Column, column
from coordinator.vetting.neighbours import Answer, Star


def star_column(batch: Batch) -> Column:
    """Answer as `checks.star`."""
    return _nothing_there(batch, "stars", _counts)


def nucleus_column(batch: Batch) -> Column:
    """Answer as `checks.agn`."""
    return _nothing_there(batch, "nuclei", _at_the_place)


def variable_column(batch: Batch) -> Column:
    """Answer as `checks.variable`."""
    return _nothing_there(batch, "variables", _at_the_place)


def _nothing_there(batch: Batch, sort: str, counts: Callable[[Sequence[Answer[Any]]], bool]) -> Column:
    """Say where silence tells that nothing is there; where something counts the check is asked."""
    answers = batch.known(sort)
    reach = answers.each(_reach, np.float64)
    needed = np.where(np.isnan(batch.brightest_mag), persistent.DEEP_ENOUGH_MAG, batch.brightest_mag)
    with np.errstate(invalid="ignore"):
        passed = np.where(reach >= needed, 1, UNKNOWN)
    return column(0.0, passed, size=len(batch.candidates), ask=answers.each(counts))


def _reach(answers: Sequence[Answer[Any]]) -> float:
    best = persistent.deepest(answers)
    return math.nan if best is None or best.complete_to_mag is None else best.complete_to_mag


def _at_the_place(answers: Sequence[Answer[Any]]) -> bool:
    return any(one.separation_arcsec <= persistent.SAME_ARCSEC for answer in answers for one in answer.found)


def _counts(answers: Sequence[Answer[Star]]) -> bool:
    return _at_the_place(answers) or any(
        one.separation_arcsec <= star.GLARE_ARCSEC and one.mag is not None and one.mag < star.BRIGHT_MAG
        for answer in answers
        for one in answer.found
    )
