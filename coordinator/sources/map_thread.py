"""Sky maps are read and made in a thread, so that a source goes on listening."""

import asyncio

from coordinator.alerts.alert import Localization
from coordinator.services.assess import MadeMap, MapSummary
from coordinator.services.map_summary import summarise_map
from coordinator.services.place_map import place_map


async def read_map_in_thread(data: bytes) -> MapSummary:
    """Summarise a map; Refused if it is none."""
    return await asyncio.to_thread(summarise_map, data)


async def make_map_in_thread(where: Localization, namespace: str) -> MadeMap | None:
    """Make the map of a stated position; None if it has no error, Refused if it cannot be."""
    return await asyncio.to_thread(place_map, where, namespace)
