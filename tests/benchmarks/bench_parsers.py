"""Messages a second of each parser, over the recorded ones, by format.

Run ``ARMILLARY_DATA=… python tests/benchmarks/bench_parsers.py``; it prints a markdown table. Rates are by CPU time of
one process. Sky maps are decoded, not read. Beside alerts stands what is read as leads: reports, brokers' records,
circulars.
"""

import json
import os
import statistics
import time
from collections import defaultdict
from pathlib import Path

from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Reports, Understood
from coordinator.alerts.registry import understand
from coordinator.sources.schema_folder import schemas_in

A_MAP = "S190814bv.LALInference.v1.multiorder.fits"
LEAST_S = 0.3
"""CPU time that a format is measured for."""


def samples(folder: Path) -> dict[str, list[bytes]]:
    """Return the messages that are alerts or leads, by the format that read them; one bare sky map is among them."""
    schemas = schemas_in(folder / "rubin_schema")
    found: dict[str, list[bytes]] = defaultdict(list)
    files = [folder / entry["file"] for entry in json.loads((folder / "manifest.json").read_text())["files"]]
    for file in (*files, folder.parent / "skymaps" / A_MAP):
        raw = file.read_bytes()
        if name := format_of(understand(raw, name="", schemas=schemas)):
            found[name].append(raw)
    return dict(sorted(found.items()))


def format_of(meaning: Understood) -> str | None:
    """Name the format that read a message; None: there was nothing in it."""
    match meaning:
        case Alerts(alerts=(first, *_)) | Reports(leads=(first, *_)):
            return first.format
        case Leads():
            return meaning.format
    return None


def milliseconds(folder: Path, messages: list[bytes]) -> list[float]:
    """Return the CPU time of every message, in as many rounds as are needed to see it."""
    schemas = schemas_in(folder / "rubin_schema")
    spans: list[float] = []
    until = time.process_time() + LEAST_S
    while time.process_time() < until:
        for raw in messages:
            began = time.process_time_ns()
            understand(raw, name="", schemas=schemas)
            spans.append((time.process_time_ns() - began) / 1e6)
    return spans


def main() -> None:
    folder = Path(os.environ["ARMILLARY_DATA"]) / "alerts"
    print("| format | messages | kB, mean | messages a CPU second | ms, median | ms, longest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, messages in samples(folder).items():
        spans = milliseconds(folder, messages)
        size, rate = statistics.mean(map(len, messages)) / 1000, 1000 / statistics.mean(spans)
        times = f"{statistics.median(spans):.2f} | {max(spans):.1f}"
        print(f"| {name} | {len(messages)} | {size:,.1f} | {rate:,.0f} | {times} |")


if __name__ == "__main__":
    main()
