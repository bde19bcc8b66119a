"""`armillary minor-planets`: place known bodies on days once, and ask who is near."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coordinator.cli.output import write_json
from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.catalogues.minor_planets.build import Manifest
    from coordinator.vetting.neighbours import Answer, MinorPlanet
    from telescopes.description.telescope import Site

DAYS = 60


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Where known asteroids and comets are, offline.", no_args_is_help=True)
    group.command("build")(build)
    group.command("show")(show)
    group.command("near")(near)
    app.add_typer(group, name="minor-planets")


def build(
    elements: Annotated[
        list[Path],
        typer.Argument(metavar="ELEMENTS...", help="MPCORB.DAT(.gz), a CSV of Horizons elements, or xephem's."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the positions are kept.")],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day, UTC; default: so that the elements' epoch is amid."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = DAYS,
    note: Annotated[str, typer.Option(help="What else is to be known: version, citation.")] = "",
) -> None:
    """Place known bodies on each of some days; rows that are no orbit are counted and named."""
    from coordinator.catalogues.minor_planets.build import about
    from coordinator.catalogues.minor_planets.build import build as build_positions
    from coordinator.catalogues.minor_planets.elements import Elements
    from coordinator.catalogues.minor_planets.read import read_elements

    read = [read_elements(path) for path in elements]
    every = Elements.joined([one.elements for one in read])
    first = None if start is None else _date(start)
    wanted = about(every, days) if first is None else [first + timedelta(days=i) for i in range(days)]
    made = build_positions(every, output, wanted, note=note)
    _tell(made, output)
    bad = sum(one.bad for one in read)
    if bad:
        print(f"  kept out: {bad} rows that are no orbit")
    for row in [row for one in read for row in one.named]:
        print(f"    {row}")


def show(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Positions of minor planets.")],
    verify: Annotated[bool, typer.Option("--verify", help="Read every file and compare its sha256.")] = False,
) -> None:
    """Say what a folder of positions holds and for which days."""
    from coordinator.catalogues.minor_planets.build import damaged, read_manifest

    manifest = read_manifest(folder)
    wrong = damaged(folder, manifest) if verify else []
    if wrong:
        raise Refused(
            f"not as it was written: {', '.join(wrong)}",
            where=str(folder),
            mend="make the folder of minor planets again",
        )
    _tell(manifest, folder)


def near(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Positions of minor planets.")],
    ra_deg: Annotated[float, typer.Argument(min=0, max=360, help="Right ascension, degrees.")],
    dec_deg: Annotated[float, typer.Argument(min=-90, max=90, help="Declination, degrees.")],
    time: Annotated[str, typer.Argument(metavar="ISO", help="Middle of the exposure, UTC.")],
    site_file: Annotated[
        Path | None, typer.Option("--site", metavar="FILE", help="The telescope's site file; without: Earth's centre.")
    ] = None,
    time_err_s: Annotated[float, typer.Option(min=0, help="One sigma of the time, seconds.")] = 0.0,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the answer as JSON; - is standard output.")
    ] = None,
) -> None:
    """Say which known bodies were near a place at an instant; 25 arcsec and the error of the time."""
    from coordinator.catalogues.minor_planets.possible import Seen
    from coordinator.catalogues.minor_planets.search import MinorPlanets
    from coordinator.vetting.rows import parse_time

    known = MinorPlanets.open(folder)
    seen = Seen(ra_deg, dec_deg, parse_time(time, "ISO"), time_err_s, _site(site_file))
    (answer,) = known.near([seen])
    if json_file is not None:
        write_json(_document(answer), json_file)
    if json_file != "-":
        _say(answer)


def _say(answer: "Answer[MinorPlanet]") -> None:
    print(answer.source)
    if answer.silent_because is not None:
        print(f"  says nothing: {answer.silent_because}")
    elif not answer.found:
        print("  nobody was there")
    for body in answer.found:
        mag = "unknown" if body.mag is None else f"{body.mag:.1f}"
        print(f"  {body.name}: {body.separation_arcsec:.1f} arcsec, {body.rate_arcsec_h:.1f} arcsec/h, {mag} mag")


def _document(answer: "Answer[MinorPlanet]") -> dict[str, Any]:
    import msgspec

    made: dict[str, Any] = msgspec.to_builtins(answer)
    return made


def _tell(manifest: "Manifest", folder: Path) -> None:
    from coordinator.catalogues.minor_planets.observer import when_of

    days = sorted(manifest.days)
    print(f"{folder}: {manifest.bodies} bodies, {days[0]} to {days[-1]}")
    print(f"  elements of {when_of(manifest.epoch_mjd):%Y-%m-%d}")
    old = [day for day in days if manifest.days[day].bodies < manifest.bodies]
    if old:
        fewest = min(manifest.days[day].bodies for day in old)
        print(f"  on {len(old)} days some elements are more than 30 days old; at least {fewest} bodies are placed")
    if manifest.note:
        print(f"  note: {manifest.note}")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is no date", where="--from", mend="give it as 2026-11-29") from error


def _site(path: Path | None) -> "Site | None":
    if path is None:
        return None
    from telescopes.description.site_file import read_site_file

    return read_site_file(path).site
