"""What is known at a candidate's place before anybody looks at it: the pure rooms are handed what was found.

Catalogues, ephemerides and remote services fill this in (`coordinator.catalogues`); a check reads it and never asks
anybody. What nobody looked up is not there: an `Answer` that is missing means unknown, one without entries means that
somebody looked and found nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import reduce
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Galaxy:
    """A galaxy near the place; None: unknown. `redshift_kind` is spec, photo or empty."""

    name: str
    separation_arcsec: float
    mag: float | None = None
    redshift: float | None = None
    redshift_err: float | None = None
    redshift_kind: str = ""
    radius_arcsec: float | None = None


@dataclass(frozen=True, slots=True)
class Star:
    """A point source that is always there."""

    name: str
    separation_arcsec: float
    mag: float | None = None


@dataclass(frozen=True, slots=True)
class Nucleus:
    """An active nucleus or quasar."""

    name: str
    separation_arcsec: float
    redshift: float | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A star or nucleus that is known to vary; `type` as its catalogue has it."""

    name: str
    separation_arcsec: float
    type: str = ""


@dataclass(frozen=True, slots=True)
class MinorPlanet:
    """A body of the solar system near the place at the time of a sighting."""

    name: str
    separation_arcsec: float
    rate_arcsec_h: float | None = None
    mag: float | None = None
    error_arcsec: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What others report at the place: a name, a class if a spectrum was taken, and when it was first seen."""

    name: str
    separation_arcsec: float
    type: str = ""
    redshift: float | None = None
    first_seen: datetime | None = None
    last_nondetection: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What one source knows.

    Attributes
    ----------
    source : str
        Its name and version, for people.
    found : tuple
        Nearest first.
    as_of : datetime or None
        How old its knowledge is; None: it does not say.
    complete_to_mag : float or None
        To this brightness silence means that nothing is there; None: silence tells nothing.
    silent_because : str or None
        Why it gave no answer (it is away, slow, or answered nonsense); then `found` is empty and tells nothing.
    """

    source: str
    found: tuple[T, ...] = ()
    as_of: datetime | None = None
    complete_to_mag: float | None = None
    silent_because: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Answers by what was asked for; an empty tuple: nobody looked. `reddening_mag`: E(B-V) of the Galaxy's dust."""

    galaxies: tuple[Answer[Galaxy], ...] = ()
    stars: tuple[Answer[Star], ...] = ()
    nuclei: tuple[Answer[Nucleus], ...] = ()
    variables: tuple[Answer[Variable], ...] = ()
    minor_planets: tuple[Answer[MinorPlanet], ...] = ()
    reported: tuple[Answer[Reported], ...] = ()
    reddening_mag: float | None = None

    def and_also(self, other: "Neighbours") -> "Neighbours":
        """Return the answers of both, the same one once; of a single value the first that is known."""
        if other is NOBODY_LOOKED:
            return self
        if self is NOBODY_LOOKED:
            return other
        both: dict[str, Any] = {}
        for name in (f.name for f in fields(self)):
            mine, others = getattr(self, name), getattr(other, name)
            both[name] = _each_once(mine + others) if isinstance(mine, tuple) else (others if mine is None else mine)
        return Neighbours(**both)


def undated(near: Neighbours) -> Neighbours:
    """Return the same answers without their age."""
    every: dict[str, Any] = {f.name: getattr(near, f.name) for f in fields(near)}
    for name, answers in every.items():
        if isinstance(answers, tuple):
            every[name] = tuple(replace(answer, as_of=None) for answer in answers)
    return Neighbours(**every)


NOBODY_LOOKED = Neighbours()


def together(*several: Neighbours) -> Neighbours:
    """Put what several know side by side, in the order given."""
    return reduce(Neighbours.and_also, several, NOBODY_LOOKED)


def _each_once(answers: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(answers)) if len(answers) > 1 else answers


def silent(near: Neighbours) -> bool:
    """Say whether somebody was asked and nobody answered."""
    every: tuple[Answer[Any], ...] = (
        *near.galaxies, *near.stars, *near.nuclei, *near.variables, *near.minor_planets, *near.reported
    )  # fmt: skip
    return bool(every) and all(a.silent_because is not None for a in every)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Neighbours of many candidates by their ids."""

    by_candidate: Mapping[str, Neighbours] = field(default_factory=dict)

    def of(self, candidate_id: str) -> Neighbours:
        """Return what is known around one."""
        return self.by_candidate.get(candidate_id, NOBODY_LOOKED)

    def beside(self, other: "Surroundings") -> "Surroundings":
        """Return what both know, its own first.

        Most candidates share what is known of nothing there, so each pair of neighbours is put together once.
        """
        if not (self.by_candidate and other.by_candidate):
            return self if self.by_candidate else other
        known = dict(self.by_candidate)
        made: dict[tuple[int, int], Neighbours] = {}
        for name, others in other.by_candidate.items():
            mine = known.get(name)
            if mine is None:
                known[name] = others
                continue
            pair = id(mine), id(others)
            if pair not in made:
                made[pair] = mine.and_also(others)
            known[name] = made[pair]
        return Surroundings(known)


NO_SURROUNDINGS = Surroundings()


def joined(every: Iterable[Surroundings]) -> Surroundings:
    """Join what several sources know around the same candidates, each source's answers in the order given."""
    return reduce(Surroundings.beside, every, NO_SURROUNDINGS)
