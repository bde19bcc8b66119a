"""Which detections are one object."""

import random
from dataclasses import replace

import numpy as np
from builders.vetting import CENTRE, a_sighting

from coordinator.vetting.association import associate
from coordinator.vetting.candidate import candidate_of, id_from
from coordinator.vetting.close_pairs import FLOOR_ARCSEC
from coordinator.vetting.tangent import offsets_arcsec


def test_detections_at_one_place_are_one_candidate() -> None:
    (candidate,) = associate([a_sighting("a"), a_sighting("b", 9.0, east_arcsec=0.5)])
    assert [s.id for s in candidate.sightings] == ["a", "b"]
    assert candidate.motion is None


def test_the_radius_grows_with_the_errors_up_to_five_arcseconds() -> None:
    def found(apart: float, err: float) -> int:
        pair = [a_sighting("a", 8.0), a_sighting("b", 8.0, north_arcsec=apart)]
        return len(associate([replace(s, pos_err_arcsec=err) for s in pair]))

    assert found(1.4, 0.1) == 1
    assert found(1.6, 0.1) == 2
    assert found(4.0, 1.0) == 1
    assert found(4.9, 3.0) == 1
    assert found(5.1, 3.0) == 2


def test_the_id_is_that_of_the_first_detection_in_time() -> None:
    (candidate,) = associate([a_sighting("late", 9.0), a_sighting("early", 8.0)])
    assert candidate.id == id_from("early")


def test_a_late_report_of_an_earlier_detection_renames_and_the_old_name_is_still_known() -> None:
    before = associate([a_sighting("b", 9.0)])[0]
    after = associate([a_sighting("b", 9.0), a_sighting("a", 8.0)])[0]
    assert after.id != before.id
    assert after.was(before.id)
    assert not after.was(id_from("stranger"))


def test_of_two_times_that_are_equal_the_smaller_id_is_first() -> None:
    (candidate,) = associate([a_sighting("b"), a_sighting("a")])
    assert candidate.id == id_from("a")


def test_an_asteroid_seen_in_two_visits_is_one_mover() -> None:
    (mover,) = associate([a_sighting("a", 8.0), a_sighting("b", 8.7, east_arcsec=20.0)])
    assert mover.motion is not None
    assert mover.motion.epochs == 2
    assert 25 < mover.motion.rate_arcsec_h < 32
    assert abs(mover.motion.position_angle_deg - 90.0) < 1.0


def test_an_asteroid_seen_in_three_visits_must_keep_its_line() -> None:
    straight = [a_sighting(str(n), 8.0 + 0.7 * n, east_arcsec=20.0 * n) for n in range(3)]
    assert [c.motion.epochs for c in associate(straight) if c.motion] == [3]
    bent = [*straight[:2], a_sighting("2", 9.4, east_arcsec=20.0, north_arcsec=20.0)]
    assert max(c.motion.epochs for c in associate(bent) if c.motion) == 2


def test_a_chain_of_exposures_of_an_asteroid_is_a_mover_though_each_step_is_small() -> None:
    (mover,) = associate([a_sighting(f"{n:02}", 8.0 + n / 60, north_arcsec=0.5 * n) for n in range(30)])
    assert mover.motion is not None
    assert 28 < mover.motion.rate_arcsec_h < 32


def test_a_source_that_stays_is_no_mover_though_an_asteroid_is_near() -> None:
    stays = [a_sighting("s1", 8.0), a_sighting("s2", 9.0, east_arcsec=0.2)]
    moves = [a_sighting("m1", 8.0, north_arcsec=30.0), a_sighting("m2", 9.0, north_arcsec=60.0)]
    candidates = associate([*stays, *moves])
    assert sorted(c.motion is not None for c in candidates) == [False, True]


def test_what_is_much_fainter_is_another_thing() -> None:
    assert len(associate([a_sighting("a", 8.0), a_sighting("b", 8.7, east_arcsec=20.0, mag_ab=20.0)])) == 2


def test_what_would_have_to_race_is_two_things() -> None:
    assert len(associate([a_sighting("a", 8.0), a_sighting("b", 8.5, east_arcsec=120.0)])) == 2


def test_a_place_across_the_meridian_and_at_the_pole_is_one_place() -> None:
    for place in ((0.0, 20.0), (10.0, 90.0)):
        near = [a_sighting("a", place=place), a_sighting("b", 9.0, place=place, north_arcsec=-0.5)]
        assert len(associate(near)) == 1
    across = [a_sighting("a", place=(359.9999, 0.0)), a_sighting("b", 9.0, place=(0.0001, 0.0))]
    (candidate,) = associate(across)
    assert min(candidate.ra_deg, 360.0 - candidate.ra_deg) < 1e-3


def test_the_place_is_the_mean_weighted_by_the_errors() -> None:
    poor = replace(a_sighting("b", 9.0, north_arcsec=1.0), pos_err_arcsec=2.0)
    candidate = candidate_of([a_sighting("a"), poor])
    assert abs(candidate.dec_deg - CENTRE[1]) * 3600 < 0.1


def test_many_looks_at_crowded_sources_are_the_sets_that_chains_of_near_pairs_make() -> None:
    draw = random.Random(3)
    places = [(draw.choice((0.0, 4.0, 30.0)), draw.gauss(0, 0.5), draw.gauss(0, 0.5)) for _ in range(200)]
    every = [a_sighting(f"{i:03}", 8.0, east_arcsec=x + dx, north_arcsec=dy) for i, (x, dx, dy) in enumerate(places)]
    every = [replace(s, pos_err_arcsec=0.2) for s in every]
    x, y = offsets_arcsec(CENTRE[0], CENTRE[1], [s.ra_deg for s in every], [s.dec_deg for s in every])
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= FLOOR_ARCSEC
    while not np.array_equal(near, wider := near @ near):
        near = wider
    chains = {frozenset(every[i].id for i in np.flatnonzero(row)) for row in near}
    assert {frozenset(s.id for s in c.sightings) for c in associate(every)} == chains


def test_nothing_is_nothing() -> None:
    assert associate([]) == ()


def test_what_was_associated_before_changes_nothing() -> None:
    seen = [a_sighting(f"s{n}", 8.0 + n, east_arcsec=600.0 * (n % 7)) for n in range(10)]
    before = associate(seen[:6])
    again = associate([*seen, seen[0]], before)
    assert again == associate(seen)
    assert {id(c) for c in again} & {id(c) for c in before}
    renamed = [replace(s, mag_ab=15.0) for s in seen]
    assert associate(renamed, before) == associate(renamed)
