"""Sky maps are read and made in a thread, so that a source goes on listening."""

import asyncio

from coordinator.alerts.alert import Localization
from coordinator.services.assess import MadeMap, MapSummary
from coordinator.services.map_summary import summarise_map
from coordinator.services.place_map import place_map
from coordinator.sky.ranges import Ranges


async def read_map_in_thread(data: bytes) -> MapSummary:
    """Summarise a map; Refused if it is none."""
    return await asyncio.to_thread(summarise_map, data)


async def make_map_in_thread(where: Localization, namespace: str) -> MadeMap | None:
    """Make the map of a stated position; None if it has no error, Refused if it cannot be."""
    return await asyncio.to_thread(place_map, where, namespace)


async def read_region_in_thread(data: bytes, level: float) -> Ranges:
    """Return the credible region of a map; Refused if it is none."""
    return await asyncio.to_thread(_region, data, level)


def _region(data: bytes, level: float) -> Ranges:
    from coordinator.sky.read import read_skymap  # not at the top: only surveys' sources read whole maps
    from coordinator.sky.regions import credible_ranges

    return credible_ranges(read_skymap(data), level)
