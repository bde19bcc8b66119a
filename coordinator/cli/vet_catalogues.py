"""The catalogues that `armillary vet` asks about the places of candidates."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordinator.catalogues.galaxies_around import KnownGalaxies
    from coordinator.vetting.candidate import Candidate
    from coordinator.vetting.neighbours import Surroundings


def surroundings_of(paths: Sequence[Path], candidates: "Sequence[Candidate]") -> "tuple[Surroundings, list[str]]":
    """Ask each catalogue about all candidates; and say what was noticed on the way.

    Raises
    ------
    Refused
        One is no catalogue.
    """
    from coordinator.catalogues.opened import galaxies_around, surroundings_in
    from coordinator.vetting.neighbours import joined

    folders = [path for path in paths if path.is_dir()]
    read = [_table(path) for path in paths if not path.is_dir()]
    tables = galaxies_around([known for known, _ in read], candidates)
    known = joined([tables, surroundings_in(folders)(candidates)])
    return known, [note for _, notes in read for note in notes]


def _table(path: Path) -> "tuple[KnownGalaxies, list[str]]":
    """Read a table of galaxies whole."""
    from coordinator.catalogues.galaxies_around import of_table

    known, tally = of_table(path)
    notes = [f"{path}: {tally.bad} rows cannot be used, such as {tally.named[0]}"] if tally.bad else []
    if tally.without_distance:
        notes.append(f"{path}: {tally.without_distance} galaxies without distance are left out")
    return known, notes
