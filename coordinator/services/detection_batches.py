"""Detections as journal entries: of one event each, and small enough."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry
from coordinator.vetting.facts import DetectionsStored, StoredDetection

MOST_BODY_BYTES = 60 * 1024


def detection_entries(telescope_id: str, kept: Sequence[StoredDetection], now: datetime) -> list[Entry]:
    """Make entries of what a telescope or survey saw."""
    by_event: dict[str | None, list[StoredDetection]] = {}
    for one in kept:
        by_event.setdefault(one.event, []).append(one)
    return [
        entry_of("detections_stored", DetectionsStored(batch), sky_time=now, event=event, telescope=telescope_id)
        for event, every in by_event.items()
        for batch in _batches(every)
    ]


def _batches(kept: Sequence[StoredDetection]) -> list[tuple[StoredDetection, ...]]:
    """Cut detections into batches that fit into an entry."""
    batches: list[list[StoredDetection]] = []
    held_bytes = MOST_BODY_BYTES
    for one in kept:
        size_bytes = len(msgspec.json.encode(one)) + 1
        if held_bytes + size_bytes > MOST_BODY_BYTES:
            batches.append([])
            held_bytes = 0
        batches[-1].append(one)
        held_bytes += size_bytes
    return [tuple(batch) for batch in batches]
