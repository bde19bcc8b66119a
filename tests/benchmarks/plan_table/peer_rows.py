"""Rows of the table for other planners: three telescopes, tiles, by probability, which is what they are made for."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import ArmillaryError
from telescopes.description.site_file import read_sites

from .gwemopt_peer import Gwemopt
from .instances import THREE, WINDOW, WITHOUT_A_TIME, Instance, network_of
from .judging import Judge
from .peers import NOT_INSTALLED, Installed, Search, find
from .results import Results, key_of
from .row import Row
from .tilepy_peer import Tilepy


@dataclass(frozen=True, slots=True)
class PeerTable:
    """The planners that are installed, and who judges them."""

    installed: tuple[Installed, ...]
    judge: Judge | None
    sites: Path

    @classmethod
    def found(cls, judge: Judge | None, sites: Path) -> "PeerTable":
        """Look for the planners; say which are not there."""
        found = {peer.name: find(peer) for peer in (Gwemopt(), Tilepy())}
        for name in (name for name, one in found.items() if one is None):
            print(f"{name}: {NOT_INSTALLED} (ARMILLARY_PEERS names interpreters that have it)", file=sys.stderr)
        return cls(tuple(one for one in found.values() if one is not None), judge, sites)

    def rows(self, sky: SkyMap, skymap: Path, results: Results, version: str) -> list[Row]:
        """Plan a map with each of them; a row that is there already is kept."""
        instance = Instance(skymap.name, len(THREE), "tiles", "probability")
        rows = []
        for one in self.installed:
            key = key_of(version, one.title, instance, "")
            if key not in results.rows:
                results.keep(key, self._row(one, instance, sky, skymap))
            rows.append(results.rows[key])
        return rows

    def _row(self, one: Installed, instance: Instance, sky: SkyMap, skymap: Path) -> Row:
        start = sky.facts.t0 or WITHOUT_A_TIME
        telescopes = network_of(read_sites(self.sites), instance.telescopes, instance.strategy)
        search = Search(skymap, telescopes, start, start + WINDOW)
        with tempfile.TemporaryDirectory() as folder:
            try:
                plan, cpu_s = one.plan(search, Path(folder))
            except ArmillaryError as error:
                print(f"{one.title}, {skymap.name}: {error}", file=sys.stderr)
                return Row(one.title, instance, 0, 0.0, remark=f"did not finish: {error.what}")
        judged = None if self.judge is None else self.judge.judge(plan, skymap)
        return Row(one.title, instance, len(plan["pointings"]), cpu_s, judged=judged)
