"""How long it takes to plan again, what that changes, and what it costs against planning with hindsight.

Run ``python tests/benchmarks/bench_replan.py``; it prints a markdown table. A third of the pointings are done when a
new map comes. The network is the one that is shipped, or the folder in ARMILLARY_SITES; maps lie in ARMILLARY_DATA.
CPU seconds are of this process, warm, the least of a few runs.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from plan_changes.story import MAPS, Chapter, found, make, maps_in, tell
from plan_table.choices import ROOT

from telescopes.description.errors import ArmillaryError
from telescopes.description.site_file import default_sites_folder, read_sites

RUNS = 3
HEADS = (
    "objective",
    "map",
    "planned before",
    "kept / moved / added / withdrawn",
    "found / with hindsight",
    "CPU s anew",
    "CPU s on the new map",
    "CPU s on the same map",
    "then changed",
)


def main() -> int:
    """Tell the story by either objective and print a row for each map."""
    folder = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")).resolve() / "skymaps"
    missing = [name for name in MAPS if not (folder / name).is_file()]
    if missing:
        print(f"{folder}: there is no {missing[0]}; set ARMILLARY_DATA to the folder above skymaps/", file=sys.stderr)
        return 2
    try:
        network = read_sites(Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())))
    except ArmillaryError as error:
        print(error, file=sys.stderr)
        return 2
    skies = maps_in(folder)
    print(f"{len(network)} telescopes")
    print(_row(HEADS) + "\n" + _row(["---"] * len(HEADS)))
    for objective in ("probability", "detection"):
        for chapter, name in zip(tell(skies, network, objective), MAPS, strict=True):
            print(_row([objective, name.removesuffix(".multiorder.fits"), *_figures(chapter, objective)]), flush=True)
    return 0


def _figures(chapter: Chapter, objective: str) -> list[str]:
    changes, hindsight = chapter.made.changes, make(chapter.anew, chapter.sky)
    again = make(chapter.again, chapter.sky).changes
    ours, best = found(chapter, chapter.made), found(chapter, hindsight)
    figures = (ours.union, best.union) if objective == "probability" else (ours.detection, best.detection)
    spent = [
        cpu_s(lambda r=request: make(r, chapter.sky)) for request in (chapter.anew, chapter.request, chapter.again)
    ]
    return [
        str(len(chapter.request.previous)),
        f"{changes.kept} / {changes.moved} / {changes.added} / {changes.withdrawn}",
        " / ".join(f"{figure:.4f}" for figure in figures),
        *(f"{seconds:.2f}" for seconds in spent),
        str(again.moved + again.added + again.withdrawn),
    ]


def cpu_s(act: Callable[[], object]) -> float:
    """Least CPU time of a few runs."""
    spent = []
    for _ in range(RUNS):
        begin = time.process_time()
        act()
        spent.append(time.process_time() - begin)
    return min(spent)


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
