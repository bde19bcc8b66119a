"""Upper limits and forced photometry belong to an object and are none."""

import random
from dataclasses import replace

from builders.vetting import a_sighting

from coordinator.vetting.association import associate
from coordinator.vetting.sighting import Sighting


def a_limit(id: str, hours: float = -3.0, east_arcsec: float = 0.0) -> Sighting:
    seen = a_sighting(id, hours, east_arcsec=east_arcsec)
    return replace(seen, upper_limit=True, mag_ab=None, mag_err=None, limiting_mag_ab=20.5)


def test_a_limit_alone_is_no_candidate() -> None:
    assert associate([a_limit("l"), replace(a_sighting("f"), forced=True)]) == ()


def test_a_limit_is_given_to_the_object_at_its_place_and_moves_it_nowhere() -> None:
    bare = associate([a_sighting("a")])[0]
    found = associate([a_sighting("a"), a_limit("l", east_arcsec=0.9)])[0]
    assert [s.id for s in found.limits] == ["l"]
    assert found == replace(bare, limits=found.limits)


def test_forced_photometry_tells_how_bright_and_not_where() -> None:
    bare = associate([a_sighting("b", 9.0)])[0]
    found = associate([replace(a_sighting("a", 8.0, east_arcsec=0.9), forced=True), a_sighting("b", 9.0)])[0]
    assert [s.id for s in found.sightings] == ["a", "b"]
    assert (found.id, found.ra_deg, found.dec_deg) == (bare.id, bare.ra_deg, bare.dec_deg)


def test_of_two_objects_the_nearer_one_is_given_it_in_any_order() -> None:
    every = [a_sighting("a"), a_sighting("b", east_arcsec=3.0), a_limit("l", east_arcsec=2.0), a_limit("far", -3, 30.0)]
    for seed in range(6):
        shuffled = random.Random(seed).sample(every, len(every))
        given = {c.sightings[0].id: [s.id for s in c.limits] for c in associate(shuffled)}
        assert given == {"a": [], "b": ["l"]}
