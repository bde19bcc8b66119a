"""A gateway with TLS in a test: an authority in a folder, its door, and identities signed by it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coordinator.gateway.door import Door
from coordinator.gateway.door_building import build_door
from coordinator.security.authority import make_authority, open_authority
from coordinator.security.identity import Identity, Role
from coordinator.security.register import FILE, Register
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import new_key, signing_request

HOSTS = ("localhost", "127.0.0.1")


def utc_now() -> datetime:
    return datetime.now(UTC)


class SmallAuthority:
    """An authority in a folder, which signs for tests what they ask for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_authority(folder, utc_now())
        self.register = Register(folder / FILE)

    @property
    def pem(self) -> bytes:
        return open_authority(self.folder).pem

    @property
    def sha256(self) -> str:
        return open_authority(self.folder).sha256

    def door(self, now: Callable[[], datetime] = utc_now, link_now: Callable[[], float] = lambda: 0.0) -> Door:
        return build_door(self.folder, HOSTS, 0, link_now=link_now, utc_now=now)

    def identity(
        self, into: Path, name: str = "tca", role: Role = Role.TELESCOPE, ago: timedelta = timedelta(0)
    ) -> IdentityFiles:
        """Sign a certificate that was made so long ago, and put it into a folder."""
        return signed_for(self.folder, into, name, role, ago)


def signed_for(
    folder: Path, into: Path, name: str, role: Role = Role.TELESCOPE, ago: timedelta = timedelta(0)
) -> IdentityFiles:
    """Let the authority of a folder sign for a new key."""
    authority, now = open_authority(folder), utc_now() - ago
    files, key = IdentityFiles.in_folder(into / f"{role}-{name}"), new_key()
    signed = authority.sign_client(Identity(role, name), signing_request(key, name), now)
    Register(folder / FILE).enter(signed, now, "test")
    files.keep_key(key)
    files.keep_certificate(signed.pem, authority.pem)
    return files
