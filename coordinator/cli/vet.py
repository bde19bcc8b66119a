"""`armillary vet`: weigh a table of detections against a sky map, offline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.cli.vet_catalogues import Known
    from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
    from coordinator.vetting.prior import Prior
    from coordinator.vetting.rows import TableRead

SHOWN = 20
REGION = 0.9
"""What a table was searched in, as far as anybody knows: the region of this level."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("vet")(vet)


def vet(
    candidates: Annotated[Path, typer.Argument(help="Table of detections: CSV, ECSV or JSON lines.")],
    skymap: Annotated[Path, typer.Option("--skymap", metavar="FILE", help="The event's sky map (FITS).")],
    t0: Annotated[str | None, typer.Option("--t0", metavar="ISO", help="Event time, UTC; default: the map's.")] = None,
    prior: Annotated[
        float, typer.Option("--prior", metavar="Q", help="Chance that the counterpart is in the list.", min=0, max=1)
    ] = 0.5,
    density: Annotated[
        float | None,
        typer.Option("--density", metavar="PER_DEG2", help="Unrelated candidates; default: from the list.", min=1e-6),
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="NAME=COLUMN,…", help="Which column is which: id=name,mjd=day")
    ] = None,
    catalogues: Annotated[
        list[Path] | None,
        typer.Option(
            "--catalogue", metavar="FILE", help="A folder of `armillary catalogues build`, or a table of galaxies."
        ),
    ] = None,
    minor_planets: Annotated[
        Path | None,
        typer.Option("--minor-planets", metavar="FOLDER", help="Known bodies, of `armillary minor-planets build`."),
    ] = None,
    dust: Annotated[
        Path | None, typer.Option("--dust", metavar="FILE", help="Dust of the Galaxy: HEALPix FITS of E(B-V).")
    ] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", help="Site files of the telescopes that the table names.")
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write armillary.vetting/1 there; - for stdout.")
    ] = None,
) -> None:
    """Vet a table of detections offline: a probability for each candidate, with reasons, and one for none of them."""
    from coordinator.cli.output import write_json
    from coordinator.cli.tables import read_table_file
    from coordinator.cli.vet_catalogues import Known
    from coordinator.vetting.document import document
    from coordinator.vetting.rows import read_rows

    table = read_rows(read_table_file(candidates), _mapping(columns), str(candidates))
    known = Known(catalogues or (), minor_planets, dust, sites)
    scored, belief, noticed = _weigh(table, skymap, t0, prior, density, known)
    err = Console(stderr=True, highlight=False)
    for note in [*(f"{candidates}: {note}" for note in table.notes), *noticed]:
        err.print(escape(note), soft_wrap=True)
    if all(c.passed is None for one in scored.candidates for c in one.checks if c.name == "time"):
        err.print(f"{escape(str(skymap))}: time says nothing: give --t0 if the map has none, and detections their time")
    if json_file is not None:
        write_json(document(scored, belief), json_file)
    if json_file != "-":
        _show(scored, belief)


def _weigh(
    table: "TableRead", skymap: Path, t0: str | None, q: float, density: float | None, known: "Known"
) -> "tuple[CandidatesScored, Prior, list[str]]":
    from coordinator.alerts.alert import Localization
    from coordinator.cli.vet_catalogues import surroundings_of
    from coordinator.events.event import Event
    from coordinator.sky.read import read_skymap
    from coordinator.sky.regions import credible_areas
    from coordinator.vetting.association import associate
    from coordinator.vetting.candidate import named
    from coordinator.vetting.case import Atlas
    from coordinator.vetting.combine import assess, cases_of, weigh
    from coordinator.vetting.population import counts
    from coordinator.vetting.prior import prior_of
    from coordinator.vetting.rows import parse_time

    atlas = Atlas.of(read_skymap(_bytes(skymap)))
    its_t0 = parse_time(t0, "--t0") if t0 is not None else atlas.sky.facts.t0
    found = list(associate(table.sightings)) if table.by_id is None else named(table.by_id)
    event = Event("vet", "vet", 1, False, None, None, None, None, its_t0, None, Localization("multiorder"))
    around, noticed = surroundings_of(known, found)
    assessed = [assess(case) for case in cases_of(found, atlas, event, around=around)]
    inside = [one for one in assessed if one.credible_level is not None and one.credible_level <= REGION]
    belief = prior_of(
        q=q,
        density_deg2=density,
        found=sum(map(counts, inside)),
        searched_deg2=credible_areas(atlas.sky, (REGION,))[0],
    )
    return weigh(assessed, belief, event), belief, noticed


def _mapping(columns: str | None) -> dict[str, str]:
    """Read ``id=name,time=discovery_date``."""
    pairs: dict[str, str] = {}
    for part in (columns or "").split(","):
        if not part.strip():
            continue
        known, equals, own = part.partition("=")
        if not equals or not own.strip():
            raise Refused(f"{part!r} says nothing", where="--columns", mend="write NAME=COLUMN, with commas between")
        pairs[known.strip()] = own.strip()
    return pairs


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(path), mend="give a sky map in FITS") from error


def _show(scored: "CandidatesScored", belief: "Prior") -> None:
    """Print the best as a table, and the reasons."""
    out = Console(highlight=False)
    table = Table(caption=f"none of these: {scored.p_none:.3f}; {escape(belief.because)}", caption_justify="left")
    for name in ("candidate", "probability", "verdict", "credible level", "because"):
        table.add_column(name)
    for one in scored.candidates[:SHOWN]:
        level = "unknown" if one.credible_level is None else f"{one.credible_level:.3f}"
        table.add_row(escape(one.id), f"{one.probability:.3f}", one.verdict, level, escape(_reasons(one)))
    out.print(table)
    if len(scored.candidates) > SHOWN:
        out.print(f"and {len(scored.candidates) - SHOWN} more; --json writes all of them")


def _reasons(candidate: "ScoredCandidate") -> str:
    """Return what weighs, heaviest first."""
    heavy = sorted((c for c in candidate.checks if c.log_bayes), key=lambda c: -abs(c.log_bayes))
    return ", ".join(f"{c.name} {c.log_bayes:+.1f}" for c in heavy)
