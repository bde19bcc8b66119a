"""`armillary simulate`: many events on a virtual clock, under one policy or several on the same worlds."""

from pathlib import Path
from typing import Annotated

import typer

from telescopes.description.errors import Refused


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    file: Annotated[
        Path | None, typer.Argument(metavar="[CAMPAIGN.toml]", help="What to play; left out: what the options say.")
    ] = None,
    events: Annotated[int | None, typer.Option("--events", metavar="N", help="How many events. [20]")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="The same seed gives the same campaign. [1]")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", metavar="NAME", help="Who plans how; several are compared.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare all policies on the same worlds.")] = False,
    hours: Annotated[
        float | None, typer.Option("--hours", metavar="H", help="Hours that each event is searched. [12]")
    ] = None,
    sites: Annotated[Path | None, typer.Option("--sites", metavar="DIR|FILE", help="The network.")] = None,
    event: Annotated[
        int | None, typer.Option("--event", metavar="N", help="Play the event of this number alone; -o keeps journals.")
    ] = None,
    point: Annotated[int, typer.Option("--point", metavar="P", help="With --event: the point of the sweep.")] = 0,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Processes, by Ray where more than 1.")] = 1,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Keep results there, with a report; go on with what it has."
        ),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write armillary.simulation/1 there; - for stdout.")
    ] = None,
) -> None:
    """Play many events on a virtual clock with the real services, and measure what comes of them."""
    from coordinator.cli.simulate_asked import Options, asked_of
    from coordinator.cli.simulate_campaign import Wanted, play_campaign
    from coordinator.cli.simulate_night import play_nights
    from coordinator.simulation.faults.batch import be_quiet

    options = Options(file, events, seed, tuple(policy or ()), compare, hours, sites, event)
    asked = asked_of(options, workers)
    be_quiet()
    if event is None:
        if point:
            raise Refused("is for one event alone", where="--point", mend="give --event too, or leave it out")
        play_campaign(asked, Wanted(options.commands(), workers, output, json_file))
        return
    if json_file is not None:
        raise Refused("is for a whole campaign", where="--json", mend="leave it out: -o keeps the night's journal")
    play_nights(asked, options.one(asked, point), output)
