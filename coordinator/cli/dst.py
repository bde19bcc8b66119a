"""`armillary dst`: small worlds full of faults, by thousands; replay one, and shrink what breaks a law."""

import time
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coordinator.cli.output import write_json
from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.simulation.faults.batch import Batch
    from coordinator.simulation.faults.trouble import FaultWorld
    from coordinator.simulation.faults.verdict import Verdict

Seed = Annotated[int, typer.Option(help="The world's seed.", min=0)]
Keep = Annotated[str | None, typer.Option(help="Numbers of the troubles that happen, as 2,5; left out: all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dst = typer.Typer(help="Deterministic fault tests: small worlds on a virtual clock.", no_args_is_help=True)
    dst.command("run")(run)
    dst.command("replay")(replay)
    dst.command("shrink")(shrink)
    app.add_typer(dst, name="dst")


def run(
    worlds: Annotated[
        int | None, typer.Option(help="How many worlds; left out: 200, or as many as fit.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the first world; the others follow.", min=0)] = 1,
    hours: Annotated[float | None, typer.Option(help="Go on for so many hours instead.", min=0.0)] = None,
    processes: Annotated[int, typer.Option(help="How many processes work.", min=1)] = 2,
    json: Annotated[str | None, typer.Option(help="Write armillary.dst/1 to a file, or - for standard output.")] = None,
) -> None:
    """Play worlds, and say which break a law and how to play them again; exits 1 if any does."""
    from coordinator.simulation.faults.batch import play_batches, quietly

    began_s, done = time.monotonic(), []
    with quietly():
        for batch in play_batches(_seeds(seed, worlds, hours), processes):
            done.append(batch)
            for verdict in batch.broken:
                _tell(verdict, err=json == "-")
    document = _sum(done, seed, time.monotonic() - began_s)
    if json is not None:
        write_json(document, json)
    else:
        typer.echo(
            f"{document['worlds']} worlds from seed {seed}, {document['entries']} entries, {document['frames']} "
            f"exposures: {len(document['broken'])} broke a law; {document['cpu_ms_per_world']:.0f} ms CPU each"
        )
    if document["broken"]:
        raise typer.Exit(1)


def replay(seed: Seed, keep: Keep = None) -> None:
    """Play one world again, and say what happens in it and what is broken; exits 1 if anything is."""
    from coordinator.simulation.faults.batch import quietly
    from coordinator.simulation.faults.verdict import play

    with quietly():
        verdict = play(_world(seed, keep))
    typer.echo(verdict.world.script())
    typer.echo(f"{verdict.entries} entries, {verdict.frames} exposures, state {verdict.state_hash}")
    if verdict.broken:
        _tell(verdict)
        raise typer.Exit(1)
    typer.echo("no law is broken")


def shrink(seed: Seed, keep: Keep = None) -> None:
    """Leave out what a broken law does not need, and print the small script that is left."""
    from coordinator.simulation.faults.batch import quietly
    from coordinator.simulation.faults.shrink import shrunk
    from coordinator.simulation.faults.verdict import play

    world = _world(seed, keep)
    with quietly():
        if not play(world).broken:
            mend = "give the seed of one that does: armillary dst run"
            raise Refused("breaks no law", where=f"world {seed}", mend=mend)
        verdict = play(shrunk(world, lambda smaller: bool(play(smaller).broken)))
    typer.echo(verdict.world.script())
    _tell(verdict)


def _seeds(first: int, worlds: int | None, hours: float | None) -> Iterator[int]:
    """Yield seeds until there are enough, or the time is over."""
    most = worlds if worlds is not None or hours is not None else 200
    until_s = None if hours is None else time.monotonic() + 3600.0 * hours
    for seed in count(first):
        if (most is not None and seed - first >= most) or (until_s is not None and time.monotonic() > until_s):
            return
        yield seed


def _world(seed: int, keep: str | None) -> "FaultWorld":
    from dataclasses import replace

    from coordinator.simulation.faults.draw import drawn

    world = drawn(seed)
    if keep is None:
        return world
    said = [part.strip() for part in keep.split(",") if part.strip()]
    known = {str(n): n for n in range(1, len(world.drawn) + 1)}
    strange = [part for part in said if part not in known]
    if strange:
        raise Refused(
            f"{', '.join(strange)}: no such trouble",
            where=f"world {seed}, --keep",
            mend=f"give numbers from 1 to {len(known)}, with commas between them",
        )
    return replace(world, keep=frozenset(known[part] for part in said))


def _tell(verdict: "Verdict", *, err: bool = False) -> None:
    for sentence in verdict.broken:
        typer.echo(f"world {verdict.world.seed}: {sentence}", err=err)
    typer.echo(f"again: {_command(verdict.world, 'replay')}", err=err)
    if verdict.world.keep is None:
        typer.echo(f"smaller: {_command(verdict.world, 'shrink')}", err=err)


def _command(world: "FaultWorld", verb: str) -> str:
    kept = "" if world.keep is None else ' --keep "' + ",".join(str(n) for n in sorted(world.keep)) + '"'
    return f"armillary dst {verb} --seed {world.seed}{kept}"


def _sum(done: "list[Batch]", seed: int, wall_s: float) -> dict[str, Any]:
    worlds, cpu_s = sum(b.worlds for b in done), sum(b.cpu_s for b in done)
    return {
        "schema": "armillary.dst/1",
        "seed": seed,
        "worlds": worlds,
        "entries": sum(b.entries for b in done),
        "frames": sum(b.frames for b in done),
        "broken": [
            {"seed": v.world.seed, "laws": list(v.broken), "replay": _command(v.world, "replay")}
            for b in done
            for v in b.broken
        ],
        "cpu_s": round(cpu_s, 3),
        "cpu_ms_per_world": round(1000.0 * cpu_s / max(worlds, 1), 1),
        "wall_s": round(wall_s, 3),
    }
