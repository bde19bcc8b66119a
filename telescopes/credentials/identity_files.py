"""Where a site keeps who it is: a key, its certificate, and the authority whose gateways it trusts."""

from dataclasses import dataclass
from pathlib import Path

from telescopes.credentials.private_file import write_private, write_public
from telescopes.description.errors import Refused

ENROL = "enrol: armillary agent enroll --config SITE.toml --token TOKEN"


@dataclass(frozen=True, slots=True)
class Identity:
    """Key, certificate and authority, PEM."""

    key: bytes
    certificate: bytes
    authority: bytes


@dataclass(frozen=True, slots=True)
class IdentityFiles:
    """The three files."""

    key: Path
    certificate: Path
    authority: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "IdentityFiles":
        """Name the files of a folder."""
        return cls(folder / "identity.key", folder / "identity.pem", folder / "authority.pem")

    @property
    def there(self) -> bool:
        """Whether somebody has enrolled here."""
        return self.certificate.exists()

    def read(self) -> Identity:
        """Read all three.

        Raises
        ------
        Refused
            One is missing or cannot be read.
        """
        return Identity(*(_read(path) for path in (self.key, self.certificate, self.authority)))

    def keep_key(self, key: bytes) -> None:
        """Write a new key; what was there belongs to nobody afterwards."""
        self.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.key, key)

    def keep_certificate(self, certificate: bytes, authority: bytes) -> None:
        """Write what was signed for the key, once it was checked."""
        write_public(self.authority, authority)
        write_public(self.certificate, certificate)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused("is not there", where=str(path), mend=ENROL, reason="NO_CERTIFICATE") from None
    except OSError as error:
        mend = "let the user who runs the agent own it"
        raise Refused(
            f"cannot be read ({error.strerror})", where=str(path), mend=mend, reason="NO_CERTIFICATE"
        ) from error
