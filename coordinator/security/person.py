"""People at the dashboard: what somebody may decide (pure)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from telescopes.description.errors import Refused

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
FORBIDDEN = "FORBIDDEN"


class Standing(StrEnum):
    """What somebody may do, each more than the one before."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `telescopes` are those of an operator."""

    name: str
    standing: Standing
    telescopes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.name}, {self.standing}"


ANYBODY = Person("anybody", Standing.VIEWER)
"""Who has not signed in, where reading is open."""


def person_of(name: str, standing: str, telescopes: frozenset[str] = frozenset()) -> Person:
    """Read what somebody typed.

    Raises
    ------
    Refused
        The name or the role cannot be, an operator has no telescope, or another has some.
    """
    if not NAME.fullmatch(name) or name == ANYBODY.name:
        mend = "give 1 to 64 of a-z, 0-9 and . _ @ -, a letter or digit first, and not 'anybody'"
        raise Refused(f"{name[:70]!r} cannot be a name", where="name", mend=mend)
    if standing not in list(Standing):
        raise Refused(f"{standing[:40]!r} is no role", where="--role", mend=f"give one of {', '.join(Standing)}")
    if (standing == Standing.OPERATOR) != bool(telescopes):
        mend = "name an operator's telescopes with --telescope, and nobody else's: a coordinator may act on all"
        raise Refused(f"{standing} and {len(telescopes)} telescopes do not go together", where=name, mend=mend)
    return Person(name, Standing(standing), telescopes)


def require_may_act(person: Person, telescope: str | None) -> None:
    """Refuse who may not decide about a telescope; None: about what belongs to no telescope alone.

    Raises
    ------
    Refused
        Viewers decide nothing, operators about their own telescopes alone; reason ``FORBIDDEN``.
    """
    if person.standing in (Standing.COORDINATOR, Standing.ADMIN):
        return
    if person.standing is Standing.OPERATOR and telescope in person.telescopes:
        return
    what = (
        "decides about events and candidates as a coordinator alone" if telescope is None else f"is not of {telescope}"
    )
    mend = "ask a coordinator; `armillary people list` shows who is one"
    raise Refused(f"{person} may not do this: {what}", where="sign-in", mend=mend, reason=FORBIDDEN)
