"""Passwords: kept as argon2id alone, and checked as slowly for nobody as for somebody."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from telescopes.description.errors import Refused

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 256
_HASHER = PasswordHasher()  # RFC 9106, low memory: 64 MiB, three passes


@cache
def _nobodys() -> str:
    """What is checked where there is no account; made when it is first wanted, for it takes a while."""
    return _HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """Return what is kept of a password.

    Raises
    ------
    Refused
        It is too short, or too long to be one.
    """
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        mend = f"give {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters; some words together do well"
        raise Refused("cannot be used", where="password", mend=mend)
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Say whether it is the password; None: there is no such account, which takes as long to say."""
    try:
        return _HASHER.verify(_nobodys() if kept is None else kept, password[:MOST_CHARACTERS]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
