"""Minor planets against JPL Horizons, OpenOrb, TROVE's list and a night of ZTF."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from coordinator.alerts.mjd import utc_of_jd
from coordinator.catalogues.minor_planets.build import build
from coordinator.catalogues.minor_planets.daily import day_of
from coordinator.catalogues.minor_planets.designations import is_same
from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.minor_planets.observer import mjd_tt, observer_au, observers_au, when_of
from coordinator.catalogues.minor_planets.orbits import OBLIQUITY_RAD, Orbits, radec_deg
from coordinator.catalogues.minor_planets.possible import Seen
from coordinator.catalogues.minor_planets.read import read_elements
from coordinator.catalogues.minor_planets.search import MinorPlanets
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import minor_planet
from coordinator.vetting.kinds import kinds_of
from coordinator.vetting.neighbours import Answer, MinorPlanet, Neighbours
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.survey_minor_planets import minor_planets_of
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.telescope import Site

pytestmark = pytest.mark.realdata

GEMINI_SOUTH = Site(-30.24074, -70.73669, 2722.0)
PALOMAR = Site(33.35731, -116.85981, 1696.0)
SITES = {"500": None, "I41": PALOMAR}
EPOCH_MJD = 58000.0


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "minor_planets"


@pytest.fixture(scope="module")
def horizons(folder: Path) -> Elements:
    return read_elements(folder / "horizons_elements.csv").elements


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def arcsec_between(ra: np.ndarray, dec: np.ndarray, other_ra: np.ndarray, other_dec: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(unit_vectors(ra, dec) - unit_vectors(other_ra, other_dec), axis=-1) / ARCSEC)


@pytest.fixture(scope="module")
def misses(folder: Path, horizons: Elements) -> dict[str, list[float]]:
    """How far each body is from where Horizons sees it within 30 d of its elements."""
    found: dict[str, list[float]] = {name: [] for name in horizons.names}
    which = {name: i for i, name in enumerate(horizons.names)}
    by_time: dict[tuple[str, float], list[dict[str, str]]] = {}
    for row in rows_of(folder / "horizons_ephemeris.csv"):
        by_time.setdefault((row["observatory_code"], float(row["mjd_utc"])), []).append(row)
    for (code, utc), rows in by_time.items():
        assert abs(utc - EPOCH_MJD) <= 30
        some = horizons[np.array([which[row["targetname"]] for row in rows])]
        seen, _ = Orbits.of(some).seen_from(observer_au(SITES[code], utc), mjd_tt(utc))
        there = (np.array([float(row[name]) for row in rows]) for name in ("RA", "DEC"))
        for row, miss in zip(rows, arcsec_between(*radec_deg(seen), *there), strict=True):
            found[row["targetname"]].append(float(miss))
    return found


def test_bound_bodies_are_within_an_arcsecond_of_horizons(misses: dict[str, list[float]], horizons: Elements) -> None:
    bound = [name for name, e in zip(horizons.names, horizons.records["e"], strict=True) if e < 1]
    assert len(bound) == 26 and all(len(misses[name]) == 40 for name in bound)
    assert max(max(misses[name]) for name in bound) <= 1.0


def test_the_hyperbolic_one_is_found_too(misses: dict[str, list[float]]) -> None:
    """Its push by its own gas is no part of two bodies: it is right at the epoch alone."""
    (of_it,) = (every for name, every in misses.items() if name.startswith("1I/"))
    assert len(of_it) == 40 and np.isfinite(of_it).all()
    assert min(of_it) < 0.1


def test_elements_become_the_state_vectors_of_horizons(folder: Path, horizons: Elements) -> None:
    place, velocity = Orbits.of(horizons).heliocentric(horizons.records["epoch_mjd"])
    cos, sin = np.cos(OBLIQUITY_RAD), np.sin(OBLIQUITY_RAD)
    to_ecliptic = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]]).T
    states = {row["orbit_id"]: row for row in rows_of(folder / "horizons_orbits_mjd58000.csv")[1:]}
    assert len(set(states) & set(horizons.names)) == 26
    for name, at, moves in zip(horizons.names, place @ to_ecliptic, velocity @ to_ecliptic, strict=True):
        if name not in states:
            assert name.startswith("1I/")
            continue
        assert at == pytest.approx([float(states[name][axis]) for axis in ("x", "y", "z")], abs=1e-9)
        assert moves == pytest.approx([float(states[name][axis]) for axis in ("vx", "vy", "vz")], abs=1e-11)


def elements_of_state(name: str, state: np.ndarray, epoch_mjd: float) -> Elements:
    """Osculating elements of an ecliptic state vector, au and au/d (ellipses)."""
    from coordinator.catalogues.minor_planets.kepler import MU

    r, v = state[:3], state[3:]
    h, rn = np.cross(r, v), np.linalg.norm(r)
    towards = np.cross(v, h) / MU - r / rn
    e, a = np.linalg.norm(towards), 1 / (2 / rn - v @ v / MU)
    node = np.arctan2(h[0], -h[1])
    along = np.array([np.cos(node), np.sin(node), 0])
    peri = np.arctan2(towards @ np.cross(h / np.linalg.norm(h), along), towards @ along)
    anomaly = np.arctan2(r @ v / np.sqrt(MU * a), 1 - rn / a)
    return Elements.of(
        [name],
        epoch_mjd=epoch_mjd,
        q_au=a * (1 - e),
        e=float(e),
        incl_deg=np.degrees(np.arccos(h[2] / np.linalg.norm(h))),
        node_deg=np.degrees(node),
        peri_deg=np.degrees(peri),
        tp_mjd=epoch_mjd - (anomaly - e * np.sin(anomaly)) * np.sqrt(a**3 / MU),
        h_mag=np.nan,
        slope=np.nan,
    )


@pytest.fixture(scope="module")
def oorb(folder: Path) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, Elements]]:
    """Of each body: times (UTC), place of OpenOrb, distance, and its elements."""
    rows = rows_of(folder / "oorb_ephemeris_I11.csv")
    lines = (line.split() for line in (folder / "state_vectors_59580.orb").read_text().splitlines())
    bodies = [
        elements_of_state(line[0], np.array(line[1:7], float), float(line[7])) for line in lines if line[0].isdigit()
    ]
    found = []
    for body in bodies:
        its = [row for row in rows if row["designation"] == body.names[0]]
        columns = [np.array([float(row[name]) for row in its]) for name in ("mjd_utc", "ra_deg", "dec_deg", "delta_au")]
        found.append((columns[0], np.stack(columns[1:3]), columns[3], body))
    return found


def test_openorb_is_met_from_the_site_and_missed_without_it(
    oorb: list[tuple[np.ndarray, np.ndarray, np.ndarray, Elements]],
) -> None:
    for utc, place, delta, body in oorb:
        orbits = Orbits.of(body[np.zeros(utc.size, np.int64)])
        tt = utc + mjd_tt(float(utc[0])) - utc[0]
        seen, _ = orbits.seen_from(observers_au([GEMINI_SOUTH] * utc.size, utc), tt)
        assert utc.size == 30
        assert arcsec_between(*radec_deg(seen), *place).max() <= 0.05
        assert np.linalg.norm(seen, axis=1) == pytest.approx(delta, abs=1e-6)
        from_centre, _ = orbits.seen_from(observers_au([None] * utc.size, utc), tt)
        assert 1.5 < arcsec_between(*radec_deg(from_centre), *place).max() < 4.5


def test_bodies_of_horizons_are_found_where_horizons_sees_them(
    folder: Path, horizons: Elements, tmp_path: Path
) -> None:
    rows = [
        row
        for row in rows_of(folder / "horizons_ephemeris.csv")
        if row["observatory_code"] == "I41" and not row["targetname"].startswith("1I/")
        if abs(float(row["mjd_utc"]) - EPOCH_MJD) < 29.9
    ]
    build(horizons, tmp_path / "mp", [day_of(float(row["mjd_utc"])) for row in rows])
    known = MinorPlanets.open(tmp_path / "mp")
    seen = [Seen(float(r["RA"]), float(r["DEC"]), when_of(float(r["mjd_utc"])), site=PALOMAR) for r in rows]
    answers = known.near(seen)
    assert len(rows) == 26 * 19
    for row, answer in zip(rows, answers, strict=True):
        assert answer.silent_because is None
        assert answer.found[0].name == row["targetname"][:32] and answer.found[0].separation_arcsec <= 1.0
    elsewhere = known.near([Seen(one.ra_deg, -one.dec_deg - 20, one.time) for one in seen[:100] if one.dec_deg < 60])
    assert not any(answer.found for answer in elsewhere)
    (stale,) = known.near([Seen(seen[0].ra_deg, seen[0].dec_deg, when_of(EPOCH_MJD + 31))])
    assert stale.silent_because == "elements are of 2017-09-04, 31 d from then: more than 30" and not stale.found


def test_trove_found_the_same_bodies_and_the_check_takes_them_for_asteroids(folder: Path) -> None:
    """Their elements are not at hand: names, distances and the check are tried on what TROVE's propagator found."""
    expected = json.loads((folder / "trove_matches_expected.json").read_text())
    apart = []
    for one in expected:
        there, body = one["transient_coord"], one["match_coord"]
        apart.append(float(arcsec_between(there["ra"], there["dec"], body["ra"], body["dec"])))
        assert apart[-1] == pytest.approx(one["distance"], abs=0.01)
        assert is_same(one["match_name"], one["original_match"]) is one["same_match"]
    assert sum(is_same(one["match_name"], one["original_match"]) for one in expected) == 43
    assert (len(apart), round(median(apart)), max(apart) < 92.5) == (45, 17, True)
    found = [finding_of(Answer("TROVE", (MinorPlanet("x", a),))) for a in apart]
    assert [f.log_bayes == minor_planet.KNOWN for f in found] == [a <= 25 for a in apart]


