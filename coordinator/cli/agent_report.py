"""`armillary agent report`: detections of a site's own pipeline, from a file into the agent's outbox."""

import sys
from pathlib import Path

import typer

from coordinator.cli.agent_process import default_state
from telescopes.agent.reported import Reported
from telescopes.description.detection_file import read_detection_file
from telescopes.description.errors import Refused
from telescopes.description.site_file import read_site_file

MOST_BYTES = 100 * 2**20


def report_detections(file: Path, config: Path, state: Path | None) -> None:
    """Queue the detections of a file, all or none; ends with status 1 if a line is wrong."""
    telescope = read_site_file(config)
    detections, problems = read_detection_file(_text(file), str(file), telescope.id)
    if problems:
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"nothing was queued: {len(problems)} problems", file=sys.stderr)
        raise typer.Exit(1)
    reported = Reported.beside(state or default_state(telescope))
    try:
        queued = reported.queue(detections)
    finally:
        reported.close()
    print(f"{telescope.id}: {queued.new} detections queued, {queued.known} known already")


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            what = f"has {size / 2**20:.0f} MiB"
            raise Refused(what, where=str(file), mend=f"split it into files of at most {MOST_BYTES // 2**20} MiB")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        mend = "name a file of detections"
        raise Refused(f"cannot be read ({error.strerror})", where=str(file), mend=mend) from error
    except UnicodeDecodeError as error:
        raise Refused("is not text in UTF-8", where=str(file), mend="save it as UTF-8") from error
