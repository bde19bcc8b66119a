"""Sources, hosts and contaminants of simulated worlds."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from builders.camera import a_seeing_telescope
from builders.worlds import ALL_REAL, BEYOND_MPC, MERGED, TWO, a_binary, an_event_heard

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.kilonova import kilonova_abs_mag
from coordinator.planning.completeness import Completeness
from coordinator.planning.luminosity import B_BAND
from coordinator.simulation.world.afterglows import Jet, drawn_jet, jet_abs_mag
from coordinator.simulation.world.binaries import drawn_binary, read_binaries
from coordinator.simulation.world.contaminants import Surroundings, active_nucleus
from coordinator.simulation.world.counterpart import Injected, Shine
from coordinator.simulation.world.density import WorldDensity, per_deg2
from coordinator.simulation.world.detectors import O4, Network
from coordinator.simulation.world.glow import AS_AT2017GFO, Glow, drawn_glow, glow_abs_mag
from coordinator.simulation.world.heard import hear
from coordinator.simulation.world.hosts import HostLaw, host_b_mag, known_redshift, offset_kpc, unrelated_distance_mpc
from coordinator.simulation.world.make import WHOLE_SKY, Search
from coordinator.simulation.world.of_event import fingerprint, world_of_event
from coordinator.simulation.world.rates import merger_times
from coordinator.simulation.world.remnant import innermost_orbit, leaves_something, remnant_share
from coordinator.simulation.world.sequence import RETRACTED_SHARE, SimulatedEvent, Telling, drawn_event, found_merger
from coordinator.sky.regions import credible_ranges
from telescopes.description.errors import Refused
from telescopes.drivers.world import World

TELESCOPES = (a_seeing_telescope("south", -30.0, "r", 19.0), a_seeing_telescope("north", 40.0, "r", 18.0))


def a_world_of(event: SimulatedEvent, seed: int = 1) -> tuple[World, Injected | None]:
    rng = np.random.default_rng(seed)
    search = Search(event.t0, event.t0 + timedelta(hours=10), 12.0, TELESCOPES, WHOLE_SKY)
    return world_of_event(rng, event, search, WorldDensity.of_transients(rng), seed)


def its_world_and_event() -> str:
    event = an_event_heard(3)
    return fingerprint(a_world_of(event)[0], event)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_event_and_world_in_another_process_too() -> None:
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join(str(root / one) for one in (".", "protos", "tests", "tests/unit"))
    program = "from test_world_sources import its_world_and_event; print(its_world_and_event())"
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": "77"}
    other = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    event = an_event_heard(3)
    assert other.stdout.strip() == fingerprint(a_world_of(event)[0], event)
    assert other.stdout.strip() != fingerprint(a_world_of(event, seed=2)[0], event)


def test_an_events_source_lies_where_it_merged_and_nothing_is_made_brighter() -> None:
    event = an_event_heard(3)
    world, injected = a_world_of(event)
    assert event.binary is not None
    assert injected is not None
    assert (injected.ra_deg, injected.dec_deg) == (event.binary.ra_deg, event.binary.dec_deg)
    assert injected.distance_mpc == event.binary.distance_mpc
    assert injected.brightened_mag == 0.0
    assert [s.id for s in world.sources if s.kind == "kilonova"] == [injected.source_id]


def test_contaminants_of_an_event_have_the_surface_density_that_was_asked_for() -> None:
    event = an_event_heard(3)
    fields = credible_ranges(event.best_map, 0.95)
    law = replace(WorldDensity.of_transients(np.random.default_rng(0), 0.3), asteroids_ecliptic=0, asteroids_pole=0)
    search = Search(event.t0, event.t0, 12.0, TELESCOPES, WHOLE_SKY, fields)
    found: Counter[str] = Counter()
    for seed in range(12):
        world, _ = world_of_event(np.random.default_rng(seed), event, search, replace(law, factor=4.0), seed)
        found.update(s.kind for s in world.sources)
    shallow, deep = (per_deg2(replace(law, factor=4.0), limit, 90.0) for limit in (18.0, 19.0))
    for kind in ("supernova", "cataclysmic variable", "artefact"):
        mean = found[kind] / 12 / fields.area_deg2
        error = np.sqrt(found[kind]) / 12 / fields.area_deg2
        assert shallow[kind] - 3 * error < mean < deep[kind] + 3 * error
    assert set(found) == {"kilonova", *deep} - {"asteroid"}


def test_a_false_alarm_has_no_source_and_is_taken_back() -> None:
    event = an_event_heard(5, Telling(retracted=1.0, duty=1.0))
    assert event.binary is None
    assert event.is_retracted
    world, injected = a_world_of(event)
    assert injected is None
    assert not any(s.kind == "kilonova" for s in world.sources)
    assert event.revisions[-1].sky is None
    assert event.best_map.probability.sum() == pytest.approx(1.0)


def test_words_about_an_event_come_in_order_and_the_update_is_surest() -> None:
    event = an_event_heard(6)
    stages, times = [r.stage for r in event.revisions], [r.issued for r in event.revisions]
    assert stages[-2:] == ["preliminary", "update"]
    assert times == sorted(times)
    assert times[-2] > event.t0
    assert all(r.sky is not None and r.sky.facts.t0 == event.t0 for r in event.revisions)


ALONE = replace(ALL_REAL, alone=True)


def test_what_one_detector_alone_hears_may_be_anywhere_that_it_hears_well() -> None:
    event = an_event_heard(3, ALONE, Network.of(L1=160.0))
    assert event.instruments == ("L1",)
    assert [r.stage for r in event.revisions] == ["preliminary", "update"], "nobody dares to warn of it"
    area_deg2 = credible_ranges(event.best_map, 0.9).area_deg2
    assert area_deg2 == pytest.approx(24_219.0, rel=5e-3), "as 13 of the 249 maps of O4 have it"
    assert event.binary is not None and event.best_map.facts.distance_mpc is not None
    _, injected = a_world_of(event)
    assert injected is not None and (injected.ra_deg, injected.dec_deg) == (event.binary.ra_deg, event.binary.dec_deg)


def test_one_detector_alone_is_believed_where_that_is_asked_for_and_loud_enough() -> None:
    with pytest.raises(Refused, match="draw nearer mergers"):
        an_event_heard(3, ALL_REAL, Network.of(L1=160.0))
    quiet = [hear(np.random.default_rng(n), Network.of(L1=160.0), a_binary(distance_mpc=300.0)) for n in range(20)]
    assert all(one.snr[0] < 12.0 for one in quiet) and not any(one.is_found for one in quiet)


def test_events_that_two_detectors_hear_are_the_same_whether_or_not_one_is_believed() -> None:
    half = replace(ALL_REAL, duty=0.6)
    draw = partial(drawn_binary, within_mpc=60.0, merged=MERGED)
    same = 0
    for seed in range(40):
        before, now = (
            found_merger(np.random.default_rng(seed), TWO, draw, replace(half, alone=alone)) for alone in (False, True)
        )
        if len(now[1].network.names) == 2:
            same += 1
            assert now[0] == before[0] and (now[1].snr == before[1].snr).all()
    assert 5 < same < 40


@pytest.mark.slow
def test_one_detector_alone_hears_as_many_of_the_events_as_in_the_table_of_o4() -> None:
    rng, telling = np.random.default_rng(3), Telling(alone=True)
    draw = partial(drawn_binary, within_mpc=BEYOND_MPC, merged=MERGED)
    alone = sum(len(found_merger(rng, O4, draw, telling)[1].network.names) == 1 for _ in range(800))
    assert alone / 800 == pytest.approx(13 / 249, abs=0.02)


def test_nobody_waits_for_ever_for_a_merger_that_is_heard() -> None:
    with pytest.raises(Refused, match="draw nearer mergers"):
        drawn_event(np.random.default_rng(1), "S1", TWO, lambda _: a_binary(distance_mpc=1e5), ALL_REAL)


def test_mergers_come_at_their_rate() -> None:
    rng = np.random.default_rng(9)
    n = [len(merger_times(rng, MERGED, 365.25, 300.0, 100.0)) for _ in range(200)]
    assert np.mean(n) == pytest.approx(100.0 * 4 / 3 * np.pi * 0.027, rel=0.06)


def test_a_usual_kilonova_is_at2017gfo() -> None:
    days = np.geomspace(0.1, 8.0, 20)
    for band in ("g", "r", "K"):
        assert np.allclose(glow_abs_mag(AS_AT2017GFO, band, days), kilonova_abs_mag(band, days))
    assert glow_abs_mag(AS_AT2017GFO, "r", -1.0) == np.inf


def test_more_mass_is_brighter_later_and_the_side_is_redder() -> None:
    heavy, side = Glow(mass=4.0), Glow(seen_deg=90.0)
    assert glow_abs_mag(heavy, "r", 3.0) < glow_abs_mag(AS_AT2017GFO, "r", 3.0) - 1.0
    dimmer = {band: float(glow_abs_mag(side, band, 1.0) - glow_abs_mag(AS_AT2017GFO, band, 1.0)) for band in "gizJ"}
    assert dimmer["g"] == pytest.approx(1.0)
    assert dimmer["g"] > dimmer["i"] > dimmer["z"] > dimmer["J"] == 0.0
    assert np.std([float(glow_abs_mag(drawn_glow(np.random.default_rng(n), 30.0), "r", 1.0)) for n in range(400)]) > 0.2


def test_a_jet_breaks_and_is_seen_only_from_inside() -> None:
    jet = Jet(10.0, 1.0, 0.0)
    early, late = (float(np.diff(jet_abs_mag(jet, "r", np.array(d)))[0]) for d in ([0.01, 0.02], [50.0, 100.0]))
    assert early == pytest.approx(2.5 * 1.1 * np.log10(2), abs=0.01)
    assert late == pytest.approx(2.5 * 2.2 * np.log10(2), abs=0.01)
    hours = np.array([6.0, 24.0])
    bare, outside, inside = (
        Shine(100.0, 0.0, glow=Glow(seen_deg=seen), jet=its).mags("r", hours)
        for seen, its in ((5.0, None), (5.0, replace(jet, half_width_deg=2.0)), (5.0, jet))
    )
    assert np.array_equal(bare, outside)
    assert (inside < bare).all()
    widths = [drawn_jet(np.random.default_rng(n)).half_width_deg for n in range(300)]
    assert 5.0 <= min(widths) <= max(widths) <= 20.0


def test_unrelated_hosts_have_the_median_of_real_ones() -> None:
    rng = np.random.default_rng(11)
    drawn = [unrelated_distance_mpc(rng, 500.0) for _ in range(4000)]
    assert np.median(drawn) == pytest.approx(540.0, rel=0.04)


def test_hosts_are_known_as_often_as_catalogues_know_starlight() -> None:
    rng, everything = np.random.default_rng(12), HostLaw(17.0, 17.0, 1.0)
    complete = Completeness.to_limit(B_BAND, 17.0)
    for distance in (60.0, 150.0, 300.0):
        known = np.mean([known_redshift(rng, distance, 0.0, everything)[0] is not None for _ in range(2000)])
        assert known == pytest.approx(float(complete.at(distance)), abs=0.035)


def test_what_is_known_of_a_host_scatters_as_its_error_says() -> None:
    rng = np.random.default_rng(13)
    found = [known_redshift(rng, 200.0, 0.0, HostLaw(0.0, 40.0)) for _ in range(1000)]
    off = np.array([(z - float(redshift_at(200.0))) / err for z, err in found if z is not None and err is not None])
    assert off.std() == pytest.approx(1.0, abs=0.1)
    assert known_redshift(rng, 200.0, 0.0, None) == (None, None)
    assert np.median([offset_kpc(rng) for _ in range(1000)]) == pytest.approx(6.0, rel=0.1)
    assert host_b_mag(rng, 400.0) > host_b_mag(np.random.default_rng(13), 4.0)


def test_a_nucleus_wanders_little_in_a_day() -> None:
    around = Surroundings(0.0, 240.0, 20.0, 500.0, 0.7)
    steps = []
    for n in range(40):
        source = active_nucleus(np.random.default_rng(n), "a", 10.0, 10.0, around)
        mags = np.array([m for _, m in source.light_curve["r"]])
        steps.append(np.abs(np.diff(mags[::4])).mean())
        assert source.host_separation_arcsec is not None
        assert source.host_separation_arcsec < 2.0
    assert np.mean(steps) < 0.05


def test_a_black_hole_leaves_matter_if_it_is_light_or_spins() -> None:
    assert innermost_orbit(0.0) == pytest.approx(6.0)
    assert innermost_orbit(0.9) == pytest.approx(2.32, abs=0.01)
    assert innermost_orbit(-0.9) == pytest.approx(8.717, abs=0.01)
    assert remnant_share(10.0, 1.4, 0.0) == 0.0
    assert remnant_share(5.0, 1.4, 0.9) > remnant_share(5.0, 1.4, 0.5) > 0.0
    assert leaves_something(a_binary())
    assert not leaves_something(a_binary(mass1_detector_msun=20.0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no merger"),
        ("ra_rad,dec_rad\n1,2\n", ":2: not a merger"),
        (
            "ra_rad,dec_rad,inclination_rad,distance_mpc,mass1_detector_msun,mass2_detector_msun,spin1z,gps_time_s\n"
            "1,1,1,-5,1.4,1.4,0,1e9\n",
            "not positive",
        ),
        (
            "ra_rad,dec_rad,inclination_rad,distance_mpc,mass1_detector_msun,mass2_detector_msun,spin1z,gps_time_s\n"
            "1,1,1,5,1.4,nan,0,1e9\n",
            "not positive",
        ),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "bad.csv"
    table.write_text(text)
    with pytest.raises(Refused, match=said):
        read_binaries(table)


def test_as_many_events_are_taken_back_as_in_o3() -> None:
    assert pytest.approx(0.30) == RETRACTED_SHARE
