"""What `armillary agent check` says of what it found: facts in, lines out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from telescopes.agent.lease import CLOCK_WARNING_S, ClockOffset
from telescopes.description.telescope import Telescope

if TYPE_CHECKING:
    from telescopes.credentials.key_pair import Life

HASTE_S = 120.0
RENEWAL_LATE = timedelta(days=14)


class Mark(StrEnum):
    """How it is with what was looked at."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: a problem ends the check with status 1, a warning does not."""

    mark: Mark
    said: str

    def __str__(self) -> str:
        return f"{self.mark:<9} {self.said}"


def good(said: str) -> Finding:
    """Say that something is well."""
    return Finding(Mark.OK, said)


def bad(said: str) -> Finding:
    """Say what is wrong."""
    return Finding(Mark.PROBLEM, said)


def doubtful(said: str) -> Finding:
    """Say what works, and had better be mended."""
    return Finding(Mark.WARNING, said)


def unchecked(what: str, first: tuple[str, ...]) -> Finding:
    """Say what could not be looked at, and what has to be mended before it can be."""
    return Finding(Mark.UNCHECKED, f"{what}: first mend {', '.join(dict.fromkeys(first))}")


def of_approval(telescope: Telescope) -> list[Finding]:
    """Say how long a person has to say yes, where one must."""
    if not telescope.policy.human_approval:
        return []
    within_s = telescope.link.acceptance_s
    if within_s >= HASTE_S:
        return [good(f"a person has {within_s:g} s to say yes to an offer: armillary agent approve")]
    mend = 'set link.kind = "human", or give acceptance_s some minutes'
    return [doubtful(f"{telescope.id}: link.acceptance_s: {within_s:g} s are short for a person to say yes; {mend}")]


def of_certificate(telescope: Telescope, life: "Life", where: str, now: datetime) -> Finding:
    """Say until when the certificate is valid; one of another telescope opens nothing here."""
    if not any(uri.endswith(f"/telescope/{telescope.id}") for uri in life.uris):
        names = ", ".join(life.uris) or "nobody"
        return bad(
            f"{where}: names {names}, not telescope {telescope.id}; enrol this telescope with a token of its own"
        )
    said = f"certificate of {life.uris[0]}, valid until {life.ends:%Y-%m-%dT%H:%M:%SZ}"
    if now >= life.ends:
        return bad(f"{where}: ran out at {life.ends:%Y-%m-%dT%H:%M:%SZ}; enrol again with a new token")
    if life.left(now) < RENEWAL_LATE:
        return doubtful(f"{telescope.id}: {said}, and not renewed; let the agent run, and see its log")
    return good(said)


def of_clock(telescope: Telescope, offset: ClockOffset) -> Finding:
    """Say how far this machine's clock is off."""
    off_s = -(offset.offset_s or 0.0)
    said = f"this machine's clock is {off_s:+.3f} s off the coordinator's"
    if offset.wrong:
        return bad(f"{telescope.id}: {said}; set it by NTP: windows would be refused")
    if abs(off_s) > CLOCK_WARNING_S:
        return doubtful(f"{telescope.id}: {said}; better set it by NTP")
    return good(said)


def of_sky_clock(telescope: Telescope, sky_time: datetime, rate: float, simulated: bool | None) -> Finding:
    """Say how fast the coordinator's sky runs; `simulated` None: which driver it will be is not known."""
    if rate != 1.0 and simulated is None:
        return unchecked(f"sky clock at {rate:g} times", ("driver",))
    if rate != 1.0 and not simulated:
        mend = "use only simulated drivers with a coordinator in demonstration"
        return bad(f"{telescope.id}: the coordinator's sky clock runs at {rate:g} times; {mend}")
    return good(f"sky clock {sky_time:%Y-%m-%dT%H:%M:%SZ}, rate {rate:g}")


def of_reduction(telescope: Telescope, found: str | None) -> list[Finding]:
    """Say whether the program that reduces images was found."""
    command = telescope.reduction.command
    if not command:
        return []
    if found is None:
        mend = "install it, or give its whole path"
        return [bad(f"{telescope.id}: reduction.command: there is no program {command[0]!r}; {mend}")]
    return [good(f"reduction by {command[0]}, within {telescope.reduction.within_s:g} s")]
