"""A one-time token as a person carries it from the coordinator to a site."""

import re
from dataclasses import dataclass

from telescopes.description.bounds import LONGEST_ID
from telescopes.description.errors import Refused

FORM = re.compile(
    rf"armillary1\.(?P<role>[a-z]{{1,20}})\.(?P<name>[a-z0-9-]{{1,{LONGEST_ID}}})\.(?P<port>[0-9]{{1,5}})"
    r"\.(?P<secret>[A-Za-z0-9_-]{20,100})\.(?P<authority_sha256>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class EnrolmentToken:
    """For whom it is, at which port it is taken, the secret, and the sha256 of the authority's certificate (DER)."""

    role: str
    name: str
    port: int
    secret: str
    authority_sha256: str

    def __str__(self) -> str:
        return f"armillary1.{self.role}.{self.name}.{self.port}.{self.secret}.{self.authority_sha256}"


def token_of(text: str) -> EnrolmentToken:
    """Read a token.

    Raises
    ------
    Refused
        It is none.
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        mend = "give it whole, from armillary1. to its last character, as `armillary ca token` printed it"
        raise Refused("is no enrolment token", where="--token", mend=mend, reason="TOKEN_INVALID")
    return EnrolmentToken(found["role"], found["name"], int(found["port"]), found["secret"], found["authority_sha256"])
