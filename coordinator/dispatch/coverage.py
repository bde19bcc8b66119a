"""What others have looked at, as the journal has it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """Looks of others at the sky of an event; the looks themselves lie in the blob of this name.

    `source` says whose they are, `because` is the reason and the name of the person who handed them in.
    """

    sha256: str
    looks: int
    area_deg2: float
    source: str
    because: str

    @property
    def id(self) -> str:
        """Its name for people."""
        return self.sha256[:12]


def coverage_of(details: Mapping[str, str], because: str) -> Coverage:
    """Read a report from the details of a decision."""
    return Coverage(
        details["sha256"], int(details["looks"]), float(details["area_deg2"]), details.get("source", ""), because
    )
