"""What a person says of a message that they hand over: it may answer what the message leaves open, never loosen it."""

from dataclasses import dataclass, replace

from coordinator.alerts import annuli, skymap_file
from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.purpose import purpose_of_id, strictest_stated
from telescopes.description.errors import Refused
from telescopes.description.event_key import require_event_key

PLACE_ALONE = frozenset({skymap_file.FORMAT, annuli.FORMAT})
"""Formats that say where and nothing else: of which event, and what for, a person says."""


@dataclass(frozen=True, slots=True)
class PersonsWord:
    """Purpose and event as a person states them; None: they don't say."""

    purpose: Purpose | None = None
    event_key: str | None = None


SILENCE = PersonsWord()


def persons_word(purpose: str | None, event_key: str | None) -> PersonsWord:
    """Check a person's words.

    Raises
    ------
    Refused
        A purpose that does not exist, or an event key that is none.
    """
    if purpose and purpose not in list(Purpose):
        words = ", ".join(Purpose)
        raise Refused(f"{purpose!r} is no purpose", where="purpose", mend=f"give one of {words}")
    if event_key:
        require_event_key(event_key, "event")
    return PersonsWord(Purpose(purpose) if purpose else None, event_key or None)


def heed(alert: Alert, word: PersonsWord) -> Alert:
    """Return the alert with a person's word taken into account (law 6).

    The event is a person's to say for a bare map (or bare annuli) only. The purpose is theirs where the message does
    not state one; where it does, the stricter holds. The key of a rehearsal makes a rehearsal of whatever is put under
    it.
    """
    moved = word.event_key is not None and alert.format in PLACE_ALONE
    key = word.event_key if moved and word.event_key else alert.event_key
    native = key.partition(":")[2]
    of_key = purpose_of_id(native)
    stated = [alert.purpose, word.purpose, None if of_key is Purpose.OBSERVATION else of_key]
    alert = replace(alert, purpose=strictest_stated(stated))
    return replace(alert, event_key=key, name=native, native_ids=(key,)) if moved else alert
