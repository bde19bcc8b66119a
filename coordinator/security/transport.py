"""With or without TLS: what a gateway may do on which host."""

from dataclasses import dataclass
from ipaddress import ip_address

from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Transport:
    """Whether TLS is spoken, and what to say of it when the gateway starts."""

    tls: bool
    said: str


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a host's address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def transport_for(host: str, *, has_certificate: bool, insecure: bool) -> Transport:
    """Decide about TLS.

    Parameters
    ----------
    host : str
        Where the gateway listens.
    has_certificate : bool
        There is an authority of its own, or a certificate is set.
    insecure : bool
        Somebody said that it shall do without, whatever there is.

    Raises
    ------
    Refused
        Others could reach it, and nobody said that they may without TLS.
    """
    if insecure and is_loopback(host):
        return Transport(
            False, "without TLS, as was asked for: any program on this machine is believed what it says it is"
        )
    if insecure:
        return Transport(False, f"without TLS on {host}, as was asked for: whoever reaches it can be any telescope")
    if has_certificate:
        return Transport(True, "with TLS: telescopes, people and programs show a certificate")
    if is_loopback(host):
        return Transport(
            False, "without TLS, for this machine alone; for telescopes elsewhere make an authority: armillary ca init"
        )
    raise Refused(
        "others can reach this address, and there is no certificate",
        where=f"host {host}",
        mend="make an authority by `armillary ca init`, or say --insecure if something else protects it",
        reason="TLS_WANTED",
    )


def refuse_open_plain_text(host: str, *, insecure: bool) -> None:
    """Refuse to let others reach a gateway that has no TLS at all, as those for practice and trials.

    Raises
    ------
    Refused
        Others could reach it, and nobody said that they may.
    """
    if not insecure and not is_loopback(host):
        raise Refused(
            "others can reach this address, and what is served there is plain text and believes everybody",
            where=f"host {host}",
            mend="leave --host out, or say --insecure",
            reason="TLS_WANTED",
        )
