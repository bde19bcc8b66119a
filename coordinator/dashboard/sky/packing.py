"""Columns packed for the wire: whole parts of a unit in place of fractions, steps in place of what grows (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

PARTS = {
    "ra_deg": 10_000, "dec_deg": 10_000, "position_angle_deg": 10_000, "asked_ra_deg": 10_000, "asked_dec_deg": 10_000,
    "limit_mag_ab": 100,
}  # fmt: skip
"""Columns that are told in whole parts of their unit: so many to one."""

STEPS = ("command_seq", "plan_row", "start_s")
"""Columns that are told as steps from the last row in which they are known; the first one from 0."""

STEPS_OF_LINES = ("ra_deg", "dec_deg")
"""The same of a line on the sky, whose points are neighbours."""

SMALL = 0.0005
"""Pages write probabilities below with two digits, all others with three decimals."""


def packed(columns: Mapping[str, Sequence[Any]], steps: Sequence[str] = STEPS) -> dict[str, list[Any]]:
    """Return columns as they are sent; what is unknown stays None."""
    made = {}
    for name, values in columns.items():
        told = [None if v is None else round(v * PARTS[name]) for v in values] if name in PARTS else list(values)
        made[name] = _steps(told) if name in steps else told
    return made


def how_packed(steps: Sequence[str] = STEPS) -> dict[str, Any]:
    """Return what a reader needs to unpack them: add up the steps, then divide by the parts."""
    return {"parts": PARTS, "steps": list(steps)}


def packed_line(points: Sequence[tuple[float, float]]) -> dict[str, list[Any]]:
    """Return a line on the sky, (ra_deg, dec_deg) by point, as packed columns."""
    ra, dec = zip(*points, strict=True) if points else ((), ())
    return packed({"ra_deg": ra, "dec_deg": dec}, STEPS_OF_LINES)


def as_written(probability: float | None) -> float | None:
    """Return a probability as finely as pages write it."""
    if probability is None or probability >= SMALL:
        return probability if probability is None else round(probability, 3)
    return float(f"{probability:.2g}")


def _steps(values: list[Any]) -> list[Any]:
    last, made = 0, []
    for value in values:
        made.append(None if value is None else value - last)
        last = last if value is None else value
    return made
