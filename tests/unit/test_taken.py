"""What is taken near a place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coordinator.dispatch.book import LookedAt
from coordinator.dispatch.taken import Taken
from coordinator.sky.ranges import Ranges

SKY = st.sets(st.integers(0, 40), max_size=6)


def ranges(pixels: set[int]) -> Ranges:
    low = np.array(sorted(pixels), np.int64)
    return Ranges.of(low, low + 1)


@given(place=SKY, skies=st.lists(SKY, max_size=8))
def test_all_looks_that_share_sky_with_a_place_are_near_it_in_their_order(
    place: set[int], skies: list[set[int]]
) -> None:
    looks = [LookedAt(ranges(sky), 20.0) for sky in skies]
    near = Taken.of(looks).near(ranges(place))
    sharing = [look for look, sky in zip(looks, skies, strict=True) if sky & place]
    assert [look for look in near if look in sharing] == sharing
    assert [look for look in looks if look in near] == near


def test_what_lies_elsewhere_is_not_near() -> None:
    assert Taken.of([LookedAt(ranges({3, 4}), None)]).near(ranges({5, 9})) == []
