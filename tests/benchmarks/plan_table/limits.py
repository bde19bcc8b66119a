"""What a row of the table may not be."""

from collections.abc import Iterable, Iterator

from .row import OURS, Row

MOST_REDUNDANCY_WHERE_CAPACITY_BINDS = 0.05
MOST_REDUNDANCY = 0.10
MOST_CLAIM_ERROR = 0.005
LEAST_RATIO = 0.97


def broken(rows: Iterable[Row]) -> list[str]:
    """Return what is wrong with our plans, a line for each limit that a row breaks."""
    rows = list(rows)
    ours = [row for row in rows if row.planner == OURS]
    found = [f"{_name(row)}: {what}" for row in ours for what in (*_by_itself(row), *_by_the_judge(row))]
    return found + [f"{_name(row)}: {what}" for row in ours for what in _by_others(row, rows)]


def _name(row: Row) -> str:
    i = row.instance
    return f"{i.sky}, {i.telescopes} telescopes, {i.strategy}, {i.objective}"


def _by_itself(row: Row) -> Iterator[str]:
    claims = row.claims
    if claims is None:
        return
    if row.remark:
        yield row.remark
    if claims.duplicates:
        yield f"{claims.duplicates} duplicates"
    most = MOST_REDUNDANCY_WHERE_CAPACITY_BINDS if row.capacity_binds else MOST_REDUNDANCY
    redundancy = max(claims.redundancy, row.judged.redundancy if row.judged else 0.0)
    if row.instance.objective == "probability" and redundancy > most:
        yield f"redundancy {redundancy:.4f} is above {most}"
    if claims.planned > claims.bound + 1e-6 and row.instance.objective == "probability":
        yield f"planned {claims.planned:.5f} is above the bound {claims.bound:.5f}"
    if row.instance.objective == "probability" and row.ratio is not None and row.ratio < LEAST_RATIO:
        yield f"ratio {row.ratio:.4f} is below {LEAST_RATIO}"


def _by_the_judge(row: Row) -> Iterator[str]:
    judged = row.judged
    if judged is None:
        return
    if judged.duplicates:
        yield f"the judge finds {judged.duplicates} duplicates"
    if judged.violations:
        yield "the judge finds broken: " + ", ".join(f"{k} ({n})" for k, n in sorted(judged.violations.items()))
    if judged.claim_error is not None and judged.claim_error > MOST_CLAIM_ERROR:
        yield f"a claim is {judged.claim_error:.4f} off; at most {MOST_CLAIM_ERROR}"


def _by_others(row: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Compare with what other planners made of the same instance."""
    for other in rows:
        if other.planner == OURS or other.instance != row.instance or not row.judged or not other.judged:
            continue
        if row.judged.union < other.judged.union:
            yield f"{other.planner} covers more: {other.judged.union:.4f} against {row.judged.union:.4f}"
        if row.judged.duplicates > other.judged.duplicates:
            yield f"{other.planner} has fewer duplicates"
        if row.cpu_s > other.cpu_s:
            yield f"{other.planner} is faster: {other.cpu_s:.1f} s against {row.cpu_s:.1f} s"
