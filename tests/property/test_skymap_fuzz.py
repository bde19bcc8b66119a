"""Whatever bytes come in, a sky map is read or refused; never anything else."""

import numpy as np
from builders.fits_maps import blob, flat_map, gzipped, multiorder_map, ring, two_orders
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.sky.read import read_skymap
from telescopes.description.errors import Refused

SKY = blob(8)
SEEDS = (
    flat_map(SKY),
    flat_map(ring(SKY), ORDERING="RING"),
    multiorder_map(*two_orders()),
    gzipped(flat_map(SKY)),
    gzipped(multiorder_map(*two_orders(), COORDSYS="G")),
)
HEADERS = 2880 * 3  # where most of what can be misread stands


def check(data: bytes) -> None:
    try:
        sky = read_skymap(data)
    except Refused as error:
        assert error.reason == "SKYMAP"
        return
    assert np.isfinite(sky.probability).all()
    assert (sky.probability >= 0).all()
    assert abs(sky.probability.sum() - 1) < 1e-9


@settings(max_examples=150)
@given(data=st.binary(max_size=4000))
def test_any_bytes_are_refused(data: bytes) -> None:
    check(data)


@settings(max_examples=300)
@given(
    which=st.integers(0, len(SEEDS) - 1),
    changes=st.lists(st.tuples(st.integers(0, HEADERS), st.binary(min_size=1, max_size=12)), max_size=4),
    keep=st.floats(0, 1),
)
def test_a_damaged_map_is_read_or_refused(which: int, changes: list[tuple[int, bytes]], keep: float) -> None:
    seed = SEEDS[which]
    data = bytearray(seed if keep > 0.3 else seed[: int(len(seed) * keep * 3)])
    for at, new in changes:
        data[at : at + len(new)] = new
    check(bytes(data))


@settings(max_examples=300)
@given(
    which=st.integers(0, 2),  # those that are not packed
    card=st.integers(0, 70),
    value=st.sampled_from(["-1", "0", "7", "1E300", "T", "'X'", "''", "99999999999999999999", "", "1024", "0.5"]),
)
def test_a_header_with_a_wrong_value_is_read_or_refused(which: int, card: int, value: str) -> None:
    seed, at = SEEDS[which], 80 * card
    if seed[at + 8 : at + 10] != b"= ":
        return
    check(seed[: at + 10] + value.rjust(20).encode().ljust(70) + seed[at + 80 :])
