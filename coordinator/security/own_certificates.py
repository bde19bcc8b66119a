"""The gateway's own certificate, and that of people at its machine: made when they are missed, renewed in time."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coordinator.security.authority import CERTIFICATE_FILE, Authority, Signed, open_authority
from coordinator.security.identity import Identity, Role
from coordinator.security.register import FILE, Register
from telescopes.credentials.key_pair import Life, life_of, new_key, signing_request
from telescopes.credentials.private_file import write_private, write_public

GATEWAY = Identity(Role.COORDINATOR, "gateway")
LOCAL = Identity(Role.OPERATOR, "local")
"""Whoever may read its key: the user who runs the observatory."""


@dataclass(frozen=True, slots=True)
class PairFiles:
    """Where a key and its certificate lie."""

    key: Path
    certificate: Path

    @property
    def stamp(self) -> tuple[int, ...]:
        """Changes when one of them is replaced."""
        found = [path.stat() for path in (self.key, self.certificate)]
        return tuple(number for one in found for number in (one.st_mtime_ns, one.st_size, one.st_ino))

    def read(self) -> tuple[bytes, bytes]:
        """Return key and certificate."""
        return self.key.read_bytes(), self.certificate.read_bytes()


class OwnCertificates:
    """Keeps the certificates of a folder with an authority fresh.

    Parameters
    ----------
    folder : Path
        The authority's.
    names : sequence of str
        Host names and addresses by which telescopes know the gateway.
    utc_now : callable
        This machine's UTC.
    """

    def __init__(self, folder: Path, names: Sequence[str], utc_now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._names = tuple(names)
        self._utc_now = utc_now
        self.gateway = self._files("gateway")
        self.local = self._files("local")
        self._due: datetime | None = None
        self._lock = threading.Lock()  # connections are taken by threads of gRPC

    @property
    def authority_file(self) -> Path:
        """The authority's certificate."""
        return self._folder / CERTIFICATE_FILE

    def make_fresh(self) -> None:
        """Sign what is not there, is due, or names other hosts than it should."""
        with self._lock:
            self._make_fresh(self._utc_now())

    def _make_fresh(self, now: datetime) -> None:
        if self._due is not None and now < self._due:
            return
        register = Register(self._folder / FILE)
        lives = [self._good_life(self.gateway, register), self._good_life(self.local, register)]
        wrong = set(self._names) != set(lives[0].hosts if lives[0] else ())
        if wrong or any(life is None or now >= life.renew_at for life in lives):
            authority = open_authority(self._folder)
            self._sign(authority, register, self.gateway, GATEWAY)
            self._sign(authority, register, self.local, LOCAL)
            lives = [self._life(self.gateway), self._life(self.local)]
        self._due = min(life.renew_at for life in lives if life is not None)

    def _good_life(self, files: PairFiles, register: Register) -> Life | None:
        """Return the life of a pair that counts; None: it is missing, or was taken back."""
        life = self._life(files)
        return None if life is None or register.was_taken_back(life.serial) else life

    def _life(self, files: PairFiles) -> Life | None:
        if not (files.key.exists() and files.certificate.exists()):
            return None
        return life_of(files.certificate.read_bytes(), str(files.certificate))

    def _sign(self, authority: Authority, register: Register, files: PairFiles, who: Identity) -> None:
        now = self._utc_now()
        key = files.key.read_bytes() if files.key.exists() else new_key()
        request = signing_request(key, who.name, str(files.key))
        signed: Signed
        if who == GATEWAY:
            signed = authority.sign_server(who, self._names, request, now)
        else:
            signed = authority.sign_client(who, request, now)
        register.enter(signed, now, "own")
        if not files.key.exists():
            write_private(files.key, key)
        write_public(files.certificate, signed.pem)

    def _files(self, stem: str) -> PairFiles:
        return PairFiles(self._folder / f"{stem}.key", self._folder / f"{stem}.pem")
