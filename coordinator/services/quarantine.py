"""Quarantine: what nobody has understood yet, read again when the readers have learnt."""

import logging

from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake
from coordinator.services.journal import Journal, Only
from coordinator.services.quarantined import AlertQuarantined, Page, QuarantineRead, ReadAgain
from telescopes.description.errors import Broken, Refused, RetryLater

KINDS = Only(frozenset({"alert_quarantined", "quarantine_read"}))
PAGE = 50
log = logging.getLogger(__name__)


async def still_quarantined(journal: Journal) -> dict[str, AlertQuarantined]:
    """Return what nobody has understood yet, by delivery."""
    found: dict[str, AlertQuarantined] = {}
    seen = 0
    while True:
        tail = await journal.read(seen, only=KINDS)
        if not tail.entries:
            return found
        seen = tail.head_seq
        for stored in tail.entries:
            match fact_of(stored.entry):
                case AlertQuarantined() as kept:
                    found[kept.key] = kept
                case QuarantineRead(key=key):
                    found.pop(key, None)


async def read_again(intake: Intake, after: str = "", most: int = PAGE) -> Page:
    """Read a page of the quarantine again; what is understood now becomes what it would have been, once.

    Parameters
    ----------
    intake : Intake
        The door by which alerts enter.
    after : str
        `next` of the page before; empty: from the beginning.
    most : int
        How many messages are read.
    """
    left = [kept for key, kept in sorted((await still_quarantined(intake.writer.journal)).items()) if key > after]
    read = [await _read(intake, kept) for kept in left[:most]]
    return Page(tuple(read), left[most - 1].key if len(left) > most else "")


async def _read(intake: Intake, kept: AlertQuarantined) -> ReadAgain:
    """Read one message; one that breaks its reader stays and keeps no other back."""
    file = kept.file or kept.raw_sha256[:12]
    try:
        received = await intake.read_again(kept)
    except (RetryLater, Broken):
        raise
    except Refused as error:
        return ReadAgain(file, kept.raw_sha256, "rejected", reason=error.what)
    except Exception as error:
        log.exception("%s broke its reader", file)
        return ReadAgain(file, kept.raw_sha256, "rejected", reason=f"broke its reader: {type(error).__name__}")
    return ReadAgain(file, kept.raw_sha256, received.outcome, received.event_key or "", received.reason or "")
