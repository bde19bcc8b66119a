"""Who comes in: the certificate still valid, the role right, the telescope their own, and not too much at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.security.identity import Identity, Role
from coordinator.security.meters import BYTES, CALLS, Cost, Meters
from coordinator.security.passport import Passport, Passports
from coordinator.security.roles import roles_for
from telescopes.description.bounds import LONGEST_ID
from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Claim:
    """For which telescope a request speaks (None: for none), and what it takes besides being a call."""

    telescope_id: str | None = None
    cost: Cost = field(default_factory=Cost)


class Admission:
    """Decides about every call.

    Parameters
    ----------
    revoked : callable
        Says whether a serial number was taken back; asked anew each time.
    meters : Meters
        How fast each identity may go.
    utc_now : callable
        This machine's UTC.
    """

    def __init__(self, revoked: Callable[[str], bool], meters: Meters, utc_now: Callable[[], datetime]) -> None:
        self._passports = Passports()
        self._revoked = revoked
        self._meters = meters
        self._utc_now = utc_now

    def passport(self, certificate_pem: bytes | None) -> Passport:
        """Read who calls; whether the certificate still counts is asked next.

        Raises
        ------
        Refused
            There is none, or it names nobody.
        """
        if not certificate_pem:
            raise _unknown("there is no certificate", "enrol: armillary agent enroll")
        return self._passports.of(certificate_pem)

    def require_valid(self, passport: Passport) -> None:
        """Refuse a certificate that ran out or was taken back."""
        where = f"certificate {passport.serial} of {passport.identity}"
        if self._revoked(passport.serial):
            raise Refused("was taken back", where=where, mend="enrol with a new token", reason="CERTIFICATE_REVOKED")
        if self._utc_now() >= passport.expires:
            what = f"ran out at {passport.expires:%Y-%m-%dT%H:%M:%SZ}"
            raise Refused(what, where=where, mend="enrol with a new token", reason="CERTIFICATE_EXPIRED")

    def admit_call(self, passport: Passport, method: str) -> None:
        """Let a call in, whatever it says; asked before it is read, so that what is too much is never read.

        Raises
        ------
        Refused
            The role may not.
        TooFast
            These are too many calls.
        """
        self._meters.pay(passport.identity.uri, Cost({CALLS: 1.0}))  # first, so that nobody is refused without end
        _require_role(passport.identity, method)

    def admit(self, passport: Passport, claim: Claim, size_bytes: int = 0) -> None:
        """Let pass what a call says in so many bytes.

        Raises
        ------
        Refused
            It speaks for another telescope.
        TooFast
            It is too much at once.
        """
        _require_own(passport.identity, claim)
        self._meters.pay(passport.identity.uri, Cost({**claim.cost.of, BYTES: float(size_bytes)}))


def _require_role(who: Identity, method: str) -> None:
    roles = roles_for(method)
    if who.role not in roles:
        allowed = " or ".join(sorted(roles)) or "nobody"
        raise Refused(
            f"{who} may not call it",
            where=method,
            mend=f"{allowed} may; use a certificate of such a role",
            reason="ROLE_FORBIDDEN",
        )


def _require_own(who: Identity, claim: Claim) -> None:
    if who.role is Role.TELESCOPE and claim.telescope_id not in (None, who.name):
        raise Refused(
            f"{who} speaks for another telescope",
            where=f"telescope {(claim.telescope_id or '')[:LONGEST_ID]!r}",  # quoted: it is a stranger's word
            mend="use that telescope's own certificate, and the site file of this one",
            reason="IDENTITY_MISMATCH",
        )


def _unknown(what: str, mend: str) -> Refused:
    return Refused(what, where="caller", mend=mend, reason="UNAUTHENTICATED")
