"""What stands behind the agents of a night on real peers: whether its shutter is open, asked of itself."""

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from builders.alpaca_peer import AlpacaPeer
from builders.indi_peer import IndiPeer
from builders.whole_pointings import Browser, alive, now

ALPACA_EXPOSING = 2
LOOK_S = 0.2


class FarSide(Protocol):
    """Something with a shutter."""

    def exposes(self) -> bool:
        """Say whether it is open."""
        ...


@dataclass(frozen=True)
class AlpacaShutter:
    """The camera's own word."""

    peer: AlpacaPeer

    def exposes(self) -> bool:
        return self.peer.get("camera/0/camerastate") == ALPACA_EXPOSING


@dataclass(frozen=True)
class IndiShutter:
    """The camera's own word."""

    peer: IndiPeer

    def exposes(self) -> bool:
        return self.peer.get("CCD Simulator.CCD_EXPOSURE._STATE") == "Busy"


@dataclass(frozen=True)
class ProgramShutter:
    """What a program wrote beside its images; one that was ended holds nothing open."""

    images: Path

    def exposes(self) -> bool:
        try:
            pid, word = (self.images / "shutter").read_text().split()
        except (FileNotFoundError, ValueError):
            return False
        return word == "open" and alive(int(pid))


class Observer:
    """A person with a browser: says yes, exposes for as long as is asked, reports; stops when it is called off."""

    def __init__(self, url: str) -> None:
        self._browser = Browser(url)
        self._since: datetime | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._observe, daemon=True)
        self.mishap: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        self._thread.join(30.0)

    def exposes(self) -> bool:
        assert self.mishap is None, self.mishap
        return self._since is not None

    def _observe(self) -> None:
        try:
            while not self._ends.wait(LOOK_S):
                self._look()
        except Exception as error:  # noqa: BLE001 - said where the test asks
            self.mishap = error

    def _look(self) -> None:
        """Look at the newest request, and do what it wants."""
        newest = re.search(r"<section><h2>(.*?)</section>", self._browser.look()[1], re.DOTALL)
        request = newest.group(1) if newest else ""
        if "please observe" in request:
            self._browser.press("accept")
            self._since = now()
        elif "you said that you observe it" not in request:
            self._since = None
        elif self._since is not None and now() >= self._since + timedelta(seconds=_seconds(request)):
            self._report(request, self._since)
            self._since = None

    def _report(self, request: str, start: datetime) -> None:
        place = re.search(r"; ([\d.]+) ([-+][\d.]+) degrees\)", request)
        assert place is not None, request
        typed = {"start0": start.isoformat(), "end0": now().isoformat(), "ra": place[1], "dec": place[2]}
        status, html = self._browser.press("report", **typed)
        assert status == 200, html


def _seconds(request: str) -> float:
    """Read how long all exposures take."""
    asked = re.search(r"(\d+) x ([\d.]+) s in ", request)
    assert asked is not None, request
    return int(asked[1]) * float(asked[2])
