"""A table of scored candidates for the blob folder: what is too large for a journal entry."""

import zlib

import msgspec

from coordinator.vetting.facts import ScoredCandidate


def write_table(candidates: tuple[ScoredCandidate, ...]) -> bytes:
    """Write compressed JSON; the same candidates give the same bytes."""
    return zlib.compress(msgspec.json.encode(candidates), 6)


def read_table(data: bytes) -> tuple[ScoredCandidate, ...]:
    """Read what `write_table` wrote."""
    return msgspec.json.decode(zlib.decompress(data), type=tuple[ScoredCandidate, ...])
