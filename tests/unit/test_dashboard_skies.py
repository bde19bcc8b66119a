"""Maps of the dashboard: read when asked for, and let go when others are asked for."""

import pytest
from builders.fits_maps import blob, flat_map

from coordinator.dashboard.skies import Skies
from coordinator.services.journal import InMemoryBlobs
from telescopes.description.errors import ArmillaryError


async def three_maps(blobs: InMemoryBlobs) -> list[str]:
    return [await blobs.put(flat_map(blob(8, ra_deg))) for ra_deg in (10.0, 100.0, 200.0)]


async def test_the_map_that_was_asked_for_longest_ago_is_let_go() -> None:
    blobs = InMemoryBlobs()
    first, second, third = await three_maps(blobs)
    skies = Skies(blobs, most=2)
    await skies.get(first)
    await skies.get(second)
    await skies.get(first)
    await skies.get(third)
    assert skies.known(second) is None
    assert skies.known(first) is not None
    assert skies.known(third) is not None
    assert (await skies.get(second)).contours


async def test_maps_that_are_being_read_are_all_waited_for_however_few_are_kept() -> None:
    blobs = InMemoryBlobs()
    names = await three_maps(blobs)
    skies = Skies(blobs, most=1)
    reading = [skies.begin(name) for name in names]
    assert all([(await task).contours for task in reading])


async def test_a_map_that_could_not_be_read_is_tried_again_when_asked_for() -> None:
    blobs, later = InMemoryBlobs(), InMemoryBlobs()
    sky = flat_map(blob(8))
    name = await later.put(sky)
    skies = Skies(blobs)
    assert await skies.within(name, 20.0) is None
    with pytest.raises(ArmillaryError):
        await skies.get(name)
    await blobs.put(sky)
    assert await skies.within(name, 20.0) is None
    assert (await skies.get(name)).contours
    assert await skies.within(name, 20.0) is not None


async def test_no_map_is_waited_for_in_vain() -> None:
    assert await Skies(InMemoryBlobs()).within(None, 20.0) is None
