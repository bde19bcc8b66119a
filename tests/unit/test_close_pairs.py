"""Places that are one: a crowd is joined as its pairs would join it, without making all of them."""

import numpy as np
import pytest
from builders.vetting import CENTRE, a_sighting

from coordinator.vetting.association import associate
from coordinator.vetting.candidate import position_error
from coordinator.vetting.close_pairs import CROWDED, close_pairs
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import ARCSEC, unit_vectors


def a_crowd(n: int, spread_arcsec: float, seed: int, dec_deg: float = 20.0) -> list[Sighting]:
    rng = np.random.default_rng(seed)
    east, north = rng.normal(0.0, spread_arcsec, (2, n))
    place = (CENTRE[0], dec_deg)
    return [
        a_sighting(f"{i:05}", 8.0 + i / 100, east_arcsec=float(east[i]), north_arcsec=float(north[i]), place=place)
        for i in range(n)
    ]


def joined_by_hand(where: np.ndarray, err: np.ndarray) -> list[list[int]]:
    """Go from each place to all that it reaches, until nothing is added."""
    left, found = set(range(len(where))), []
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            left -= edge
            reach = np.clip(3.0 * np.sqrt(err[list(edge)][:, None] ** 2 + err**2 + 0.09), 1.5, 5.0)
            apart = np.linalg.norm(where[list(edge)][:, None] - where, axis=2) / ARCSEC
            edge = left & set(np.flatnonzero((apart <= reach).any(axis=0)).tolist())
        found.append(sorted(group))
    return found


@pytest.mark.parametrize(("spread_arcsec", "dec_deg"), [(0.2, 20.0), (0.8, -75.0), (4.0, 0.0), (12.0, 60.0)])
def test_a_crowd_is_joined_as_all_its_pairs_would_join_it(spread_arcsec: float, dec_deg: float) -> None:
    every = a_crowd(700, spread_arcsec, 3, dec_deg)
    where = unit_vectors([s.ra_deg for s in every], [s.dec_deg for s in every])
    err = np.random.default_rng(4).uniform(0.0, 1.2, len(every))
    pairs = close_pairs(where, err)
    found = {i: {i} for i in range(len(every))}
    for a, b in pairs.tolist():
        if found[a] is not found[b]:
            found[a] |= found[b]
            found.update(dict.fromkeys(found[b], found[a]))
    assert sorted(sorted(g) for g in {id(g): g for g in found.values()}.values()) == joined_by_hand(where, err)


def test_ten_thousand_sightings_of_one_object_are_one_candidate_by_few_pairs() -> None:
    every = a_crowd(10_000, 0.3, 5)
    where = unit_vectors([s.ra_deg for s in every], [s.dec_deg for s in every])
    assert len(close_pairs(where, np.array([position_error(s) for s in every]))) < 10 * CROWDED * len(every)
    (one,) = associate(every)
    assert len(one.sightings) == 10_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((359.9999, 0.0), (0.0001, 0.0)),
        ((359.99999, 10.0), (0.00001, 10.0)),
        ((360.0, 5.0), (0.0, 5.0)),
        ((10.0, 90.0), (200.0, 90.0)),
        ((0.0, 89.9999), (180.0, 89.9999)),
        ((0.0, -89.9999), (90.0, -89.9999)),
    ],
)
def test_what_lies_across_zero_hours_or_a_pole_is_one_candidate_with_a_place(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    seen = [a_sighting(name, hours) for name, hours in (("a", 8.0), ("b", 9.0))]
    places = [Sighting(s.id, *at, s.time, pos_err_arcsec=0.5) for s, at in zip(seen, (one, other), strict=True)]
    (found,) = associate(places)
    assert 0.0 <= found.ra_deg < 360.0
    there = unit_vectors([found.ra_deg], [found.dec_deg])
    assert np.linalg.norm(there - unit_vectors(*zip(one, other, strict=True)), axis=1).max() < 1.0 * ARCSEC
