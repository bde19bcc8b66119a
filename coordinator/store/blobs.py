"""Blobs in a folder: named by what they hold, on disk before anybody names them, verified when read."""

import asyncio
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from coordinator.services.journal import blob_missing, blob_name
from telescopes.description.errors import Broken, Refused

T = TypeVar("T")


class FolderBlobs:
    """Content-addressed files, `ab/cdef…` below a folder that is made where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, data: bytes) -> str:
        """Store durably; return the sha256 in hex."""
        return await asyncio.to_thread(self.put_now, data)

    async def get(self, sha256: str) -> bytes:
        """Return the bytes, verified."""
        return await asyncio.to_thread(self.get_now, sha256)

    def put_now(self, data: bytes) -> str:
        """Store durably, blocking; return the sha256 in hex.

        Raises
        ------
        Broken
            The disk refused; nothing is left behind under the blob's name.
        """
        sha256 = blob_name(data)
        return self._guarded(lambda: self._store(sha256, data))

    def get_now(self, sha256: str) -> bytes:
        """Return the bytes, blocking.

        Raises
        ------
        Refused
            There is no such blob (NOT_FOUND), or the name is no sha256.
        Broken
            The file does not hold what its name says.
        """
        path = self._path(sha256)
        if not path.is_file():
            raise blob_missing(sha256)
        data = self._guarded(path.read_bytes)
        if blob_name(data) != sha256:
            raise Broken("the file does not hold what its name says", where=str(path), mend="restore it from a copy")
        return data

    def _store(self, sha256: str, data: bytes) -> str:
        path = self._path(sha256)
        self.folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        if not _holds(path, data):
            _write(path, data)
        for folder in (path.parent, self.folder):
            _sync_folder(folder)
        return sha256

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise Refused("is no sha256", where=repr(sha256), mend="give 64 lower-case hex digits")
        return self.folder / sha256[:2] / sha256[2:]

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except OSError as error:
            raise Broken(
                f"the blob folder refused ({error.strerror or error})",
                where=str(self.folder),
                mend="free disk space, or make the folder writable for this user",
            ) from error


def _holds(path: Path, data: bytes) -> bool:
    """Say whether the blob is there and whole; a damaged one is written again."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _write(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: a reader sees all of it or nothing."""
    unfinished = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
