"""LVK notices with a sky map of our own making, as the stream would send them."""

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from coordinator.simulation.built_in_map import T0, built_in_map

DATE_KEY = b"DATE    = '2026-03-20T19:40:00'"


@cache
def a_map(number: int = 0) -> bytes:
    """Return the built-in map; another number is another file with the same sky."""
    return built_in_map().replace(DATE_KEY, b"DATE    = '2026-03-20T19:40:%02d'" % (number % 60))


def a_notice(superevent: str, kind: str, issued_s: int, sky: bytes | None, t0: datetime = T0) -> bytes:
    """Return a notice of a kind (PRELIMINARY, UPDATE, RETRACTION), issued 20 minutes and so many seconds after T0."""
    event: dict[str, Any] | None = None
    if sky is not None:
        event = {
            "significant": True,
            "time": t0.isoformat(),
            "far": 1e-11,
            "instruments": ["H1", "L1", "V1"],
            "group": "CBC",
            "search": "AllSky",
            "classification": {"BNS": 0.98, "Terrestrial": 0.02},
            "properties": {"HasNS": 1.0, "HasRemnant": 1.0},
            "skymap": base64.b64encode(sky).decode(),
        }
    issued = t0 + timedelta(minutes=20, seconds=issued_s)
    return json.dumps(
        {
            "alert_type": kind,
            "time_created": f"{issued:%Y-%m-%dT%H:%M:%SZ}",
            "superevent_id": superevent,
            "urls": {},
            "event": event,
            "external_coinc": None,
        }
    ).encode()
