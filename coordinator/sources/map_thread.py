"""Sky maps are read in a thread, so that a source goes on listening."""

import asyncio

from coordinator.services.assess import MapSummary
from coordinator.services.map_summary import summarise_map


async def read_map_in_thread(data: bytes) -> MapSummary:
    """Summarise a map; Refused if it is none."""
    return await asyncio.to_thread(summarise_map, data)
