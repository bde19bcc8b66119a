"""One run of a program for a pointing: its lines understood as they come, and passed on."""

import logging

from telescopes.drivers.child import Child
from telescopes.drivers.command_lines import (
    BadLine,
    Ending,
    Exposed,
    ExposingLine,
    Said,
    Slewing,
    end_of_work,
    read_line,
    taken_of,
    unknown_keys,
)
from telescopes.drivers.driver import Aim, CameraFault, SkyTime
from telescopes.drivers.whole_pointing import Asked, Exposing, Heard, Took, untaken

log = logging.getLogger(__name__)

BAD_LINES_SAID = 20
"""Bad lines and detections of one run that are each said; the rest are counted."""


class Run:
    """What one run of the program said."""

    def __init__(self, asked: Asked, first_exposure: int, heard: Heard, sky: SkyTime, where: str) -> None:
        self.pointing = asked.pointing
        self._asked = asked
        self.next_exposure = first_exposure
        self.ending = Ending()
        self.aim: Aim | None = None
        self.filters: list[str] = []
        self.asked = sum(exposure.count for exposure in asked.pointing.exposures)
        self.error = ""
        self._heard = heard
        self._sky = sky
        self._where = where
        self._began = sky.now()
        self._bad = 0

    @property
    def untaken(self) -> bool:
        """Whether something that was asked for was not told to be taken."""
        return bool(untaken(self.pointing, self.filters).exposures)

    def hear(self, line: bytes | None) -> None:
        """Take one line: pass on what it says, or say what is wrong with it."""
        if line is not None and not line.strip():
            return
        try:
            if line is None:
                raise BadLine("it is too long")
            said = read_line(line, self._asked, self._sky.now())
            unknown = unknown_keys(line, said)
        except BadLine as error:
            self._say_bad(f"a line is skipped: {error}: {(line or b'')[:200]!r}")
            return
        if unknown:
            log.warning("%s: means nothing here: %s", self._where, ", ".join(unknown)[:200])
        self._pass_on(said)

    def _pass_on(self, said: Said) -> None:
        match said:
            case Ending():
                self.ending = said
            case Slewing():
                self.aim = said.at.aim if said.at else self.aim
            case ExposingLine():
                self.aim = said.at.aim if said.at else self.aim
                end = end_of_work(said.fraction, said.expected_end, self._began, self._sky.now())
                self._heard(Exposing(self.aim, end))
            case Exposed():
                self.aim = said.at.aim if said.at else self.aim
                taken, faults = taken_of(said, self.pointing, self.next_exposure)
                for fault in faults:
                    self._say_bad(f"exposure {self.next_exposure}: {fault}")
                self.next_exposure += 1
                self.filters.append(taken.filter)
                self._heard(Took((taken,), self.aim))

    def _say_bad(self, what: str) -> None:
        self._bad += 1
        if self._bad <= BAD_LINES_SAID:
            log.warning("%s: %s", self._where, what)

    def sum_up(self, child: Child) -> None:
        """Say what was not said line by line, and remember its last words."""
        self.error = child.last_error
        if self._bad > BAD_LINES_SAID:
            log.warning("%s: %d bad lines and detections in all", self._where, self._bad)
        if self.error.strip():
            log.info("%s: %s", self._where, self.error.strip()[-500:])
        if child.too_much:
            raise CameraFault("printed more than is read", where=self._where, mend="print only the lines asked for")
