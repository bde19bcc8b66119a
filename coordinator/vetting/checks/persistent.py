"""Whether something that is always there lies at a place: what the checks of stars, nuclei and variables share."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.checks.check import Finding, unknown
from coordinator.vetting.kinds import SHARES, UNRELATED, Leans, Unrelated
from coordinator.vetting.neighbours import Answer

GROUP = "point source"
"""One thing may stand in several catalogues: as a star, as a nucleus, as a variable."""

SAME_ARCSEC = 2.0
DEEP_ENOUGH_MAG = 18.0
"""What a catalogue must reach where the candidate's own brightness is not known."""


class Thing(Protocol):
    """Something that a catalogue knows."""

    @property
    def name(self) -> str:
        """What its catalogue calls it."""
        ...

    @property
    def separation_arcsec(self) -> float:
        """How far from the place it lies."""
        ...


T = TypeVar("T", bound=Thing)


def at_the_place(answers: Iterable[Answer[T]], within_arcsec: float = SAME_ARCSEC) -> list[tuple[T, Answer[T]]]:
    """Return what lies within a distance, and who says so; nearest first."""
    found = [(one, answer) for answer in answers for one in answer.found if one.separation_arcsec <= within_arcsec]
    if not found:  # as almost everywhere
        return found
    return sorted(found, key=lambda both: (both[0].separation_arcsec, both[1].source, both[0].name))


def brightest_mag(candidate: Candidate) -> float | None:
    """Return the brightest that it was seen at; None: nobody says."""
    return min((s.mag_ab for s in candidate.sightings if s.mag_ab is not None), default=None)


def deepest(answers: Sequence[Answer[T]]) -> Answer[T] | None:
    """Return the answer that is complete to the faintest; None: nobody answered."""
    spoke = [a for a in answers if a.silent_because is None]
    if len(spoke) < 2:
        return spoke[0] if spoke else None
    return max(spoke, key=lambda a: (a.complete_to_mag or -math.inf, a.source))


def nothing_there(answers: Sequence[Answer[T]], what: str, candidate: Candidate) -> Finding:
    """Say what it means that nothing was found: that nothing is there, or that nobody can tell.

    Parameters
    ----------
    answers : sequence of Answer
        None of them has found anything within `SAME_ARCSEC`.
    what : str
        What was looked for, for people: star, known variable.
    candidate : Candidate
        A catalogue must reach its brightness for its silence to count.
    """
    if not answers:
        return unknown(f"no catalogue of that sort is installed: is there a {what}?")
    best = deepest(answers)
    if best is None:
        said = "; ".join(f"{a.source} did not answer ({a.silent_because})" for a in answers)
        return unknown(f"source did not answer: {said}", ", ".join(a.source for a in answers))
    spoke = [a for a in answers if a.silent_because is None]
    reach, mag = best.complete_to_mag, brightest_mag(candidate)
    none = f"no {what} within {SAME_ARCSEC:g} arcsec in {', '.join(sorted(a.source for a in spoke))}"
    if reach is None:
        said = f"{none}, whose silence tells nothing here"
        return Finding(0.0, None, "none", best.source, said, as_of=best.as_of)
    if reach < (DEEP_ENOUGH_MAG if mag is None else mag):
        own = "of unknown brightness" if mag is None else f"of {mag:.1f} mag"
        said = f"{none}, but it reaches {reach:.1f} mag and the candidate is {own}: not deep enough"
        return Finding(0.0, None, "none", best.source, said, as_of=best.as_of)
    given = f"none within {SAME_ARCSEC:g} arcsec"
    return Finding(0.0, True, given, best.source, f"{none}, complete to {reach:.1f} mag", as_of=best.as_of)


def leans_of(chance: Mapping[Unrelated, float], elsewhere: float) -> Leans:
    """Turn the chance of such a finding for each kind into what it says of the kinds.

    Parameters
    ----------
    chance : mapping of kind to float
        p(finding | kind).
    elsewhere : float
        The same for every kind that is not named.
    """
    by_kind = {kind: chance.get(kind, elsewhere) for kind in UNRELATED}
    mix = math.fsum(SHARES[kind] * p for kind, p in by_kind.items())
    return {kind: math.log(p / mix) for kind, p in by_kind.items()}
