"""Play searches of simulated events, hold the vetter's odds against the truth, and write docs/calibration.md.

Ends with 1 where a limit is missed, and says which. Events that were played are kept in build/ and not played again.
The network is the built-in one, or the folder in ARMILLARY_SITES; the real list lies in ARMILLARY_DATA.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from coordinator.simulation.calibration.figures import Figures, figures_of, missed, plain
from coordinator.simulation.calibration.picture import picture
from coordinator.simulation.calibration.real_list import played_lists, read_list
from coordinator.simulation.calibration.report import Made, report
from coordinator.simulation.calibration.runs import keep, kept_in, played_events
from telescopes.description.site_file import read_sites
from telescopes.description.telescope import Telescope

ROOT = Path(__file__).resolve().parents[2]
NOTES = ROOT / "docs" / "calibration-notes.md"
REAL = "The list of S190814bv with kilonovae put in"


def main() -> int:
    """Play what is not played yet, and write the report."""
    asked = _asked()
    sites = os.environ.get("ARMILLARY_SITES")
    telescopes: tuple[Telescope, ...] = tuple(read_sites(Path(sites))) if sites else ()
    asked.records.parent.mkdir(parents=True, exist_ok=True)
    known = kept_in(asked.records)
    open_ = [n for n in range(asked.events) if n not in known]
    for record in played_events(asked.seed, open_, asked.processes, telescopes, asked.scenes):
        keep(asked.records, record)
        known[record.number] = record
        print(f"\r{len(known)} of {asked.events}", end="", file=sys.stderr, flush=True)
    played = figures_of([known[n] for n in range(asked.events)])
    others = _real(asked.seed, asked.lists)
    network = "the network in ARMILLARY_SITES" if sites else "the built-in search network of four wide cameras"
    made = Made(f"make calibration EVENTS={asked.events}", asked.commit, asked.seed, asked.events, network)
    _write(asked.docs, made, played, others)
    wrong = list(missed(played))
    print("", *(f"missed: {one}" for one in wrong), sep="\n") if wrong else print("\nevery limit holds")
    return 1 if wrong else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--lists", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--scenes", type=Path, help="keep what is played here, and vet what lies here without playing")
    parser.add_argument("--commit", default=_commit(), help="by which the events were played, where that was earlier")
    asked = parser.parse_args()
    asked.records = asked.records or ROOT / "build" / f"calibration-{asked.seed}.jsonl"
    return asked


def _real(seed: int, lists: int) -> dict[str, Figures]:
    data = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")) / "candidates"
    if not data.is_dir():
        print("no real list: set ARMILLARY_DATA", file=sys.stderr)
        return {}
    return {REAL: figures_of(list(played_lists(read_list(data), seed, range(lists))))}


def _write(docs: Path, made: Made, played: Figures, others: dict[str, Figures]) -> None:
    (docs / "images").mkdir(parents=True, exist_ok=True)
    notes = NOTES.read_text(encoding="utf-8") if NOTES.exists() else ""
    (docs / "calibration.md").write_text(report(made, played, others, notes), encoding="utf-8")
    figures = {"seed": made.seed, "commit": made.commit, "simulated": plain(played)}
    figures |= {"apart": {name: plain(one) for name, one in others.items()}}
    (docs / "calibration.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    curves = {"simulated": played.bins} | {name.split(" with ")[0]: one.bins for name, one in others.items()}
    (docs / "images" / "calibration.svg").write_bytes(picture(curves))


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
