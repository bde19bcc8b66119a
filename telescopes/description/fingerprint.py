"""Whether both sides mean the same telescope: a hash of its description."""

import hashlib
from dataclasses import replace

import msgspec

from telescopes.description.telescope import DriverChoice, Link, Telescope


def description_sha256(telescope: Telescope) -> str:
    """Hash what the coordinator plans with; how the site drives its devices and dials out is its own affair."""
    shared = replace(telescope, link=Link(), driver=DriverChoice(), reduction_command=())
    return hashlib.sha256(msgspec.json.encode(shared, order="deterministic")).hexdigest()
