"""What `armillary vet` asks about the places of candidates: catalogues, known bodies, a map of dust."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordinator.catalogues.galaxies_around import KnownGalaxies
    from coordinator.vetting.candidate import Candidate
    from coordinator.vetting.neighbours import Surroundings


@dataclass(frozen=True, slots=True)
class Known:
    """Where what is known lies; None: it is not asked for. `sites` None: the network that is shipped."""

    catalogues: Sequence[Path] = ()
    minor_planets: Path | None = None
    dust: Path | None = None
    sites: Path | None = None


def surroundings_of(known: Known, candidates: "Sequence[Candidate]") -> "tuple[Surroundings, list[str]]":
    """Ask each about all candidates; and say what was noticed on the way.

    Raises
    ------
    Refused
        One is no catalogue, or cannot be read.
    """
    from coordinator.vetting.neighbours import joined
    from coordinator.vetting.survey_minor_planets import told_by_surveys

    around, notes = _catalogued(known.catalogues, candidates)
    every = [told_by_surveys(candidates), around]
    if known.minor_planets is not None:
        every.append(_bodies(known.minor_planets, known.sites, candidates))
    if known.dust is not None:
        from coordinator.catalogues.dust_around import dust_around
        from coordinator.catalogues.dust_file import read_dust

        every.append(dust_around(read_dust(known.dust), candidates))
    return joined(every), notes


def _bodies(folder: Path, sites: Path | None, candidates: "Sequence[Candidate]") -> "Surroundings":
    from coordinator.catalogues.minor_planets.followed import FollowedBodies
    from coordinator.services.bodies import bodies_around
    from telescopes.description.site_file import default_sites_folder, read_sites

    telescopes = read_sites(sites or default_sites_folder())
    return bodies_around(FollowedBodies.open(folder, {one.id: one.site for one in telescopes}), candidates)


def _catalogued(paths: Sequence[Path], candidates: "Sequence[Candidate]") -> "tuple[Surroundings, list[str]]":
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
