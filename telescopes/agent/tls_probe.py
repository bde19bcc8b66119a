"""Why a gateway closes the door: gRPC says only that the socket was closed, a handshake of our own says more."""

import socket
import ssl
from datetime import datetime

from telescopes.credentials.identity_files import ENROL, IdentityFiles
from telescopes.credentials.key_pair import life_of
from telescopes.description.errors import Refused
from telescopes.description.host_port import read_host_port

WITHIN_S = 5.0
REASON = "NO_CERTIFICATE"


def why_closed(gateway: str, files: IdentityFiles | None, now: datetime) -> Refused | None:
    """Find out whether certificates are why a gateway cannot be talked to.

    Parameters
    ----------
    gateway : str
        ``host:port``.
    files : IdentityFiles, optional
        What the agent shows; None: nothing, it speaks plain text.
    now : datetime
        This machine's UTC.

    Returns
    -------
    Refused or None
        What to mend; None: it is something else, such as a gateway that is away.
    """
    at, where = read_host_port(gateway), f"gateway {gateway}"
    if at is None:
        return None
    try:
        with socket.create_connection((at.host, at.port), WITHIN_S) as plain:
            return _without(plain, where) if files is None else _with(plain, at.host, where, files, now)
    except (OSError, ValueError):
        return None


def _without(plain: socket.socket, where: str) -> Refused | None:
    """Say whether TLS is spoken there."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with anybody.wrap_socket(plain):
            pass
    except ssl.SSLError as error:
        if "ALERT" not in (error.reason or ""):
            return None
    return Refused("wants a certificate, and this telescope has none", where=where, mend=ENROL, reason=REASON)


def _with(plain: socket.socket, host: str, where: str, files: IdentityFiles, now: datetime) -> Refused | None:
    """Say what is wrong with the certificate that is shown, or that is seen."""
    own = life_of(files.certificate.read_bytes(), str(files.certificate))
    if now >= own.ends:
        what = f"ran out at {own.ends:%Y-%m-%dT%H:%M:%SZ}"
        return Refused(what, where=str(files.certificate), mend=f"{ENROL}, with a new token", reason=REASON)
    context = ssl.create_default_context(cafile=str(files.authority))
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols(["h2"])
    try:
        with context.wrap_socket(plain, server_hostname=host) as safe:
            return None if _greeted(safe) else _said("closed without a word", where)
    except ssl.SSLCertVerificationError as error:
        mend = f"check [link] gateway; for another authority {ENROL}"
        return Refused(f"cannot be trusted ({error.verify_message})", where=where, mend=mend, reason=REASON)
    except ssl.SSLError as error:
        return _failed(error, where)


def _greeted(safe: ssl.SSLSocket) -> bool:
    """Say whether the gateway speaks first, as HTTP/2 does.

    The handshake is over for this side before the gateway has looked at the certificate; one that does not like it
    closes, most often without saying so.
    """
    try:
        return bool(safe.recv(1))
    except (ConnectionError, ssl.SSLEOFError):
        return False


def _failed(error: ssl.SSLError, where: str) -> Refused | None:
    said = error.reason or ""
    if said in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        mend = "let the coordinator start it with its authority, or reach the right port"
        return Refused("speaks no TLS, and this telescope only with it", where=where, mend=mend, reason=REASON)
    return _said(said.lower().replace("_", " "), where) if "ALERT" in said else None


def _said(what: str, where: str) -> Refused:
    mend = f"{ENROL}, with a new token"
    return Refused(f"does not take this telescope's certificate ({what})", where=where, mend=mend, reason=REASON)
