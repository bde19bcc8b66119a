"""What a network hears of an event: notices as the stream of the LIGO, Virgo and KAGRA detectors sends them."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coordinator.simulation.calibration.told import Told
from coordinator.simulation.world.sequence import Revision, Stage
from coordinator.sky.write_multiorder import write_multiorder

KINDS: dict[Stage, str] = {
    "early warning": "EARLYWARNING",
    "preliminary": "PRELIMINARY",
    "update": "UPDATE",
    "retraction": "RETRACTION",
}
FAR_HZ = 1e-9
"""Of what is told here as significant: once in thirty years."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One notice, byte by byte, and when it comes in."""

    stage: Stage
    issued: datetime
    data: bytes

    @property
    def name(self) -> str:
        """A file name for it."""
        return f"{KINDS[self.stage].lower()}.json"


def words_of(told: Told) -> tuple[HeardWord, ...]:
    """Write an event's revisions as notices, in order of time; nothing of the truth is in them."""
    return tuple(HeardWord(r.stage, r.issued, _notice(told, r)) for r in told.event.revisions)


def _notice(told: Told, revision: Revision) -> bytes:
    event = None if revision.sky is None else _event(told, write_multiorder(revision.sky))
    notice = {
        "alert_type": KINDS[revision.stage],
        "time_created": f"{revision.issued:%Y-%m-%dT%H:%M:%SZ}",
        "superevent_id": told.event.name,
        "urls": {},
        "event": event,
        "external_coinc": None,
    }
    return json.dumps(notice, sort_keys=True).encode()


def _event(told: Told, skymap: bytes) -> dict[str, Any]:
    has_ns = 0.0 if told.kind == "BBH" else 1.0
    return {
        "significant": True,
        "time": told.event.t0.isoformat(),
        "far": FAR_HZ,
        "instruments": list(told.event.heard.network.names),
        "group": "CBC",
        "search": "AllSky",
        "pipeline": "simulation",
        "classification": {told.kind: 1.0 - told.terrestrial, "Terrestrial": told.terrestrial},
        "properties": {"HasNS": has_ns, "HasRemnant": told.has_remnant},
        "skymap": base64.b64encode(skymap).decode(),
    }
