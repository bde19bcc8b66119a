"""The report of a demonstration: one HTML file that needs nothing else."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from coordinator.demo.figures import figures
from coordinator.demo.promises import Promise
from coordinator.demo.stage import Stage
from coordinator.demo.summary import is_injected
from coordinator.demo.witness import Witness

SHOWN_CANDIDATES = 8


def write_report(path: Path, stage: Stage, witness: Witness, summary: dict[str, Any], table: list[Promise]) -> None:
    """Write the report."""
    pages = Environment(loader=PackageLoader("coordinator.demo"), autoescape=True, undefined=StrictUndefined)
    scored = witness.state.candidates.get(stage.event)
    candidates = [
        {
            "id": c.id,
            "probability": c.probability,
            "verdict": c.verdict,
            "checks": c.checks,
            "injected": is_injected(stage, c),
        }
        for c in (scored.candidates if scored else ())[:SHOWN_CANDIDATES]
    ]
    page = pages.get_template("report.html").render(
        summary=summary, promises=table, figures=figures(stage, witness), candidates=candidates
    )
    path.write_text(page, encoding="utf-8")
