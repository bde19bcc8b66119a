"""A site's own scheduler for the driver `filedrop`: carries out ACP plans of a folder, and saves images in another.

It is a clumsy one: of an exposure that is called off it saves an image all the same, some seconds later, and writes the
whole exposure time into it.
"""

import re
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shutter import save, shutter

LOOK_S = 0.1
SAVED_LATE_S = 3.0
OFF_DEG = 0.002


@dataclass
class Plan:
    """What an ACP plan asks for, as far as we write one."""

    name: str
    not_before: datetime
    count: int
    exposure_s: float
    filter: str
    place: tuple[float, float]


def read_plan(text):
    said = dict(re.findall(r"^#(\w+) (.*?)\s*$", text, re.MULTILINE))
    name, ra, dec = text.strip().splitlines()[-1].split("\t")
    not_before = datetime.strptime(said["WAITUNTIL"].split(", ")[1], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    place = 15 * degrees(ra), degrees(dec) + OFF_DEG
    return Plan(name, not_before, int(said["COUNT"]), float(said["INTERVAL"]), said["FILTER"], place)


def degrees(text):
    sign = -1 if text.startswith("-") else 1
    whole, minutes, seconds = (float(part) for part in text.lstrip("+-").split(":"))
    return sign * (whole + minutes / 60 + seconds / 3600)


def stays(path, until):
    """Wait; whether the plan is still there at the end."""
    while datetime.now(UTC).timestamp() < until:
        if not path.exists():
            return False
        time.sleep(LOOK_S)
    return path.exists()


def carry_out(path, plan, images):
    if not stays(path, plan.not_before.timestamp()):
        return
    for n in range(plan.count):
        start = datetime.now(UTC)
        shutter(images, True)
        done = stays(path, start.timestamp() + plan.exposure_s)
        shutter(images, False)
        name = f"{'' if done else 'aborted-'}{plan.name}-{start:%H%M%S}-{n}.fits"
        image = (images / name, start, plan.exposure_s, plan.filter, plan.place)
        if not done:
            threading.Timer(SAVED_LATE_S, save, image).start()
            return
        save(*image)


def main():
    plans, images = Path(sys.argv[1]), Path(sys.argv[2])
    seen = set()
    shutter(images, False)
    while True:
        for path in sorted(plans.glob("armillary-*.txt")):
            if path.name not in seen:
                seen.add(path.name)
                try:
                    text = path.read_bytes().decode()
                except FileNotFoundError:
                    continue
                carry_out(path, read_plan(text), images)
        time.sleep(LOOK_S)


main()
