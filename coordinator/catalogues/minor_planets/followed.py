"""A folder of known bodies that somebody makes anew now and then: opened again when it has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from coordinator.catalogues.minor_planets.build import FILE
from coordinator.catalogues.minor_planets.possible import Seen
from coordinator.catalogues.minor_planets.search import MinorPlanets
from coordinator.catalogues.minor_planets.survey_sites import SURVEY_SITES
from coordinator.vetting.neighbours import Answer, MinorPlanet
from coordinator.vetting.sighting import Sighting
from telescopes.description.errors import Refused
from telescopes.description.telescope import Site

log = structlog.get_logger("minor_planets")


@dataclass
class FollowedBodies:
    """Known bodies by the newest elements that lie in a folder.

    Attributes
    ----------
    folder : path
        As `armillary minor-planets build` makes it. Put another in its place as a whole: by a link, or by a new name.
    sites : mapping of str to Site
        Where telescopes stand, by their ids; of others, surveys apart, the parallax is not known.
    """

    folder: Path
    sites: Mapping[str, Site] = field(default_factory=dict)
    _manifest: str = ""
    _opened: MinorPlanets | None = None
    _why_not: str = ""

    @classmethod
    def open(cls, folder: Path, sites: Mapping[str, Site] | None = None) -> "FollowedBodies":
        """Open a folder.

        Raises
        ------
        Refused
            It holds no minor planets.
        """
        manifest = _mark_of(folder)
        return cls(folder, sites or {}, manifest, MinorPlanets.open(folder.resolve()))

    @property
    def edition(self) -> str:
        """Which manifest it goes by; it is opened anew when that is another."""
        self._follow()
        return self._manifest

    def near(self, sightings: Sequence[Sighting]) -> list[Answer[MinorPlanet]]:
        """Say for each sighting which bodies were within 25 arcseconds of it, seen from its telescope's place.

        Where the folder cannot be used the answers are silent, and say why.
        """
        self._follow()  # files of another edition have other rows
        if self._opened is None:
            return [Answer(str(self.folder), silent_because=self._why_not)] * len(sightings)
        seen = [Seen(s.ra_deg, s.dec_deg, s.time, site=self._site(s.telescope)) for s in sightings]
        try:
            return self._opened.near(seen)
        except Refused as error:
            log.error("minor planets cannot be looked up", because=str(error))
            return [Answer(self._opened.source, silent_because=str(error))] * len(sightings)

    def _site(self, telescope: str | None) -> Site | None:
        name = telescope or ""
        return self.sites.get(name) or SURVEY_SITES.get(name.lower())

    def _follow(self) -> None:
        manifest = _mark_of(self.folder)
        if manifest != self._manifest:
            self._manifest = manifest
            self._reopen()

    def _reopen(self) -> None:
        try:
            self._opened = MinorPlanets.open(self.folder.resolve())
        except Refused as error:
            self._opened, self._why_not = None, str(error)
            log.error("minor planets cannot be used until their folder is mended", because=str(error))
        else:
            log.info("new minor planets", source=self._opened.source)


def _mark_of(folder: Path) -> str:
    """Return what tells one manifest from another."""
    try:
        found = (folder / FILE).stat()
    except OSError:
        return "none"
    return f"{found.st_dev}:{found.st_ino}:{found.st_mtime_ns}:{found.st_size}"
