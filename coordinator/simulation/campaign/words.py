"""What a network hears of an event: notices as the streams of the detectors and missions send them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from coordinator.simulation.calibration.told import Told
from coordinator.simulation.world.cone_notices import notices_of
from coordinator.simulation.world.cones import ConeEvent
from coordinator.simulation.world.sequence import Revision, Stage

Beside = Literal["partner", "unrelated"]
WordStage = Stage | Beside
"""Words about another event, of another stream: a partner belongs to the one that is searched, an unrelated one not."""

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
    """One notice, byte by byte, and when it comes in.

    Of a burst or neutrino the first word is its preliminary one, the others are updates.
    """

    stage: WordStage
    issued: datetime
    data: bytes

    @property
    def name(self) -> str:
        """A file name for it."""
        word = self.stage if self.stage == "partner" or self.stage == "unrelated" else KINDS[self.stage].lower()
        return f"{word}.xml" if self.data.startswith(b"<") else f"{word}.json"


def words_of(told: Told, maps: Sequence[bytes | None]) -> tuple[HeardWord, ...]:
    """Write an event's revisions as notices, in order of time; nothing of the truth is in them.

    `maps` are the files of each revision's sky map; None: it has none.
    """
    revisions = zip(told.event.revisions, maps, strict=True)
    return tuple(HeardWord(r.stage, r.issued, _notice(told, r, file)) for r, file in revisions)


def words_of_circles(event: ConeEvent, *, beside: Beside | None = None) -> tuple[HeardWord, ...]:
    """Write what is told of a burst or neutrino, in order of its stages; `beside`: what it is to another event."""
    stages: list[WordStage] = [beside or "update"] * len(event.circles)
    stages[0] = beside or "preliminary"
    notices = zip(stages, notices_of(event), strict=True)
    return tuple(HeardWord(stage, circle.issued, data) for stage, (circle, data) in notices)


def _notice(told: Told, revision: Revision, skymap: bytes | None) -> bytes:
    event = None if skymap is None else _event(told, skymap)
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
        "instruments": list(told.event.instruments),
        "group": "CBC",
        "search": "AllSky",
        "pipeline": "simulation",
        "classification": {told.kind: 1.0 - told.terrestrial, "Terrestrial": told.terrestrial},
        "properties": {"HasNS": has_ns, "HasRemnant": told.has_remnant},
        "skymap": base64.b64encode(skymap).decode(),
    }
