"""The table as markdown."""

from collections.abc import Iterable

from .row import Row

HEADS = (
    "map", "telescopes", "strategy", "objective", "planner", "pointings", "planned", "detection", "bound", "bound_kind",
    "bound_candidates", "ratio", "redundancy", "duplicates", "CPU s", "judge: union", "judge: detection",
    "judge: duplicates", "judge: violations", "largest claim error",
)  # fmt: skip
UNKNOWN = "\N{EN DASH}"


def markdown(rows: Iterable[Row]) -> str:
    """Render rows as a table; what is not known is a dash."""
    lines = ["| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    i = row.instance
    objective = i.objective + (f" ({row.remark})" if row.remark else "")
    head = [i.sky, str(i.telescopes), i.strategy, objective, row.planner, str(row.pointings)]
    return head + _claimed(row) + [f"{row.cpu_s:.2f}"] + _judged(row)


def _claimed(row: Row) -> list[str]:
    c = row.claims
    if c is None:
        return [UNKNOWN] * 8
    return [
        _number(c.planned), _number(c.detection), _number(c.bound), f"`{c.bound_kind}`", _number(c.bound_candidates),
        _number(row.ratio), _number(c.redundancy, 3), str(c.duplicates),
    ]  # fmt: skip


def _judged(row: Row) -> list[str]:
    j = row.judged
    if j is None:
        return [UNKNOWN] * 5
    violations = ", ".join(f"{rule} {count}" for rule, count in sorted(j.violations.items())) or "0"
    return [_number(j.union), _number(j.detection), str(j.duplicates), violations, _number(j.claim_error, 5)]


def _number(value: float | None, digits: int = 4) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"
