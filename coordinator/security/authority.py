"""The own small certificate authority: one key, one certificate, and what it signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from coordinator.security.identity import Identity
from telescopes.credentials.private_file import write_private, write_public
from telescopes.description.errors import Refused
from telescopes.description.host_port import is_host

AUTHORITY_DAYS = 3653
CERTIFICATE_DAYS = 90
SKEW = timedelta(minutes=5)
"""Certificates begin a little in the past: the clock of a site may be behind."""
MOST_REQUEST_BYTES = 8192
LEAST_RSA_BITS = 2048
KEY_FILE, CERTIFICATE_FILE = "authority.key", "authority.pem"

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate that was signed; `serial` in hexadecimal."""

    identity: Identity
    serial: str
    pem: bytes
    not_before: datetime
    not_after: datetime


class Authority:
    """Signs with the key of a folder; made by `make_authority` or `open_authority`."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def sha256(self) -> str:
        """Fingerprint of the authority's certificate."""
        return self._certificate.fingerprint(hashes.SHA256()).hex()

    def sign_client(self, identity: Identity, request_pem: bytes, now: datetime) -> Signed:
        """Sign a certificate with which somebody shows who they are.

        Raises
        ------
        Refused
            The request is none, or its key is too weak.
        """
        builder = self._builder(
            identity, public_key_in(request_pem), now, [x509.UniformResourceIdentifier(identity.uri)]
        )
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return self._signed(identity, builder.add_extension(usage, critical=False))

    def sign_server(self, identity: Identity, names: Sequence[str], request_pem: bytes, now: datetime) -> Signed:
        """Sign a certificate with which a gateway shows that it is one of these hosts.

        Raises
        ------
        Refused
            One of them is no host's name, the request is none, or its key is too weak.
        """
        hosts = [x509.UniformResourceIdentifier(identity.uri), *map(_host, names)]
        builder = self._builder(identity, public_key_in(request_pem), now, hosts)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return self._signed(identity, builder.add_extension(usage, critical=False))

    def _builder(
        self, identity: Identity, key: PublicKey, now: datetime, names: Sequence[x509.GeneralName]
    ) -> x509.CertificateBuilder:
        ends = min(now + timedelta(days=CERTIFICATE_DAYS), self._certificate.not_valid_after_utc)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, identity.name)]))
            .issuer_name(self._certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - SKEW)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )

    def _signed(self, identity: Identity, builder: x509.CertificateBuilder) -> Signed:
        made = builder.sign(self._key, hashes.SHA256())
        return Signed(
            identity,
            f"{made.serial_number:x}",
            made.public_bytes(serialization.Encoding.PEM),
            made.not_valid_before_utc,
            made.not_valid_after_utc,
        )


def make_authority(folder: Path, now: datetime, name: str = "Armillary authority") -> Authority:
    """Make an authority in a folder.

    Raises
    ------
    Refused
        There is one already; nothing is changed.
    """
    for file in (folder / KEY_FILE, folder / CERTIFICATE_FILE):
        if file.exists():
            raise Refused(
                "there is an authority already, and nothing was changed",
                where=str(file),
                mend="use it; to begin again move the whole folder away, then every certificate must be made anew",
                reason="EXISTS",
            )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Authority(key, certificate)
    write_private(folder / KEY_FILE, _pem(key))
    write_public(folder / CERTIFICATE_FILE, made.pem)
    return made


def open_authority(folder: Path) -> Authority:
    """Open the authority of a folder.

    Raises
    ------
    Refused
        There is none, or it cannot be read.
    """
    try:
        key = serialization.load_pem_private_key((folder / KEY_FILE).read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE_FILE).read_bytes())
    except FileNotFoundError as error:
        mend = "make one by `armillary ca init`, or name its state folder with --state"
        raise Refused(
            "there is no certificate authority", where=str(folder), mend=mend, reason="NO_AUTHORITY"
        ) from error
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        mend = "let the user who runs this own the folder, or bring the files back from a backup"
        raise Refused(f"cannot be read ({error})", where=str(folder), mend=mend, reason="NO_AUTHORITY") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        mend = "bring both files back from a backup"
        raise Refused("key and certificate do not belong together", where=str(folder), mend=mend, reason="NO_AUTHORITY")
    return Authority(key, certificate)


def public_key_in(request_pem: bytes) -> PublicKey:
    """Take the key out of a signing request; nothing else in it counts.

    Raises
    ------
    Refused
        It is no request, it is not signed by its own key, or the key is too weak.
    """
    try:
        if len(request_pem) > MOST_REQUEST_BYTES:
            raise _bad_request(f"has {len(request_pem)} bytes, more than {MOST_REQUEST_BYTES}")
        request = x509.load_pem_x509_csr(request_pem)
        if not request.is_signature_valid:
            raise _bad_request("is not signed by the key in it")
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad_request("is no PKCS #10 request in PEM") from error
    strong = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    strong = strong or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS)
    if not strong or not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise _bad_request(f"has a key that is not taken ({type(key).__name__})")
    return key


def key_sha256(request_pem: bytes) -> str:
    """Say which key a request is for."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public_key_in(request_pem).public_bytes(serialization.Encoding.DER, form))
    return digest.finalize().hex()


def _bad_request(what: str) -> Refused:
    mend = "send a request for an EC key (P-256, P-384) or an RSA key of 2048 bits or more"
    return Refused(what, where="signing_request_pem", mend=mend)


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    if not is_host(name):
        mend = "reach the gateway by an address or a name in ASCII (others have one that begins with xn--)"
        raise Refused(f"{name!r} is no host that a certificate can name", where="gateway", mend=mend, reason="BAD_HOST")
    return x509.DNSName(name)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
