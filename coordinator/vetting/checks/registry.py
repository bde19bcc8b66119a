"""All checks, in the order that they are shown. A new check is one file and one line here."""

from coordinator.vetting.checks import (
    absolute,
    earlier,
    fade,
    galaxy,
    gone,
    host,
    moving,
    nuclear,
    real_bogus,
    repeat,
    reported,
    sky,
    time,
)
from coordinator.vetting.checks.check import Check

CHECKS: tuple[Check, ...] = (
    sky.CHECK,
    time.CHECK,
    host.CHECK,
    galaxy.CHECK,
    nuclear.CHECK,
    absolute.CHECK,
    fade.CHECK,
    moving.CHECK,
    repeat.CHECK,
    gone.CHECK,
    real_bogus.CHECK,
    earlier.CHECK,
    reported.CHECK,
)

CAPS: dict[str, tuple[float, float]] = {"photometry": (-8.0, 8.0), "reality": (-8.0, 4.0)}
"""Checks that look at the same data, or that answer the same question, may not say less or more than this together."""
