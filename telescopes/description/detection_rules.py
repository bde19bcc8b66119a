"""Whether a detection can be kept, and if not, why not: judged at the site before it is sent, and where it comes."""

import math

from telescopes.description.messages import Detection

MOST_CUTOUT_BYTES = 64 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
MOST_TEXT = {"detection_id": 200, "pointing_id": 200, "filter": 40, "image_uri": 500}
"""Characters; so that a detection fits into a journal entry."""

_RANGES: tuple[tuple[str, float, float], ...] = (
    ("ra_deg", 0.0, 360.0),
    ("dec_deg", -90.0, 90.0),
    ("mag_ab", -30.0, 40.0),
    ("mag_err", 0.0, 10.0),
    ("pos_err_arcsec", 0.0, 3600.0),
    ("limiting_mag_ab", -30.0, 40.0),
    ("real_bogus", 0.0, 1.0),
    ("snr", -1e6, 1e9),
    ("host_separation_arcsec", 0.0, 36000.0),
    ("host_redshift", -0.1, 20.0),
    ("host_redshift_err", 0.0, 20.0),
)


def why_not(detection: Detection) -> str | None:
    """Say in one clause what is wrong with a detection; None: nothing."""
    if not detection.detection_id:
        return "detection_id is empty"
    for name, most in MOST_TEXT.items():
        if len(getattr(detection, name)) > most:
            return f"{name} is longer than {most} characters"
    if detection.mid_exposure.tzinfo is None:
        return "mid_exposure has no time zone; give UTC"
    if len(detection.cutout_png) > MOST_CUTOUT_BYTES:
        return f"cutout_png has {len(detection.cutout_png)} bytes; at most {MOST_CUTOUT_BYTES}"
    return _out_of_range(detection)


def _out_of_range(detection: Detection) -> str | None:
    for name, low, high in _RANGES:
        value: float | None = getattr(detection, name)
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            return f"{name} is {value}; give a number between {low:g} and {high:g}"
    return None
