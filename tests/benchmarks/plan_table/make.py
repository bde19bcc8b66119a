"""Make the rows of the table, map by map; a row that is there already is kept."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from coordinator.planning.request import Effort
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.site_file import read_sites

from .choices import ROOT, Choices
from .instances import Instance, instances, network_of, request_for
from .judging import Judge, judge_from_environment
from .measure import measured
from .peer_rows import PeerTable
from .results import Results, key_of, version_of
from .row import OURS, Row


def make(asked: Choices) -> list[Row]:
    """Return the rows that were asked for, in the order of maps, networks, strategies and objectives."""
    judge = judge_from_environment(asked.sites)
    version = version_of(ROOT, asked.sites, *([] if judge is None else [judge.script]))
    results = Results.at(asked.results)
    peers = PeerTable.found(judge, asked.sites) if asked.peers else None
    rows: list[Row] = []
    for skymap in asked.maps:
        sky = read_skymap(skymap.read_bytes(), skymap.name)
        for instance in _asked_of(sky, skymap, asked):
            key = key_of(version, OURS, instance, asked.effort)
            if key not in results.rows:
                results.keep(key, _row(instance, sky, skymap, asked, judge))
                _say(results.rows[key])
            rows.append(results.rows[key])
        if peers is not None:
            rows += peers.rows(sky, skymap, results, version)
    return rows


def _asked_of(sky: SkyMap, skymap: Path, asked: Choices) -> Iterator[Instance]:
    has_distance = sky.facts.distance_mpc is not None
    strategies = [s for s in ("tiles", "auto") if s in asked.strategies]
    for instance in instances(skymap.name, has_distance, asked.telescopes, strategies):
        if instance.objective in asked.objectives:
            yield instance


def _row(instance: Instance, sky: SkyMap, skymap: Path, asked: Choices, judge: Judge | None) -> Row:
    telescopes = network_of(read_sites(asked.sites), instance.telescopes, instance.strategy)
    effort: Effort = "best" if asked.effort == "best" else "fast"
    request = request_for(sky, skymap.name, telescopes, instance.objective, effort)
    row, plan = measured(instance, request, sky)
    return row if judge is None else replace(row, judged=judge.judge(plan, skymap))


def _say(row: Row) -> None:
    i = row.instance
    print(f"{i.sky} {i.telescopes} {i.strategy} {i.objective}: {row.cpu_s:.2f} s", file=sys.stderr, flush=True)
