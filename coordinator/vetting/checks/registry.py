"""All checks, in the order that they are shown. A new check is one file and one line here."""

from coordinator.vetting.checks import (
    absolute,
    colour,
    earlier,
    fade,
    faded_below,
    galaxy,
    gone,
    host,
    last_limit,
    moving,
    nuclear,
    real_bogus,
    repeat,
    reported,
    rise,
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
    rise.CHECK,
    faded_below.CHECK,
    colour.CHECK,
    moving.CHECK,
    repeat.CHECK,
    gone.CHECK,
    real_bogus.CHECK,
    earlier.CHECK,
    reported.CHECK,
    last_limit.CHECK,
)

CAPS: dict[str, tuple[float, float]] = {"photometry": (-8.0, 8.0), "reality": (-8.0, 4.0)}
"""Checks that look at the same data, or that answer the same question, may not say less or more than this together."""
