"""How much the agent takes of a coordinator's words: a broken or hostile one must not fill its memory, disk or log."""

from dataclasses import fields, replace
from typing import Any

from telescopes.agent.safety import No
from telescopes.description.bounds import LONGEST_NAME, MOST_EXPOSURES
from telescopes.description.errors import Refused
from telescopes.description.messages import Exposure, Pointing, Revocation, SessionGrant
from telescopes.description.states import Reason

LONGEST_WORD = 256
MOST_OPEN = 1000
"""Pointings that may wait here at once: more than a night of the shortest ones."""
MOST_FRAMES = 20_000
"""Exposures that may wait here at once, all pointings together."""
MOST_UNSENT = 20_000
"""So much may wait to be sent: with more reports no further command is taken, with more in all no more detections."""
MOST_LISTED = 10_000
LARGEST_SEQ = 2**63 - 1
"""What a database's signed integer holds."""
HEARTBEAT_S = (0.01, 3600.0)
LEASE_S = (0.1, 30 * 86_400.0)
LONGEST_DRAIN_S = 60.0
SHORTEST_DRAIN_S = 0.05


def trimmed(pointing: Pointing) -> tuple[Pointing, No | None]:
    """Return as much of a pointing as may be kept, and why it is refused if that is not all of it."""
    said = {one.name: getattr(pointing, one.name) for one in fields(pointing)}
    words: dict[str, Any] = {name: word(text) for name, text in said.items() if isinstance(text, str)}
    words["pointing_id"] = word(pointing.pointing_id, LONGEST_NAME)
    exposures = tuple(_trimmed_exposure(e) for e in pointing.exposures[:MOST_EXPOSURES])
    kept = replace(pointing, exposures=exposures, **words)
    if kept != pointing:
        return kept, No(Reason.INTERNAL, "holds words that are too long or cannot be printed, or too many exposures")
    return kept, None if kept.pointing_id else No(Reason.INTERNAL, "has no pointing_id")


def trimmed_revocation(revocation: Revocation) -> Revocation:
    """Return a revocation that names a pointing as it is named here."""
    return replace(revocation, pointing_id=word(revocation.pointing_id, LONGEST_NAME))


def _trimmed_exposure(exposure: Exposure) -> Exposure:
    name = word(exposure.filter, LONGEST_NAME)
    return exposure if name == exposure.filter else replace(exposure, filter=name)


def word(text: str, most: int = LONGEST_WORD) -> str:
    """Cut a word, and take out what does not print: nothing that a log or a terminal could obey."""
    if len(text) <= most and text.isprintable():
        return text
    return "".join(c if c.isprintable() else "?" for c in text[:most])


def check_grant(grant: SessionGrant) -> SessionGrant:
    """Return a session that an agent can live with.

    Raises
    ------
    Refused
        Its times or names are none.
    """
    for name, value, (low, high) in (
        ("heartbeat_interval", grant.heartbeat_s, HEARTBEAT_S),
        ("lease_duration", grant.lease_s, LEASE_S),
    ):
        if not low <= value <= high:
            raise bad_message(f"{name} {value:g} s is not between {low:g} and {high:g}")
    for name, text in (("session_id", grant.session_id), ("journal_id", grant.journal_id)):
        if not text or word(text) != text:
            raise bad_message(f"{name} is missing, too long or cannot be printed")
    return grant


def check_seq(seq: int) -> int:
    """Return a command's number that can be remembered."""
    if not 0 <= seq <= LARGEST_SEQ:
        raise bad_message(f"command number {seq} is beyond {LARGEST_SEQ}")
    return seq


def bad_message(what: str) -> Refused:
    """Refuse what a coordinator said."""
    return Refused(what, where="coordinator", mend="update or repair the coordinator", reason="BAD_MESSAGE")


def drain_s(asked_s: float) -> float:
    """Return how long a drained stream stays closed, whatever was asked."""
    return min(max(asked_s, SHORTEST_DRAIN_S), LONGEST_DRAIN_S)
