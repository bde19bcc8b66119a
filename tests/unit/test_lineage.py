"""What became of candidates: joined, taken apart, or only named anew."""

from builders.vetting import a_sighting

from coordinator.vetting.association import associate
from coordinator.vetting.candidate import id_from
from coordinator.vetting.facts import CandidatesRegrouped
from coordinator.vetting.lineage import changes, groups_of

A, B = id_from("a"), id_from("b")


def test_a_detection_between_two_joins_them() -> None:
    apart = [a_sighting("a", 8.0), a_sighting("b", 8.0, east_arcsec=2.4)]
    before, now = associate(apart), associate([*apart, a_sighting("c", 9.0, east_arcsec=1.2)])
    assert changes("S1", groups_of(before), groups_of(now)) == [CandidatesRegrouped("S1", tuple(sorted((A, B))), (A,))]
    assert all(now[0].was(name) for name in (A, B))


def test_what_is_taken_apart_is_said_and_the_first_keeps_the_name() -> None:
    one, two = {"a": A, "b": A}, {"a": A, "b": B}
    assert changes("S1", one, two) == [CandidatesRegrouped("S1", (A,), tuple(sorted((A, B))))]


def test_an_earlier_first_detection_is_neither() -> None:
    later = [a_sighting("b", 9.0)]
    before, now = associate(later), associate([*later, a_sighting("a", 8.0)])
    assert (before[0].id, now[0].id) == (B, A)
    assert changes("S1", groups_of(before), groups_of(now)) == []
    assert changes("S1", groups_of(now), groups_of(now)) == []
