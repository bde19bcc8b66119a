"""A row of the table: what a plan says of itself, and what the judge says of it."""

from dataclasses import asdict, dataclass
from typing import Any

from coordinator.planning.plan import EventPlan

from .instances import Instance

OURS = "armillary"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the independent judge found; `claim_error` None: the plan claims nothing."""

    union: float
    detection: float
    redundancy: float
    duplicates: int
    violations: dict[str, int]
    claim_error: float | None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a plan says of itself."""

    observable: float
    planned: float
    detection: float | None
    bound: float
    bound_kind: str
    bound_candidates: float | None
    redundancy: float
    duplicates: int


@dataclass(frozen=True, slots=True)
class Row:
    """One plan of one planner.

    `cpu_s` is the least of the warm runs, without reading the map; of another planner's program without its imports.
    `remark` says what a reader must know, such as that the plan was made by another objective than asked.
    """

    planner: str
    instance: Instance
    pointings: int
    cpu_s: float
    claims: Claims | None = None
    judged: Judged | None = None
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        """The objective's value as a share of the bound on the plan's own candidates; None: there is no such bound."""
        if self.claims is None or not self.claims.bound_candidates:
            return None
        value = self.claims.detection if self.instance.objective == "detection" else self.claims.planned
        return None if value is None else value / self.claims.bound_candidates

    @property
    def capacity_binds(self) -> bool:
        """Whether time is too short for the sky: more than 5 % of what is within reach stays unplanned."""
        return self.claims is not None and self.claims.planned < 0.95 * self.claims.observable


def claims_of(made: EventPlan) -> Claims:
    """Read the plan's own figures."""
    f = made.figures
    return Claims(
        f.observable, f.planned, f.detection, f.bound, f.bound_kind, f.bound_candidates, f.redundancy, f.duplicates
    )


def row_document(row: Row) -> dict[str, Any]:
    """Return a row as JSON can hold it."""
    return asdict(row)


def row_from(document: dict[str, Any]) -> Row:
    """Read a row that `row_document` wrote."""
    claims, judged = document["claims"], document["judged"]
    parts = {
        "instance": Instance(**document["instance"]),
        "claims": None if claims is None else Claims(**claims),
        "judged": None if judged is None else Judged(**judged),
    }
    return Row(**(document | parts))
