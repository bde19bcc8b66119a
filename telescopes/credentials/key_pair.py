"""A key that never leaves its machine, the request that is made with it, and the life of a certificate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Life:
    """From when until when a certificate is valid, and whom and which hosts it names."""

    begins: datetime
    ends: datetime
    serial: str
    uris: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def renew_at(self) -> datetime:
        """When a third of its life is left: time to get the next one, and weeks to mend what hinders it."""
        return self.begins + (self.ends - self.begins) * 2 / 3

    def left(self, now: datetime) -> timedelta:
        """How much longer it is valid."""
        return self.ends - now


def new_key() -> bytes:
    """Make a private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def signing_request(key_pem: bytes, name: str, where: str = "key") -> bytes:
    """Make a request for a certificate of a key, PEM.

    Raises
    ------
    Refused
        The key cannot be read.
    """
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise Refused("is no private key in PEM", where=where, mend="enrol again") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("is no EC key", where=where, mend="enrol again, or renew by hand what was made by hand")
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(who).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def life_of(certificate_pem: bytes, where: str) -> Life:
    """Read the life of a certificate.

    Raises
    ------
    Refused
        It is none.
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise Refused("is no certificate in PEM", where=where, mend="enrol again") from error
    begins, ends, serial = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.serial_number
    names = _names(certificate)
    if names is None:
        return Life(begins, ends, f"{serial:x}")
    hosts = (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))
    return Life(begins, ends, f"{serial:x}", tuple(names.get_values_for_type(x509.UniformResourceIdentifier)), hosts)


def only_certificate(pem: bytes, where: str) -> bytes:
    """Return the one certificate in a text, PEM, and nothing that came with it.

    Raises
    ------
    Refused
        There is none, or more than one: whoever trusts a text trusts everything in it.
    """
    try:
        (one,) = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Refused("is not one certificate in PEM", where=where, mend="ask the coordinator") from error
    return one.public_bytes(serialization.Encoding.PEM)


def belongs_to(certificate_pem: bytes, key_pem: bytes) -> bool:
    """Say whether a certificate is that of a private key."""
    certified = x509.load_pem_x509_certificate(certificate_pem).public_key()
    own = serialization.load_pem_private_key(key_pem, password=None).public_key()
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return certified.public_bytes(*form) == own.public_bytes(*form)


def fingerprint(certificate_pem: bytes) -> str:
    """Return the sha256 of a certificate (DER), in hexadecimal; empty: it is none."""
    try:
        return x509.load_pem_x509_certificate(certificate_pem).fingerprint(hashes.SHA256()).hex()
    except ValueError:
        return ""


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
