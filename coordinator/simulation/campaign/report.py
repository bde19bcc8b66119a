"""The report of a campaign: one HTML file that needs nothing else, and beside it tables and the document."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from coordinator.simulation.campaign.asked import SAME_WORLDS
from coordinator.simulation.campaign.charts import charts, sweep_chart
from coordinator.simulation.campaign.document import Campaign
from coordinator.simulation.campaign.folder import DOCUMENT, REPORT, Commands
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import PlayedEvent
from coordinator.simulation.campaign.stages import STAGES
from coordinator.simulation.campaign.words_of_figures import SHOWN, distance, interval
from telescopes.description.errors import Refused
from telescopes.description.whole_file import write_whole

EVENTS, SUMMARY = "events.csv", "summary.csv"
SHORT = ("probability_covered", "detection_probability", "found", "time_to_first_pointing_s", "time_to_rank1_s")
PLAIN = (int, float, str, bool, type(None))


def write_results(folder: Path, campaign: Campaign, document: Mapping[str, Any], commands: Commands) -> None:
    """Write report, tables and document into a campaign's folder.

    Raises
    ------
    Refused
        The folder cannot be written.
    """
    rows = list(_rows(campaign.played))
    files = {
        DOCUMENT: msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n",
        EVENTS: _table(rows),
        SUMMARY: _table(_summary(document)),
        REPORT: page(campaign, document, commands),
    }
    try:
        for name, text in files.items():
            write_whole(folder / name, text.encode())
    except OSError as error:
        mend = "make room or give -o another folder, and give the same command again: nothing is played twice"
        raise Refused(f"cannot be written ({error.strerror})", where=str(folder), mend=mend) from error


def page(campaign: Campaign, document: Mapping[str, Any], commands: Commands) -> str:
    """Make the report."""
    pages = Environment(
        loader=PackageLoader("coordinator.simulation.campaign"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    points = [{**point, "charts": charts(point)} for point in document["sweep"] or [{"point": 0, "at": {}, **document}]]
    return pages.get_template("report.html").render(
        made=document,
        points=points,
        sweep=sweep_chart(points) if len(points) > 1 else None,
        same_worlds=all(key.startswith(SAME_WORLDS) for point in points for key in point["at"]),
        events=[_listed(one, commands) for one in campaign.played],
        configuration=msgspec.json.format(msgspec.json.encode(campaign.asked.written, enc_hook=str)).decode(),
        command=commands.whole,
        shown=SHOWN,
        short=SHORT,
        stages=STAGES,
        interval=interval,
        distance=distance,
    )


def _listed(one: PlayedEvent, commands: Commands) -> dict[str, Any]:
    """Return an event for the list, with the command that plays its nights again for each policy.

    A night without a telescope is played with the whole campaign only.
    """

    def again(policy: str) -> str:
        return commands.one_night(one.point, one.campaign_seed, one.number, policy, "night")

    nights = [{"policy": o.policy, "outcome": o, "again": again(o.policy)} for o in one.outcomes]
    failed = [
        {
            "policy": f.policy,
            "without": f.without,
            "reason": f.reason,
            "again": again(f.policy) if f.without is None else "",
        }
        for f in one.failures
    ]
    return {"event": one, "nights": nights, "failed": failed}


def _rows(played: Iterable[PlayedEvent]) -> Iterator[dict[str, Any]]:
    """Yield a row for each event and policy, and for each telescope that was left out."""
    for one in played:
        of = {
            "point": one.point,
            "campaign_seed": one.campaign_seed,
            "event": one.number,
            "seed": one.seed,
            "kind": one.kind,
            "retracted": one.retracted,
            "source_in_reach": one.in_reach,
            "distance_mpc": one.distance_mpc,
        }
        for outcome in (*one.outcomes, *one.left_out):
            yield {**of, **_flat(outcome), "failed": ""}
        for failure in one.failures:
            yield {**of, "policy": failure.policy, "without": failure.without, "failed": failure.reason}


def _flat(outcome: Outcome) -> dict[str, Any]:
    row = outcome.row()
    plain = {key: value for key, value in row.items() if isinstance(value, PLAIN) and key != "number"}
    covered = {f"covered_after_{h}_h": p for h, p in outcome.covered_after_h.items()}
    stages = {f"{stage}_s": value for stage, value in outcome.stages_s.items()}
    follow_ups = {f"follow_ups_{key}": value for key, value in msgspec.to_builtins(outcome.follow_ups).items()}
    return {**plain, **covered, **stages, **follow_ups}


def _summary(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each figure of each policy at each point."""
    for point in document["sweep"] or [{"point": 0, "at": {}, **document}]:
        for policy, its in point["policies"].items():
            for key, row in its.items():
                if isinstance(row, dict) and "mean" in row:
                    yield {"point": point["point"], **point["at"], "policy": policy, "measure": key, **row}


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as CSV, empty where a row has no such column or nobody knows."""
    every = list(rows)
    columns = list(dict.fromkeys(key for row in every for key in row))
    out = io.StringIO()
    table = csv.DictWriter(out, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(every)
    return out.getvalue()
