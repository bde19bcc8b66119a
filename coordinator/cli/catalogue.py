"""`armillary catalogue`: make an index of galaxies once, and say what is in one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coordinator.cli.output import write_json
from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.catalogues.manifest import Manifest


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Galaxies for telescopes whose fields are too narrow to tile.", no_args_is_help=True)
    group.command("build")(build)
    group.command("show")(show)
    app.add_typer(group, name="catalogue")


def build(
    tables: Annotated[
        list[Path],
        typer.Argument(metavar="TABLE...", help="Galaxies as text (CSV, ECSV, GLADE+.txt), FITS or Parquet."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the index is made.")],
    completeness: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="B<17.5, K<13.5, or pairs of Mpc:share; default: measured where it can be."),
    ] = None,
    note: Annotated[str, typer.Option(help="What else is to be known of it: version, citation.")] = "",
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the manifest as JSON; - is standard output.")
    ] = None,
) -> None:
    """Make an index of galaxies from published tables; what is kept out is counted and named."""
    from coordinator.catalogues.build import build as build_index
    from coordinator.catalogues.manifest import completeness_of

    known = None if completeness is None else completeness_of(completeness)
    made = build_index(tables, output, completeness=known, note=note)
    _tell(made, output, json_file)


def show(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="An index of galaxies.")],
    verify: Annotated[bool, typer.Option("--verify", help="Read every column and compare its sha256.")] = False,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the manifest as JSON; - is standard output.")
    ] = None,
) -> None:
    """Say what an index of galaxies holds, where it came from, and how complete it is."""
    from coordinator.catalogues.index import GalaxyIndex

    index = GalaxyIndex.open(folder)
    damaged = index.damaged() if verify else []
    if damaged:
        raise Refused(
            f"not as it was written: {', '.join(damaged)}", where=str(folder), mend="build the catalogue again"
        )
    _tell(index.manifest, folder, json_file)


def _tell(manifest: "Manifest", folder: Path, json_file: str | None) -> None:
    import msgspec

    if json_file is not None:
        write_json(msgspec.to_builtins(manifest), json_file)
    if json_file == "-":
        return
    print(f"{folder}: {manifest.galaxies} galaxies of {manifest.read} rows")
    for source in manifest.sources:
        print(f"  from {source.file}: {source.rows} rows, sha256 {source.sha256}")
    for line in _lines(manifest):
        print(f"  {line}")


def _lines(manifest: "Manifest") -> list[str]:
    out = (
        (manifest.without_distance, "without a distance"),
        (manifest.quasars, "quasars"),
        (manifest.doubles, "there twice"),
        (manifest.bad, "that cannot be read"),
    )
    lines = [f"kept out: {count} {what}" for count, what in out if count]
    lines += [f"  {row}" for row in manifest.named_bad]
    lines += manifest.unread
    lines += [f"{count} values of {column} say nothing and are unknown" for column, count in manifest.unlikely.items()]
    known = ", ".join(f"{column} {count}" for column, count in manifest.known.items())
    lines.append(f"known: {known}")
    lines.append(_completeness(manifest))
    return [*lines, f"note: {manifest.note}"] if manifest.note else lines


def _completeness(manifest: "Manifest") -> str:
    held = manifest.completeness
    if held is None:
        return "completeness unknown: give --completeness when it is built, or tiles keep the whole map"
    at = ", ".join(f"{100 * held.at(mpc):.0f} % at {mpc} Mpc" for mpc in (50, 100, 200, 300))
    return f"completeness: {at} ({held.kind})"
