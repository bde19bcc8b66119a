"""Have a plan judged by the script that ARMILLARY_JUDGE names; it is run as a program of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telescopes.description.errors import Refused

from .row import Judged

RUN_BY_HAND = "run it by hand on a plan from armillary plan --json"


@dataclass(frozen=True, slots=True)
class Judge:
    """The judge's script, and the folder of site files it reads."""

    script: Path
    sites: Path

    def judge(self, plan: dict[str, Any], skymap: Path, visits: Sequence[str] = ("1",)) -> Judged:
        """Judge a plan (armillary.plan/1) of which these visits were asked for."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plan.json"
            file.write_text(json.dumps(plan))
            command = [
                sys.executable, str(self.script), str(file), str(skymap),
                "--network", str(self.sites), "--visits", ",".join(visits),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            said = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError) as error:
            last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
            raise Refused(f"did not judge {skymap.name}: {last}", where=str(self.script), mend=RUN_BY_HAND) from error
        if "error" in said:
            raise Refused(f"could not judge {skymap.name}: {said['error']}", where=str(self.script), mend=RUN_BY_HAND)
        return judged_from(said)


def judge_from_environment(sites: Path) -> Judge | None:
    """Return the judge that the environment names, None where it names none."""
    named = os.environ.get("ARMILLARY_JUDGE")
    if not named:
        return None
    if not Path(named).is_file():
        raise Refused(f"{named} is no file", where="ARMILLARY_JUDGE", mend="name the judge's script, or unset it")
    return Judge(Path(named).resolve(), sites)


def judged_from(said: dict[str, Any]) -> Judged:
    """Read a judgement; the claim error is the largest of the plan's and its pointings' figures."""
    errors = [abs(e) for e in said["claim_error"].values() if e is not None]
    return Judged(
        union=said["union"],
        detection=said["detection"],
        redundancy=said["redundancy"],
        duplicates=said["duplicates"],
        violations=said["violations"],
        claim_error=max(errors, default=None),
    )
