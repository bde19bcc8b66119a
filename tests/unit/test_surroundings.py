"""What is known around candidates is asked once for each candidate and place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from coordinator.services.surroundings import Remembered, look_around
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.neighbours import Answer, Neighbours, Star, Surroundings
from coordinator.vetting.sighting import Sighting


def at(name: str, ra_deg: float = 10.0) -> Candidate:
    return candidate_of([Sighting(name, ra_deg, 20.0)], id=name)


@dataclass
class Catalogue:
    """Knows a star at every place, and who asked."""

    asked: list[str] = field(default_factory=list)

    def around(self, candidates: Sequence[Candidate]) -> Surroundings:
        self.asked += [c.id for c in candidates]
        return Surroundings({c.id: Neighbours(stars=(Answer("all", (Star(str(c.ra_deg), 0.0),)),)) for c in candidates})


def test_a_candidate_is_looked_up_once() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a"), at("b")], remembered)
    known = look_around(catalogue.around, [at("a"), at("b"), at("c")], remembered)
    assert catalogue.asked == ["a", "b", "c"]
    assert set(known.by_candidate) == {"a", "b", "c"}


def test_a_candidate_that_moved_is_looked_up_again() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a")], remembered)
    known = look_around(catalogue.around, [at("a", 11.0)], remembered)
    assert catalogue.asked == ["a", "a"]
    assert known.of("a").stars[0].found[0].name == "11.0"


def test_what_is_gone_is_forgotten() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a"), at("b")], remembered)
    look_around(catalogue.around, [at("b")], remembered)
    assert set(remembered) == {"b"}
