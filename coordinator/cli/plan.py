"""`armillary plan`: who of a network looks where and when for a sky map, without a running observatory."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from coordinator.cli.output import write_json
from coordinator.cli.plan_options import Bands, CatalogueFolder, Depth, DustFile, ForecastFile, SourceToSee, Visits
from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.cli.plan_output import Output
    from coordinator.planning.catalogue import Catalogue
    from coordinator.planning.plan import Plan
    from coordinator.planning.recipe import Wish
    from coordinator.planning.request import PlanRequest
    from coordinator.sky.dust_map import DustMap
    from coordinator.sky.skymap import SkyMap

Objective = Literal["auto", "probability", "detection"]
Effort = Literal["fast", "best"]

MOST_HOURS = 240.0
OUTPUT_HELP = (
    "Also write the plan as the ending says: .json .ecsv .moc.fits .moc.json .reg .obsplan.ecsv .obsplan.xml "
    ".obsplan.json .png .svg .html; a folder (name/) gets a sheet for each telescope's observers. "
    "{telescope} or {visit} in the name: a file for each. May be given several times."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    skymap: Annotated[Path, typer.Argument(metavar="SKYMAP", help="Localization map, multi-order or flat FITS.")],
    sites: Annotated[
        Path | None, typer.Option(metavar="DIR|FILE", help="Site files of the network; default: those shipped.")
    ] = None,
    start: Annotated[
        str, typer.Option(metavar="event|now|ISO", help="When the window begins: at the event, now, or at an instant.")
    ] = "event",
    hours: Annotated[float, typer.Option(min=0.1, max=MOST_HOURS, help="Length of the window.")] = 24.0,
    objective: Annotated[
        Literal["auto", "probability", "detection"], typer.Option(help="What to make most of.")
    ] = "auto",
    visits: Visits = "1",
    bands: Bands = None,
    source: SourceToSee = None,
    depth: Depth = None,
    dust: DustFile = None,
    forecast: ForecastFile = None,
    catalogue: CatalogueFolder = None,
    effort: Annotated[Effort, typer.Option(help="best tries more and takes longer.")] = "fast",
    observed: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Sky looked at already: a plan, Treasure Map JSON, or a MOC."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="RA,DEC", help="Say who looks at this place, and why the others don't.")
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the plan as JSON; - is standard output.")
    ] = None,
    output: Annotated[
        list[str] | None, typer.Option("--output", "-o", metavar="FILE|DIR/", help=OUTPUT_HELP, show_default=False)
    ] = None,
) -> None:
    """Plan a search: which telescope looks where and when, and why."""
    place = None if explain is None else place_of(explain)
    outputs = _outputs(output or [])
    wish = _wish(source, depth, bands)
    begin = time.perf_counter()
    sky = _read(skymap)
    read_s = time.perf_counter() - begin
    request = _request(sky, skymap, sites, start, hours, objective, visits, wish, effort, observed)
    request = request if dust is None else replace(request, dust=_dust(dust))
    request = request if forecast is None else _under(request, forecast)
    from coordinator.planning.make import plan as make_plan
    from coordinator.planning.stopwatch import Stopwatch

    galaxies, watch = _galaxies(catalogue, sky), Stopwatch(time.perf_counter, time.process_time)
    made = make_plan(request, {sky.facts.sha256: sky}, galaxies, watch)
    made = replace(made, timing={"read_s": round(read_s, 4)} | made.timing)
    if outputs:
        _write(outputs, made, request, sky)
    _tell(made, request, sky, json_file, place)


def place_of(text: str) -> tuple[float, float]:
    """Read RA,DEC in degrees."""
    try:
        ra_deg, dec_deg = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Refused(
            f"{text!r} is no place", where="--explain", mend="give RA,DEC in degrees: 197.45,-23.38"
        ) from error
    if not (-360.0 <= ra_deg <= 360.0 and -90.0 <= dec_deg <= 90.0):
        raise Refused(f"{text!r} is not on the sky", where="--explain", mend="give RA 0 to 360 and Dec -90 to 90")
    return ra_deg % 360.0, dec_deg


def start_of(text: str, t0: datetime | None, where: str) -> datetime:
    """Read when the window begins; an instant without a zone is UTC.

    Raises
    ------
    Refused
        It is no instant, or one of which nobody knows where the Sun and the Moon stood.
    """
    if text == "now":
        return datetime.now(UTC)
    if text == "event":
        if t0 is None:
            raise Refused(
                "the map does not say when the event was", where=where, mend="give --start now or --start ISO"
            )
        return _known_year(t0, where)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            f"{text!r} is no instant", where="--start", mend="give event, now, or ISO such as 2026-11-24T03:00:00Z"
        ) from error
    instant = _known_year(instant, "--start")
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _known_year(instant: datetime, where: str) -> datetime:
    from telescopes.description.ephemeris import FIRST_YEAR, LAST_YEAR

    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise Refused(
            f"a window cannot begin in the year {instant.year}",
            where=where,
            mend=f"give --start in the years {FIRST_YEAR} to {LAST_YEAR}, for which Sun and Moon are known",
        )
    return instant


def _read(skymap: Path) -> "SkyMap":
    from coordinator.sky.read import read_skymap

    try:
        data = skymap.read_bytes()
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(skymap), mend="give a readable file") from error
    return read_skymap(data, str(skymap))


def _request(
    sky: "SkyMap",
    skymap: Path,
    sites: Path | None,
    start: str,
    hours: float,
    objective: Objective,
    visits: str,
    wish: "Wish",
    effort: Effort,
    observed: Path | None,
) -> "PlanRequest":
    from coordinator.cli.plan_input import observed_in
    from coordinator.cli.plan_wishes import visits_of
    from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
    from telescopes.description.site_file import default_sites_folder, read_sites

    telescopes = read_sites(sites or default_sites_folder())
    begin = start_of(start, sky.facts.t0, str(skymap))
    key = sky.facts.object_id or skymap.name.split(".")[0]
    asked = visits_of(visits, wish, telescopes, sky)
    event = EventToPlan(key, 1, sky.facts.sha256, sky.facts.t0, objective=objective, visits=asked)
    known = None if observed is None else observed_in(observed, key, telescopes, begin)
    for note in known.notes if known else ():
        typer.echo(note, err=True)
    return PlanRequest(
        events=(event,),
        telescopes=tuple(TelescopeToPlan(t, begin) for t in telescopes),
        start=begin,
        end=begin + timedelta(hours=hours),
        looks=known.looks if known else (),
        effort=effort,
    )


def _wish(source: str | None, depth: float | None, bands: str | None) -> "Wish":
    from coordinator.cli.plan_wishes import wish_of

    return wish_of(source, depth, bands)


def _dust(file: Path) -> "DustMap":
    from coordinator.catalogues.dust_file import read_dust

    return read_dust(file)


def _under(request: "PlanRequest", forecast: Path) -> "PlanRequest":
    from coordinator.sources.forecast_file import read_forecasts

    return request.under(read_forecasts(forecast, [t.telescope.id for t in request.telescopes]))


def _galaxies(folder: Path | None, sky: "SkyMap") -> "dict[str, Catalogue]":
    """Galaxies for the map, by its sha256."""
    if folder is None:
        return {}
    from coordinator.catalogues.index import GalaxyIndex
    from coordinator.catalogues.region import catalogue_for

    return {sky.facts.sha256: catalogue_for(GalaxyIndex.open(folder), sky)}


def _outputs(names: list[str]) -> "tuple[Output, ...]":
    if not names:
        return ()
    from coordinator.cli.plan_output import outputs_of

    return outputs_of(names)


def _write(outputs: "tuple[Output, ...]", made: "Plan", request: "PlanRequest", sky: "SkyMap") -> None:
    from coordinator.cli.plan_output import write_outputs
    from coordinator.publishing.planned_search import PlannedSearch

    network = [t.telescope for t in request.telescopes]
    write_outputs(PlannedSearch.of(made, made.events[0].key, sky, network, datetime.now(UTC)), outputs)


def _tell(
    made: "Plan", request: "PlanRequest", sky: "SkyMap", json_file: str | None, place: tuple[float, float] | None
) -> None:
    from coordinator.cli.plan_table import show_place, show_plan
    from coordinator.planning.document import plan_document
    from coordinator.planning.place import explain_place

    if json_file is not None:
        write_json(plan_document(made.events[0], made.start, made.end, made.timing), json_file)
    if json_file != "-":
        show_plan(made, sky.facts.warnings)
    if place is not None:
        show_place(place, explain_place(request, made.events[0], sky, *place), to_stderr=json_file == "-")
