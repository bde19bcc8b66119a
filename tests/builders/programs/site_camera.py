"""A program that observes one pointing for the driver `command`: slews, exposes, saves FITS, and tells of it."""

import hashlib
import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from shutter import save, shutter

OFF_DEG = 0.002


def say(**line):
    print(json.dumps(line), flush=True)


def expose(folder, pointing, block, n, at):
    """Take one exposure; the program is simply ended where it must not go on."""
    say(state="EXPOSING", at=at)
    start = datetime.now(UTC)
    shutter(folder, True)
    time.sleep(block["exposure_s"])
    shutter(folder, False)
    end = datetime.now(UTC)
    name = re.sub(r"[^A-Za-z0-9-]", "_", pointing["pointing_id"])
    path = folder / f"{name}-{n}.fits"
    save(path, start, block["exposure_s"], block["filter"], (at["ra_deg"], at["dec_deg"]))
    say(
        state="EXPOSED",
        filter=block["filter"],
        exposure_s=block["exposure_s"],
        start=start.isoformat(),
        end=end.isoformat(),
        image=str(path),
        image_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        at=at,
    )


def main():
    folder = Path(sys.argv[1])
    pointing = json.loads(sys.stdin.readline())
    say(state="SLEWING")
    at = {"ra_deg": pointing["ra_deg"], "dec_deg": pointing["dec_deg"] - OFF_DEG}
    n = pointing["first_exposure"]
    for block in pointing["exposures"]:
        for _ in range(block["count"]):
            expose(folder, pointing, block, n, at)
            n += 1


main()
