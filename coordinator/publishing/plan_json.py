"""The plan as armillary.plan/1."""

from dataclasses import replace

import msgspec

from coordinator.planning.document import plan_document
from coordinator.publishing.planned_search import PlannedSearch


def as_json(search: PlannedSearch) -> bytes:
    """Write the pointings that are shown; the figures beside them are those of the whole plan."""
    shown = replace(search.event, pointings=search.pointings)
    document = plan_document(shown, search.start, search.end, dict(search.timing))
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