def finding_of(answer: Answer[MinorPlanet] | None, **of_sighting: float) -> minor_planet.Finding:
    near = Neighbours() if answer is None else Neighbours(minor_planets=(answer,))
    return minor_planet.evaluate(Case(candidate_of([Sighting("a", 10, 10, **of_sighting)]), None, None, near=near))


def test_of_a_night_of_ztf_the_known_asteroids_are_flagged_and_nothing_else(shared_data: Path) -> None:
    rows = rows_of(shared_data / "candidates" / "ztf_alerts_20240115.csv")
    flagged = []
    for row in rows:
        finding = finding_of(minor_planets_of(row), mag_ab=float(row["magpsf"]))
        if finding.passed is False:
            flagged.append(row)
            assert finding.log_bayes == -8.0
            assert finding.as_of == utc_of_jd(float(row["jd"]))
            kinds = kinds_of(0.0, [finding.leans] if finding.leans else [])
            assert max(kinds, key=lambda kind: kinds[kind]) == "asteroid"
        else:
            assert finding.log_bayes == 0.0
    known = [row for row in rows if 0 <= float(row["ssdistnr"]) < 10]
    assert (len(rows), len(flagged)) == (398, 93)
    assert flagged == known and all(row["fink_roid"] == "3" for row in flagged)
    assert sum(row["fink_roid"] == "3" for row in rows) == 96


def test_xephem_and_mpcorb_agree_on_the_bodies_that_both_have(folder: Path) -> None:
    """The two epochs are four years apart, which moves the elements, but not the orbits' planes."""
    ours, theirs = (read_elements(folder / name).elements for name in ("mpcorb_2.dat", "xephem_10.csv"))
    assert (len(ours), len(theirs)) == (2, 10)
    assert theirs.records["incl_deg"][:2] == pytest.approx(ours.records["incl_deg"], abs=0.1)
    assert theirs.records["q_au"][:2] == pytest.approx(ours.records["q_au"], abs=0.02)
    assert when_of(float(theirs.records["epoch_mjd"][0])) - when_of(59600.0) < timedelta(seconds=1)
