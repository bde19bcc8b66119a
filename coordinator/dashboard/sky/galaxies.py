"""The galaxies that may host an event's source, for drawing: the likeliest of the catalogue, where one is known."""

import asyncio
from typing import Any

from coordinator.dashboard.board import DashboardPort, FindGalaxies
from coordinator.planning.galaxy_weights import galaxy_targets
from coordinator.sky.read import read_skymap
from telescopes.description.errors import ArmillaryError

CAPACITY = 50
"""As for a network that can make so many pointings: eight galaxies are kept for each."""


async def likely_galaxies(port: DashboardPort, sha256: str) -> dict[str, Any]:
    """Return the likeliest galaxies of a map, best first, or why there are none."""
    if port.galaxies is None:
        return {"items": [], "because": "no catalogue of galaxies is set up"}
    try:
        data = await port.blobs.get(sha256)
        return await asyncio.to_thread(_weighed, port.galaxies, data, sha256)
    except ArmillaryError as error:
        return {"items": [], "because": str(error)}


def _weighed(find: FindGalaxies, data: bytes, sha256: str) -> dict[str, Any]:
    sky = read_skymap(data, f"sky map {sha256[:12]}")
    catalogue = find(sky)
    targets = galaxy_targets(catalogue.lots, sky, CAPACITY, catalogue.completeness)
    if targets is None or not len(targets.galaxies):
        return {"items": [], "because": "the map knows no distance at which the catalogue has galaxies"}
    rows = zip(
        targets.galaxies.ra_deg, targets.galaxies.dec_deg, targets.galaxies.distance_mpc, targets.value, strict=True
    )
    items = [
        {
            "ra_deg": round(float(ra), 5),
            "dec_deg": round(float(dec), 5),
            "distance_mpc": round(float(distance), 2),
            "probability": float(f"{value:.3g}"),
        }
        for ra, dec, distance, value in rows
    ]
    return {"items": sorted(items, key=lambda g: -g["probability"]), "because": None}
