"""A certificate for a token: the key is made here and stays here, and the gateway must be the token's own."""

import ssl
from pathlib import Path
from typing import Any

import grpc
from armillary.enrolment.v1 import enrolment_pb2 as pb
from armillary.enrolment.v1 import enrolment_pb2_grpc

from telescopes.agent.grpc_errors import error_of
from telescopes.credentials.enrolment_token import EnrolmentToken
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import (
    Life,
    belongs_to,
    fingerprint,
    life_of,
    new_key,
    only_certificate,
    signing_request,
)
from telescopes.credentials.private_file import write_private
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.host_port import HostPort, needed_host_port

WITHIN_S = 15.0


def enrol(token: EnrolmentToken, gateway: str, files: IdentityFiles) -> Life:
    """Get a first certificate, and keep it.

    The way there is trusted in two steps. Nobody here knows the authority yet, so its certificate is asked for over a
    connection that trusts whatever the gateway shows; it counts only if its sha256 is that in the token. The secret
    goes over a second connection, which trusts this authority alone.

    Parameters
    ----------
    token : EnrolmentToken
        What the coordinator handed over.
    gateway : str
        ``host:port`` of the gateway; the token names the port where it enrols.
    files : IdentityFiles
        Where key and certificates are kept. What is there stays until the new one has come.

    Raises
    ------
    RetryLater
        Nobody answers; asked again within ten minutes the same token is good.
    Refused
        The address is none, the token is not taken, or the gateway is not the token's own.
    """
    address = HostPort(needed_host_port(gateway, "gateway").host, token.port)
    authority = only_certificate(_authority(address), f"gateway {address}")
    if fingerprint(authority) != token.authority_sha256:
        raise Refused(
            "has another authority than the token's: it may be somebody else's gateway",
            where=f"gateway {address}",
            mend="check [link] gateway; if it is right, ask the coordinator for a new token",
            reason="AUTHORITY_MISMATCH",
        )
    draft = files.key.with_name(f"{files.key.name}.new")
    key = _draft_key(draft)
    request = pb.EnrollRequest(secret=token.secret, signing_request_pem=signing_request(key, token.name, str(draft)))
    answer = _call(address, authority, None, lambda stub: stub.Enroll(request, timeout=WITHIN_S))
    signed = answer.certificate
    life = checked(signed.certificate_pem, key, f"gateway {address}")
    files.keep_certificate(signed.certificate_pem, authority)
    draft.replace(files.key)
    return life


def checked(certificate_pem: bytes, key: bytes, where: str) -> Life:
    """Return the life of what was signed, if it was signed for this key: it takes the place of what is good.

    Raises
    ------
    Refused
        It is no certificate, or somebody else's.
    """
    life = life_of(certificate_pem, where)
    if not belongs_to(certificate_pem, key):
        raise Refused("signed a certificate for another key", where=where, mend="ask the coordinator")
    return life


def _draft_key(draft: Path) -> bytes:
    """Make a key, or take that of an attempt whose answer was lost."""
    if draft.exists():
        return draft.read_bytes()
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = new_key()
    write_private(draft, key)
    return key


def _authority(address: HostPort) -> bytes:
    """Ask for the authority's certificate, trusting whoever answers."""
    try:
        shown = ssl.get_server_certificate((address.host, address.port), timeout=WITHIN_S).encode()
    except (OSError, ValueError) as error:
        raise RetryLater(
            f"nobody enrols there ({error})",
            where=f"gateway {address}",
            mend="check [link] gateway, that the coordinator runs with an authority, and that this port is open",
        ) from error
    named = life_of(shown, f"gateway {address}").hosts
    answer = _call(address, shown, named[0] if named else None, lambda s: s.GetAuthority(_ASKED, timeout=WITHIN_S))
    return bytes(answer.authority_pem)


def _call(address: HostPort, trusted: bytes, name: str | None, call: Any) -> Any:
    options = [] if name is None else [("grpc.ssl_target_name_override", name)]
    with grpc.secure_channel(str(address), grpc.ssl_channel_credentials(trusted), options) as channel:
        try:
            return call(enrolment_pb2_grpc.EnrolmentServiceStub(channel))
        except grpc.RpcError as failed:
            raise _meant(failed, address) from failed


def _meant(failed: Any, address: HostPort) -> Exception:
    said = str(failed.details() or "")
    if failed.code() is grpc.StatusCode.UNAVAILABLE and ("Peer name" in said or "peer certificate" in said):
        mend = f"let the coordinator add {address.host!r} to [security] names, or reach it by a name that is there"
        return Refused(f"its certificate is for other hosts than {address.host}", where=f"gateway {address}", mend=mend)
    return error_of(failed, f"gateway {address}")


_ASKED = pb.GetAuthorityRequest()
