"""A demonstration from beginning to end."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.markup import escape

from coordinator.demo.director import Play
from coordinator.demo.memories import detections_sent
from coordinator.demo.options import Options
from coordinator.demo.processes import Processes
from coordinator.demo.promises import Promise, promises
from coordinator.demo.recount import Recount
from coordinator.demo.report import write_report
from coordinator.demo.stage import Stage, set_stage
from coordinator.demo.summary import Counts, summary_document
from coordinator.demo.trials import trials_of
from coordinator.demo.witness import Witness
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.store.blobs import FolderBlobs


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a demonstration showed."""

    summary: dict[str, Any]
    promises: list[Promise]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return all(p.kept for p in self.promises)


def run_demo(options: Options, tell: Callable[[str], None], hold: Callable[[str], None]) -> Outcome:
    """Play a demonstration; nothing is left running when it returns.

    Parameters
    ----------
    tell : callable
        Gets a line (Rich markup) for what happens.
    hold : callable
        Is called with the dashboard's address before everything is ended, and returns when that may be.
    """
    began = time.monotonic()
    state = options.state or Path(tempfile.mkdtemp(prefix="armillary-demo-"))
    state.mkdir(parents=True, exist_ok=True)
    stage = set_stage(options, state.resolve())
    _announce(stage, tell)
    processes = Processes(stage.state / "logs")
    witness = Witness(stage.state / "journal.sqlite", tell, _recount(stage))
    play = Play(stage, processes, witness, tell, [])
    try:
        play.perform()
        heard = play.settle()
        witness.look()
        if options.keep_running:
            hold(f"http://127.0.0.1:{stage.dashboard_port}/")
    finally:
        tell("ending what was started")
        processes.close()
        witness.look()
        witness.close()
    report = stage.state / "report.html"
    summary = summary_document(
        stage,
        witness,
        play.submitted,
        Counts(detections_sent(stage), witness.state.detections),
        state_hash=heard.state_hash,
        report=str(report),
        wall_s=time.monotonic() - began,
    )
    table = promises(summary, trials_of(witness, heard, play.killed_at, play.cut_off), witness.objective)
    write_report(report, stage, witness, summary, table)
    return Outcome(summary, table)


def _recount(stage: Stage) -> Recount:
    blobs = FolderBlobs(stage.state / "blobs")

    @lru_cache(maxsize=8)
    def sky(sha256: str) -> ProbabilityCurve:
        return ProbabilityCurve.of(read_skymap(blobs.get_now(sha256)))

    return Recount({t.id: t for t in stage.cast.telescopes}, sky)


def _announce(stage: Stage, tell: Callable[[str], None]) -> None:
    pace, injected = stage.options.pace, stage.injected
    tell(escape(f"state {stage.state}"))
    tell(
        f"the sky runs {pace.rate:g} times as fast; link time does not: heartbeat {pace.heartbeat_s:g} s, "
        f"lease {pace.lease_s:g} s, acceptance {pace.acceptance_s:g} s, starts may slip by {pace.slack_s:g} s of sky"
    )
    tell(f"telescopes: {', '.join(t.id for t in stage.cast.telescopes)}")
    tell(
        f"a source like AT2017gfo is injected at {injected.distance_mpc:.0f} Mpc, r {injected.mag_ab:.1f} mag, "
        f"brightened by {injected.brightened_mag:.1f} mag; the vetter does not know"
    )
