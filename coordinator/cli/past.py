"""`armillary past`: what the network would have covered of an event of the past, when and by whom."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from telescopes.description.errors import Refused

MOST_HOURS = 72.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("past")(past)


def past(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="GW170817, S190425z or S190814bv.")],
    hours: Annotated[float, typer.Option("--hours", metavar="H", help="How long after the event it is searched.")] = 24,
    sites: Annotated[Path | None, typer.Option("--sites", metavar="DIR|FILE", help="The network.")] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", envvar="ARMILLARY_DATA", help="Holds skymaps/ and alerts/."),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write armillary.past/1 there; - for stdout.")
    ] = None,
) -> None:
    """Play an event of the past again: its real words at their time, today's network, clear skies."""
    from coordinator.cli.output import write_json
    from coordinator.settings import default_rules
    from coordinator.simulation.faults.batch import quietly
    from coordinator.simulation.night import run_night
    from coordinator.simulation.past.events import past_event
    from coordinator.simulation.past.replay import past_night
    from coordinator.simulation.past.told import past_document
    from telescopes.description.site_file import default_sites_folder, read_sites

    if not 1.0 <= hours <= MOST_HOURS:
        raise Refused(f"{hours:g} cannot be used", where="--hours", mend=f"give 1 to {MOST_HOURS:g}")
    known = past_event(event)
    if data is None:
        raise Refused(
            "no folder of real maps and alerts is named",
            where="past",
            mend="set ARMILLARY_DATA to the folder that holds skymaps/ and alerts/, or give --data",
        )
    told = known.read(data)
    telescopes = read_sites(sites or default_sites_folder())
    with quietly():
        made = past_document(told, telescopes, hours, run_night(past_night(told, telescopes, hours, default_rules())))
    if json_file is not None:
        write_json(made, json_file)
    if json_file != "-":
        _show(made)


def _show(made: dict[str, Any]) -> None:
    out = Console(highlight=False)
    out.print(f"[bold]{made['event']}[/] ({made['also']}), {made['t0']}; {'; '.join(made['assumed'])}", soft_wrap=True)
    for word in made["words"]:
        area = "" if word["area90_deg2"] is None else f", 90 % in {word['area90_deg2']:,.0f} square degrees"
        name = word["file"].rpartition("/")[2]
        out.print(f"+{_hours(word['after_s'])}  {name}{area}", markup=False, soft_wrap=True)
    covered = Table("after", "probability of the last map", "of detection", "square degrees")
    for one in made["covered"]:
        covered.add_row(f"{one['after_h']:g} h", *_figures(one))
    out.print(covered)
    who = Table("telescope", "looks", "first", "probability alone", "of detection", "square degrees")
    for one in sorted(made["telescopes"], key=lambda t: -t["probability"]):
        if one["looks"]:
            first = f"+{_hours(one['first_look_after_s'])}"
            who.add_row(one["id"], str(one["looks"]), first, *_figures(one))
    out.print(who)
    idle = [one["id"] for one in made["telescopes"] if not one["looks"]]
    out.print(f"nothing in reach, or nothing left worth a look: {', '.join(idle) or 'nobody'}", soft_wrap=True)
    _show_source(out, made["source"])
    for law in made["broken"]:
        out.print(f"broken: {law}", markup=False)


def _show_source(out: Console, source: dict[str, Any] | None) -> None:
    if source is None:
        out.print("its source was never found, so nobody knows who would have seen it")
        return
    table = Table("looks at its place", "after", "band", "limit", f"{source['name']} then", "visit")
    for one in source["looks"]:
        limit = "unknown" if one["limit_mag_ab"] is None else f"{one['limit_mag_ab']:.1f}"
        after = f"+{_hours(one['after_s'])}"
        table.add_row(one["telescope"], after, one["filter"], limit, f"{one['source_mag_ab']:.1f}", one["visit"])
    out.print(table)
    if source["detected_after_s"] is None:
        out.print(f"{source['name']} would not have been detected")
    else:
        rank = "no candidate" if source["rank"] is None else f"candidate {source['rank']}"
        out.print(f"{source['name']} detected +{_hours(source['detected_after_s'])} after the event; {rank} in the end")


def _figures(one: dict[str, Any]) -> tuple[str, str, str]:
    return f"{one['probability']:.3f}", f"{one['detection']:.3f}", f"{one['area_deg2']:,.1f}"


def _hours(seconds: float) -> str:
    minutes = round(seconds / 60.0)
    return f"{minutes // 60} h {minutes % 60:02d} min"
