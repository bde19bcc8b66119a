"""Identifiers that sort by time and depend only on the clock and the chance handed in."""

import uuid
from datetime import datetime

import numpy as np


def uuid7(utc: datetime, rng: np.random.Generator) -> str:
    """Make a UUID version 7 (RFC 9562): 48 bits of milliseconds, 74 of chance."""
    milliseconds = int(utc.timestamp() * 1000) & (1 << 48) - 1
    chance = int.from_bytes(rng.bytes(10), "big")
    high, low = chance >> 68, chance & (1 << 62) - 1
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | (high & 0xFFF) << 64 | 0b10 << 62 | low))
