"""What holds for galaxies whatever the catalogue."""

import numpy as np
import pytest
from builders.galaxies import a_distant_blob
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.planning.completeness import table_of
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_fields import galaxy_fields
from coordinator.planning.galaxy_weights import GalaxyTargets, galaxy_targets
from telescopes.description.footprint import Rectangle

SKY = a_distant_blob()
PLENTY = 10**6
UNKNOWN = st.just(float("nan"))

galaxy = st.tuples(
    st.floats(0, 359.999),
    st.floats(-90, 90),
    st.floats(1, 900),
    st.floats(0.1, 100) | UNKNOWN,
    st.floats(5, 25) | UNKNOWN,
    st.floats(5, 20) | UNKNOWN,
    st.floats(1e6, 1e12) | UNKNOWN,
)
near = st.tuples(st.floats(15, 25), st.floats(-25, -15), st.floats(60, 250), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
catalogues = st.lists(galaxy | near, min_size=1, max_size=40, unique_by=lambda g: g[:3])


def galaxies_of(rows: list[tuple[float, ...]]) -> Galaxies:
    ra, dec, mpc, error, b, k, mass = np.array(rows).T
    return Galaxies.of(ra, dec, mpc, distance_err_mpc=error, b_mag=b, k_mag=k, mass_msun=mass)


def weighed(rows: list[tuple[float, ...]], capacity: int = PLENTY, share: float = 0.7) -> GalaxyTargets:
    found = galaxy_targets([galaxies_of(rows)], SKY, capacity, table_of([(0.0, share)], "some"))
    assert found is not None
    return found


@settings(max_examples=60)
@given(catalogues, st.floats(0, 1))
def test_weights_sum_to_1_and_nothing_of_the_map_is_lost(rows: list[tuple[float, ...]], share: float) -> None:
    found = weighed(rows, share=share)
    assert np.isfinite(found.weight).all() and (found.weight > 0).all()
    assert found.weight.sum() == pytest.approx(1.0 if found.counted else 0.0)
    assert found.value.sum() + found.tiles_probability.sum() == pytest.approx(1.0)


@settings(max_examples=40)
@given(catalogues, st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[float, ...]], rng: "object", capacity: int) -> None:
    other = list(rows)
    rng.shuffle(other)  # type: ignore[attr-defined]
    one, two = weighed(rows, capacity), weighed(other, capacity)
    assert one.galaxies.key.tolist() == two.galaxies.key.tolist()
    assert one.weight.tolist() == pytest.approx(two.weight.tolist())
    fields = [galaxy_fields(Rectangle(1, 1), t, np.ones(len(t.galaxies), bool), 5) for t in (one, two)]
    assert fields[0].ra_deg.tolist() == pytest.approx(fields[1].ra_deg.tolist())
    assert fields[0].galaxy.tolist() == fields[1].galaxy.tolist()


@settings(max_examples=40)
@given(catalogues)
def test_a_galaxy_outside_the_map_has_no_weight(rows: list[tuple[float, ...]]) -> None:
    opposite = (200.0, 20.0, 150.0, 1.0, 10.0, 8.0, 1e12)
    with_it, without = weighed([*rows, opposite]), weighed(rows)
    assert with_it.counted == without.counted
    assert with_it.weight.tolist() == pytest.approx(without.weight.tolist())


@settings(max_examples=40)
@given(catalogues, st.integers(1, 6))
def test_no_field_of_the_cover_is_without_something_new(rows: list[tuple[float, ...]], most: int) -> None:
    targets = weighed(rows)
    fields = galaxy_fields(Rectangle(0.5, 0.5), targets, np.ones(len(targets.galaxies), bool), most)
    seen: set[int] = set()
    for a, b in zip(fields.first[:-1], fields.first[1:], strict=True):
        mine = set(fields.galaxy[a:b].tolist())
        assert mine - seen
        seen |= mine
    assert len(fields) <= most
