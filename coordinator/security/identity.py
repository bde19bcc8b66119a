"""Who somebody is: a role and a name, as a certificate says them in a URI."""

import re
from dataclasses import dataclass
from enum import StrEnum

from telescopes.description.bounds import LONGEST_ID
from telescopes.description.errors import Refused

TRUST_DOMAIN = "spiffe://armillary"
NAME = re.compile(rf"[a-z0-9-]{{1,{LONGEST_ID}}}")
URI = re.compile(rf"{TRUST_DOMAIN}/([a-z]+)/({NAME.pattern})")


class Role(StrEnum):
    """What somebody is to the observatory."""

    TELESCOPE = "telescope"
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Identity:
    """One telescope, person or program."""

    role: Role
    name: str

    @property
    def uri(self) -> str:
        """As a certificate says it."""
        return f"{TRUST_DOMAIN}/{self.role}/{self.name}"

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


def identity_in(uri: str) -> Identity | None:
    """Read an identity from a certificate's URI; None: it is none of ours."""
    found = URI.fullmatch(uri)
    if found is None or found[1] not in list(Role):
        return None
    return Identity(Role(found[1]), found[2])


def identity_of(role: str, name: str) -> Identity:
    """Read what a person typed.

    Raises
    ------
    Refused
        The name or the role cannot be.
    """
    if not NAME.fullmatch(name):
        mend = f"give 1 to {LONGEST_ID} of a-z, 0-9 and -, for a telescope the id of its site file"
        raise Refused(f"{name[:40]!r} cannot be a name in a certificate", where="name", mend=mend)
    if role not in list(Role):
        raise Refused(f"{role[:40]!r} is no role", where="--role", mend=f"give one of {', '.join(Role)}")
    return Identity(Role(role), name)
