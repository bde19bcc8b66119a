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

SMALL = 0.0005
"""Pages write probabilities below with two digits, all others with three decimals."""


def packed(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return columns as they are sent; what is unknown stays None."""
    made = {}
    for name, values in columns.items():
        told = [None if v is None else round(v * PARTS[name]) for v in values] if name in PARTS else list(values)
        made[name] = _steps(told) if name in STEPS else told
    return made


def how_packed() -> dict[str, Any]:
    """Return what a reader needs to unpack them."""
    return {"parts": PARTS, "steps": list(STEPS)}


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
