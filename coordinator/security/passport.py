"""A peer's certificate, read once: whom it names, its serial number, and until when it is valid."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from coordinator.security.identity import Identity, identity_in
from telescopes.credentials.key_pair import life_of
from telescopes.description.errors import Refused

MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Passport:
    """What a certificate says."""

    identity: Identity
    serial: str
    expires: datetime


class Passports:
    """Reads certificates; the last ones seen are kept read."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._read: OrderedDict[bytes, Passport] = OrderedDict()

    def of(self, certificate_pem: bytes) -> Passport:
        """Read a certificate.

        Raises
        ------
        Refused
            It names nobody, or more than one.
        """
        known = self._read.get(certificate_pem)
        if known is not None:
            self._read.move_to_end(certificate_pem)
            return known
        life = life_of(certificate_pem, "the caller's certificate")
        named = [who for who in map(identity_in, life.uris) if who is not None]
        if len(named) != 1:
            raise Refused(
                f"names {len(named)} identities of this observatory",
                where="the caller's certificate",
                mend="use a certificate of this observatory's authority: enrol",
                reason="UNAUTHENTICATED",
            )
        made = self._read[certificate_pem] = Passport(named[0], life.serial, life.ends)
        if len(self._read) > self._most_kept:
            self._read.popitem(last=False)
        return made
