"""The catalogues that `armillary vet` asks about the places of candidates."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordinator.catalogues.galaxies_around import KnownGalaxies
    from coordinator.vetting.candidate import Candidate
    from coordinator.vetting.neighbours import Surroundings


def surroundings_of(paths: Sequence[Path], candidates: "Sequence[Candidate]") -> "tuple[Surroundings, list[str]]":
    """Ask each catalogue of galaxies about all candidates; and say what was noticed on the way.

    Raises
    ------
    Refused
        One is no catalogue.
    """
    from coordinator.vetting.neighbours import Neighbours, Surroundings

    if not paths:
        return Surroundings(), []
    ra_deg, dec_deg = [c.ra_deg for c in candidates], [c.dec_deg for c in candidates]
    answers, notes = [], []
    for path in paths:
        known, noticed = _opened(path)
        notes += noticed
        answers.append(known.around(ra_deg, dec_deg))
    by_place = zip(*answers, strict=True)
    return Surroundings({c.id: Neighbours(galaxies=its) for c, its in zip(candidates, by_place, strict=True)}), notes


def _opened(path: Path) -> "tuple[KnownGalaxies, list[str]]":
    """Open an index, or read a table whole."""
    from coordinator.catalogues.galaxies_around import of_index, of_table
    from coordinator.catalogues.index import GalaxyIndex

    if path.is_dir():
        return of_index(GalaxyIndex.open(path)), []
    known, tally = of_table(path)
    notes = [f"{path}: {tally.bad} rows cannot be used, such as {tally.named[0]}"] if tally.bad else []
    if tally.without_distance:
        notes.append(f"{path}: {tally.without_distance} galaxies without distance are left out")
    return known, notes
