"""Alerts a second of each parser, over the recorded messages, by format.

Run ``ARMILLARY_DATA=… python tests/benchmarks/bench_parsers.py``; it prints a markdown table. Rates are by CPU time of
one process. Sky maps are decoded, not read.
"""

import json
import os
import statistics
import time
from collections import defaultdict
from pathlib import Path

from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.sources.schema_folder import schemas_in

LEAST_S = 0.3
"""CPU time that a format is measured for."""


def samples(folder: Path) -> dict[str, list[bytes]]:
    """Return the messages that are alerts, by the format that read them."""
    schemas = schemas_in(folder / "rubin_schema")
    found: dict[str, list[bytes]] = defaultdict(list)
    for entry in json.loads((folder / "manifest.json").read_text())["files"]:
        raw = (folder / entry["file"]).read_bytes()
        meaning = understand(raw, name="", schemas=schemas)
        if isinstance(meaning, Alerts):
            found[meaning.alerts[0].format].append(raw)
    return dict(sorted(found.items()))


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
    print("| format | messages | kB, mean | alerts a CPU second | ms, median | ms, longest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, messages in samples(folder).items():
        spans = milliseconds(folder, messages)
        size, rate = statistics.mean(map(len, messages)) / 1000, 1000 / statistics.mean(spans)
        times = f"{statistics.median(spans):.2f} | {max(spans):.1f}"
        print(f"| {name} | {len(messages)} | {size:,.1f} | {rate:,.0f} | {times} |")


if __name__ == "__main__":
    main()
