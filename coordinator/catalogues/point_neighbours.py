"""What catalogues of points know around candidates: all candidates at once, a search for each catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coordinator.catalogues.point_columns import SORTS
from coordinator.catalogues.points import PointIndex
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Answer, Neighbours, Nucleus, Reported, Star, Surroundings, Variable

SEARCHED_ARCSEC = 15.0
"""As far as any check looks: a bright star's glare."""

Answers = dict[str, Answer[Any]]


@dataclass(frozen=True, slots=True)
class PointCatalogues:
    """Catalogues of points that are asked together."""

    indexes: tuple[PointIndex, ...]

    def around(self, candidates: Sequence[Candidate]) -> Surroundings:
        """Say what all of them know around candidates.

        Parameters
        ----------
        candidates : sequence of Candidate
            Any number; each catalogue is searched once.

        Returns
        -------
        Surroundings
            By the candidates' ids. Where a catalogue holds nothing within some arcminutes its silence tells nothing.
        """
        if not candidates or not self.indexes:
            return Surroundings()
        ra, dec = np.array([c.ra_deg for c in candidates]), np.array([c.dec_deg for c in candidates])
        by_catalogue = [_answers(index, ra, dec) for index in self.indexes]
        together = _Together()
        return Surroundings({c.id: together.of(answers) for c, *answers in zip(candidates, *by_catalogue, strict=True)})


class _Together:
    """Neighbours of what several catalogues answered; most candidates share the answer that nothing is there."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], tuple[Sequence[Answers], Neighbours]] = {}

    def of(self, answers: Sequence[Answers]) -> Neighbours:
        names = tuple(map(id, answers))
        if names not in self._made:
            by_sort: dict[str, Any] = {sort: tuple(a[sort] for a in answers if sort in a) for sort in SORTS}
            self._made[names] = (answers, Neighbours(**by_sort))
        return self._made[names][1]


def _answers(index: PointIndex, ra: np.ndarray, dec: np.ndarray) -> list[Answers]:
    """Return for each place what one catalogue knows, by sort."""
    silence = {covered: _answer(index, {}, covered=covered) for covered in (True, False)}
    covers = index.covers(ra, dec)
    answers = [silence[c] for c in covers.tolist()]
    found = index.within(ra, dec, SEARCHED_ARCSEC)
    ends = np.searchsorted(found.which, np.arange(ra.size + 1))
    for place in np.unique(found.which).tolist():
        pairs = slice(ends[place], ends[place + 1])
        things = _things(index, found.row[pairs], found.separation_arcsec[pairs])
        answers[place] = _answer(index, things, covered=bool(covers[place]))
    return answers


def _answer(index: PointIndex, things: Mapping[str, Sequence[object]], *, covered: bool) -> Answers:
    said = index.manifest
    reach = said.complete_to_mag if covered else None
    return {sort: Answer(said.name, tuple(things.get(sort, ())), said.as_of, reach) for sort in said.sorts}


def _things(index: PointIndex, rows: np.ndarray, separation_arcsec: np.ndarray) -> dict[str, list[object]]:
    """Make of rows what they are, nearest first as they come."""
    things: dict[str, list[object]] = {}
    for row, apart in zip(rows.tolist(), separation_arcsec.tolist(), strict=True):
        sort = SORTS[int(index.columns["sort"][row])]
        things.setdefault(sort, []).append(_MAKE[sort](_Row(index, row), apart))
    return things


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a catalogue, value by value."""

    index: PointIndex
    row: int

    def text(self, column: str) -> str:
        return bytes(self.index.columns[column][self.row]).decode(errors="replace")

    def number(self, column: str) -> float | None:
        value = float(self.index.columns[column][self.row])
        return value if np.isfinite(value) else None

    @property
    def name(self) -> str:
        """Its name, or its place where it has none."""
        return self.text("name") or f"{self.number('ra_deg'):.5f} {self.number('dec_deg'):+.5f}"


_MAKE: dict[str, Callable[[_Row, float], object]] = {
    "stars": lambda row, apart: Star(row.name, apart, row.number("mag")),
    "nuclei": lambda row, apart: Nucleus(row.name, apart, row.number("redshift")),
    "variables": lambda row, apart: Variable(row.name, apart, row.text("type")),
    "reported": lambda row, apart: Reported(row.name, apart, row.text("type"), row.number("redshift")),
}
