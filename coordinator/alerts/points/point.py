"""One measurement of a survey: something seen, something measured at a known place, or nothing seen."""

from dataclasses import dataclass
from datetime import datetime
from math import log10
from typing import Any, Literal

from coordinator.alerts.fields import number, text

DETECTED_SNR = 5.0
FORCED_SNR = 3.0
"""From here on, a forced measurement is a brightness; below, a limit of five times its error."""

NANOJANSKY_ZERO = 31.4
"""AB magnitude of a nanojansky."""

MAG_PER_RELATIVE_ERROR = 1.0857

MagKind = Literal["detection", "forced", "limit"]


@dataclass(frozen=True, slots=True)
class BodyNear:
    """A body of the solar system that the survey itself knows near what it measured; None: no magnitude is said."""

    name: str
    separation_arcsec: float
    mag: float | None = None


@dataclass(frozen=True, slots=True)
class SurveyPoint:
    """A measurement; `mag_ab` of a limit is the limit itself. None: the survey does not say.

    `id` is unique among those of its survey. `bodies` empty: the survey looked for known bodies and found none.
    """

    id: str
    kind: MagKind
    ra_deg: float
    dec_deg: float
    seen: datetime
    band: str
    mag_ab: float
    mag_err: float | None = None
    limit_mag_ab: float | None = None
    snr: float | None = None
    real_bogus: float | None = None
    pos_err_arcsec: float | None = None
    bodies: tuple[BodyNear, ...] | None = None


def of_flux(
    flux: Any, error: Any, zero_mag: float, *, forced: bool
) -> tuple[MagKind, float, float | None, float | None] | None:
    """Turn a difference flux into a magnitude.

    Parameters
    ----------
    flux, error
        In one unit; `zero_mag` is the AB magnitude of it.
    forced : bool
        It was measured at a place that was known before: where it is not significant it becomes a limit.

    Returns
    -------
    tuple or None
        Kind, magnitude, its error, signal to noise; None: it says nothing.
    """
    value, sigma = number(flux), number(error)
    if value is None or (forced and (sigma is None or sigma <= 0)):
        return None
    snr = None if sigma is None or sigma <= 0 else value / sigma
    if forced and sigma is not None and snr is not None and snr < FORCED_SNR:
        return "limit", zero_mag - 2.5 * log10(DETECTED_SNR * sigma), None, snr
    if value <= 0:
        return None
    err = None if snr is None else MAG_PER_RELATIVE_ERROR / snr
    return "forced" if forced else "detection", zero_mag - 2.5 * log10(value), err, snr


def band_named(value: Any) -> str:
    """Return a band's short name; empty: unknown."""
    return (text(value, 16) or "").removeprefix("lsst")
