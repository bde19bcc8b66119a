"""All checks, in the order that they are shown. A new check is one file and one line here."""

from coordinator.vetting.checks import earlier, fade, galaxy, host, moving, real_bogus, repeat, sky, time
from coordinator.vetting.checks.check import Check

CHECKS: tuple[Check, ...] = (
    sky.CHECK,
    time.CHECK,
    host.CHECK,
    galaxy.CHECK,
    fade.CHECK,
    moving.CHECK,
    repeat.CHECK,
    real_bogus.CHECK,
    earlier.CHECK,
)

CAPS: dict[str, float] = {"photometry": 8.0}
"""Checks that look at the same data may not say more than this together."""
