"""The report of a plan: one HTML page with its pictures and tables inside, to be opened without a network."""

import base64
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from coordinator.planning.document import iso
from coordinator.publishing.palette import pens
from coordinator.publishing.plan_picture import nights_svg, sky_svg
from coordinator.publishing.planned_search import PlannedSearch


def as_html(search: PlannedSearch) -> bytes:
    """Write the page."""
    pages = Environment(
        loader=PackageLoader("coordinator.publishing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template("plan.html").render(
        search=search,
        event=search.event,
        facts=facts(search),
        pens=pens(search),
        sky=_inline(sky_svg(search)),
        nights=_inline(nights_svg(search)),
    )
    return page.encode()


def facts(search: PlannedSearch) -> list[tuple[str, str]]:
    """Return what the plan is made from and what it is worth: every number with its name and unit."""
    return [*_of_the_map(search), *_of_the_plan(search)]


def _of_the_map(search: PlannedSearch) -> list[tuple[str, str]]:
    event, said = search.event, search.sky.facts
    known = [f"by {said.creator}"] if said.creator else []
    known += [f"issued {iso(said.issued)}"] if said.issued else []
    known += [f"instruments {', '.join(said.instruments)}"] if said.instruments else []
    spread = "" if said.distance_std_mpc is None else f" ± {said.distance_std_mpc:.3g}"
    distance = "unknown" if event.distance_mpc is None else f"{event.distance_mpc:.4g}{spread} Mpc"
    return [
        ("event", f"{event.key}, revision {event.revision}"),
        ("trigger (T0)", "unknown" if event.t0 is None else iso(event.t0)),
        ("sky map", f"sha256 {event.skymap_sha256}{''.join('; ' + k for k in known)}"),
        ("50 % and 90 % regions", f"{event.area50_deg2:.4g} and {event.area90_deg2:.4g} deg²"),
        ("distance", distance),
    ]


def _of_the_plan(search: PlannedSearch) -> list[tuple[str, str]]:
    figures = search.event.figures
    rows = [
        ("planned", f"{iso(search.planned_at)}, objective {search.event.objective}"),
        ("window", f"{iso(search.start)} to {iso(search.end)}"),
        ("visits", ", ".join(search.visits)),
        ("pointings", str(len(search.pointings))),
        ("probability inside a field", percent(figures.planned)),
        ("within reach of the network", computed(figures.observable)),
        ("chance to detect the assumed source", computed(figures.detection)),
        (f"no plan can do better than ({figures.bound_kind})", percent(figures.bound)),
        ("looked at again within a visit (redundancy)", f"{figures.redundancy:.3f}; duplicates {figures.duplicates}"),
    ]
    part = f"{', '.join(search.part)}: {percent(search.probability)} in {search.covered.area_deg2:.4g} deg²"
    return [*rows, ("shown here", part)] if search.part else rows


def computed(share: float | None) -> str:
    """Write a share in percent, or that nobody has worked it out."""
    return "not computed" if share is None else percent(share)


def percent(share: float) -> str:
    """Write a share of 1 in percent."""
    return f"{100 * share:.3g} %"


def _inline(svg: bytes) -> Any:
    return base64.b64encode(svg).decode()
