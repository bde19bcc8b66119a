"""A plan as tables for people."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.planning.plan import EventPlan, Plan

MOST_ROWS = 30


def show_plan(plan: Plan, warnings: Sequence[str]) -> None:
    """Print what the plan is worth, what each telescope does, and what comes first."""
    console = Console()
    console = console if console.is_terminal else Console(width=160)
    event = plan.events[0]
    for line in (*_lines(plan, event), *warnings, *plan.unplanned):
        console.print(Text(line))
    console.print(_telescopes(event))
    for note in event.notes:
        console.print(Text(note.text))
    if event.pointings:
        console.print(_pointings(event))
    more = len(event.pointings) - MOST_ROWS
    if more > 0:
        console.print(f"and {more} more; --json FILE gives all, with the reason of each")


def show_place(place: tuple[float, float], lines: Sequence[str], *, to_stderr: bool) -> None:
    """Print what the plan does about one place."""
    console = Console(stderr=to_stderr)
    console = console if console.is_terminal else Console(stderr=to_stderr, width=160)
    console.print(Text(f"RA {place[0]:.4f}, Dec {place[1]:+.4f}"))
    for line in lines:
        console.print(Text(f"  {line}"))


def _lines(plan: Plan, event: EventPlan) -> list[str]:
    figures, timing = event.figures, plan.timing
    reach = "unknown" if figures.observable is None else f"{100 * figures.observable:.2f} %"
    distance = "distance unknown" if event.distance_mpc is None else f"{event.distance_mpc:.4g} Mpc"
    return [
        f"{event.key}: 50 % in {event.area50_deg2:.4g} deg2, 90 % in {event.area90_deg2:.4g} deg2, {distance}",
        f"window {_instant(plan.start)} to {_instant(plan.end)} UTC, objective {event.objective}",
        f"planned {100 * figures.planned:.2f} % of the probability; within reach {reach}, "
        f"no plan can cover more than {100 * figures.bound:.2f} % ({figures.bound_kind})",
        f"{len(event.pointings)} pointings, redundancy {figures.redundancy:.3f}, duplicates {figures.duplicates}; "
        f"read {timing.get('read_s', 0.0):.2f} s, planned {timing['total_s']:.2f} s",
    ]


def _telescopes(event: EventPlan) -> Table:
    table = Table("telescope", "pointings", "new", "first start (UTC)", "open for", "idle, because", box=None)
    for row in event.telescopes:
        working = row.idle_because is None
        table.add_row(
            Text(row.id),
            str(row.pointings) if working else "",
            f"{100 * row.probability:.2f} %" if working else "",
            _instant(row.first_start) if row.first_start else "",
            f"{row.time_used_s / 3600:.1f} h" if working else "",
            Text(row.idle_because or row.rest or ""),
        )
    return table


def _pointings(event: EventPlan) -> Table:
    heads = (
        "start (UTC)",
        "telescope",
        "visit",
        "RA",
        "Dec",
        "filter",
        "exposure",
        "limit",
        "altitude",
        "holds",
        "new",
    )
    table = Table(*heads, box=None)
    for p in event.pointings[:MOST_ROWS]:
        table.add_row(
            _instant(p.start),
            Text(p.telescope),
            Text(p.visit),
            f"{p.ra_deg:.4f}",
            f"{p.dec_deg:+.4f}",
            Text(p.filter),
            f"{p.count} x {p.exposure_s:g} s",
            "unknown" if p.limit_mag_ab is None else f"{p.limit_mag_ab:.1f}",
            f"{p.altitude_deg:.0f}",
            f"{100 * p.probability:.2f} %",
            f"{100 * p.new_probability:.2f} %",
        )
    return table


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"
