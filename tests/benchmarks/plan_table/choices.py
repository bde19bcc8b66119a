"""What the command is asked for."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from telescopes.description.errors import Refused
from telescopes.description.site_file import default_sites_folder

from .instances import NETWORKS, STRATEGIES, maps_in

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Choices:
    """The part of the table to make, and where it is written."""

    maps: tuple[Path, ...]
    telescopes: tuple[int, ...]
    strategies: tuple[str, ...]
    objectives: tuple[str, ...]
    effort: str
    sites: Path
    results: Path
    markdown: Path | None
    peers: bool


def choices(arguments: Sequence[str] | None = None) -> Choices:
    """Read the command line and the environment."""
    p = argparse.ArgumentParser(description="Plan every map, have the plans judged, print a table.")
    p.add_argument("--only", action="append", metavar="MAP", help="maps whose name begins so; may be repeated")
    p.add_argument("--telescopes", action="append", type=int, metavar="N", help="so many telescopes; may be repeated")
    p.add_argument("--strategy", action="append", choices=STRATEGIES)
    p.add_argument("--objective", action="append", choices=("probability", "detection"))
    p.add_argument("--effort", choices=("fast", "best"), default="fast")
    p.add_argument("--results", type=Path, default=ROOT / "build" / "plan-table.json", help="rows to keep and reuse")
    p.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    p.add_argument("--peers", action="store_true", help="run gwemopt and tilepy on the same maps, where installed")
    a = p.parse_args(arguments)
    if any(n < 1 for n in a.telescopes or ()):
        raise Refused("is no number of telescopes", where="--telescopes", mend="give 1 or more")
    return Choices(
        maps=_maps(a.only),
        telescopes=tuple(a.telescopes or NETWORKS),
        strategies=tuple(a.strategy or STRATEGIES),
        objectives=tuple(a.objective or ("probability", "detection")),
        effort=a.effort,
        sites=Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())),
        results=a.results,
        markdown=a.markdown,
        peers=a.peers,
    )


def _maps(begin: Sequence[str] | None) -> tuple[Path, ...]:
    folder = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")).resolve() / "skymaps"
    if not folder.is_dir():
        raise Refused("there are no maps", where=str(folder), mend="set ARMILLARY_DATA to the folder above skymaps/")
    known = maps_in(folder)
    for one in begin or ():
        if not any(p.name.startswith(one) for p in known):
            raise Refused(f"no map begins with {one!r}", where="--only", mend=f"give a name as in {folder}")
    return tuple(p for p in known if begin is None or p.name.startswith(tuple(begin)))
