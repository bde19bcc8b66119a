"""A program of an observatory: reads a pointing on standard input, and does what its first word says.

It waits between exposures for a file `go` beside it, so that a test says when what happens.
"""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


def say(**what):
    print(json.dumps(what), flush=True)


def iso(when):
    return when.isoformat()


def place(pointing):
    return {"ra_deg": pointing["ra_deg"] + 0.001, "dec_deg": pointing["dec_deg"], "position_angle_deg": 1.5}


def exposed(pointing, filter_, exposure_s, n, **more):
    end = datetime.now(UTC)
    start = end - timedelta(seconds=exposure_s)
    say(
        state="EXPOSED",
        filter=filter_,
        start=iso(start),
        end=iso(end),
        exposure_s=exposure_s,
        limiting_mag_ab=19.5,
        image=f"/images/{n}.fits",
        at=place(pointing),
        **more,
    )


def wait_for(folder, name):
    while not (folder / name).exists():
        time.sleep(0.02)
    (folder / name).unlink()


def frames(pointing):
    return [(e["filter"], e["exposure_s"]) for e in pointing["exposures"] for _ in range(e["count"])]


def steps(pointing, folder):
    """Expose once for each file `go`; `go-child` files tell the process ids."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "pids").write_text(f"{os.getpid()} {child.pid}")
    say(state="SLEWING", at=place(pointing))
    say(state="EXPOSING", fraction=0.0)
    for n, (filter_, exposure_s) in enumerate(frames(pointing), start=pointing["first_exposure"]):
        wait_for(folder, "go")
        exposed(pointing, filter_, exposure_s, n)
    child.kill()
    child.wait()


def detects(pointing, folder):
    for n, (filter_, exposure_s) in enumerate(frames(pointing)):
        found = [{"ra_deg": pointing["ra_deg"], "dec_deg": pointing["dec_deg"], "mag_ab": 18.0, "snr": 12.0}]
        exposed(pointing, filter_, exposure_s, n, detections=found)


def finds(pointing, folder):
    """Good detections among bad ones, numbered from one in each image; the last image has no list at all."""
    good = {"detection_id": "1", "ra_deg": 360.0, "dec_deg": pointing["dec_deg"], "mag_ab": 18.0}
    bad = [good | {"ra_deg": 361}, good | {"colour": "red"}, 7, good | {"mag_ab": 10**400}]
    lists = [[bad[0], good, *bad[1:]], [good], {"ra_deg": 1}]
    for n, (filter_, exposure_s) in enumerate(frames(pointing)):
        exposed(pointing | {"ra_deg": 359.999}, filter_, exposure_s, n, detections=lists[n])


def noise(pointing, folder):
    print('hello\n{"state": "EXPLODING"}\n' + "x" * 300_000 + "\n\n[1]")
    say(state="EXPOSED", filter="u", start="2026-01-01T00:00:00Z", end="2026-01-01T00:01:00Z", exposure_s=60)
    say(state="EXPOSED", filter="r", start="2026-01-01T00:00:00", end="2026-01-01T00:01:00", exposure_s=60)
    say(state="EXPOSED", filter="r", start="2026-01-01T00:01:00Z", end="2026-01-01T00:00:00Z", exposure_s=60)
    print(b"\xff\xfe".decode("latin-1"), flush=True)
    sys.stdout.buffer.write(b'{"state": "\xe9"}\n{"state":"SLEWING","\xff":1}\n' + b'{"state": ' * 20_000 + b"\n")
    sys.stdout.buffer.flush()
    say(state="EXPOSING", fraction=7)
    say(state="EXPOSED", filter="r", start="2026-01-01T00:00:00Z", end="2026-01-01T00:01:00Z", exposure_s=60)
    say(state="EXPOSED", filter="r", start=iso(datetime.now(UTC)), end="2126-01-01T00:01:00Z", exposure_s=60)
    say(state="EXPOSING", fractoin=0.5)
    say(state="EXPOSING", fraction=1e-300)
    say(state="EXPOSING", expected_end="9999-12-31T23:59:59-12:00")
    for n, (filter_, exposure_s) in enumerate(frames(pointing)):
        exposed(pointing, filter_, exposure_s, n)


def flood(pointing, folder):
    line = "y" * 200_000
    while True:
        print(line)


def talks(pointing, folder):
    """Say something for ever, and leave a child that does not end by itself."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "pids").write_text(f"{os.getpid()} {child.pid}")
    while True:
        say(state="EXPOSING", at=place(pointing))


def stubborn(pointing, folder):
    signal.signal(signal.SIGTERM, lambda *_: None)
    (folder / "pids").write_text(str(os.getpid()))
    say(state="EXPOSING")
    while True:
        time.sleep(0.05)


def last_words(pointing, folder):
    """Stop at SIGTERM, and tell of the exposure that was read out meanwhile."""

    def end(*_):
        filter_, exposure_s = frames(pointing)[0]
        exposed(pointing, filter_, exposure_s, 0)
        sys.exit(10)

    signal.signal(signal.SIGTERM, end)
    say(state="EXPOSING")
    while True:
        time.sleep(0.05)


def ends(pointing, folder, status):
    if status == 10:
        filter_, exposure_s = frames(pointing)[0]
        exposed(pointing, filter_, exposure_s, 0)
    say(state="ENDING", **({"reason": "weather", "detail": "clouds"} if status != 30 else {}))
    if status == 30:
        print("the mirror fell out", file=sys.stderr)
    sys.exit(status)


def later(pointing, folder):
    """Not now; the second time it works."""
    if not (folder / "tried").exists():
        (folder / "tried").write_text("")
        say(state="ENDING", retry_after_s=0.1)
        sys.exit(75)
    detects(pointing, folder)


def keeps(pointing, folder):
    """Write down what came in, and how it was called."""
    (folder / "came.json").write_text(json.dumps({"argv": sys.argv, "pointing": pointing}))
    detects(pointing, folder)


def deaf(pointing, folder):
    say(state="EXPOSING")
    time.sleep(600)


def main():
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "safety":
        closed = folder / "closed"
        print(json.dumps({"safe": not closed.exists(), "blocking": ["weather"] if closed.exists() else []}))
        return
    pointing = json.loads(sys.stdin.readline())
    if what.isdigit():
        ends(pointing, folder, int(what))
    globals()[what](pointing, folder)


main()
