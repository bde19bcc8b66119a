"""Places by day: nobody who was there is missed, and what cannot be said is not."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import typer
from builders.minor_planets import EPOCH_MJD, asteroids
from typer.testing import CliRunner

from coordinator.catalogues.minor_planets.build import about, build, read_manifest
from coordinator.catalogues.minor_planets.daily import FAST_CELL
from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.minor_planets.followed import FollowedBodies
from coordinator.catalogues.minor_planets.observer import earth_au, mjd_tt, mjd_utc, observer_au
from coordinator.catalogues.minor_planets.orbits import OBLIQUITY_RAD, Orbits, radec_deg
from coordinator.catalogues.minor_planets.possible import Seen
from coordinator.catalogues.minor_planets.search import MinorPlanets
from coordinator.cli.app import build as commands
from coordinator.services.bodies import bodies_around
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import minor_planet
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import shifted
from telescopes.description.errors import ArmillaryError, Refused
from telescopes.description.telescope import Site

DAY = date(2025, 11, 21)
NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
SITE = Site(-30.0, -70.0, 2000.0)


def passing(name: str, beyond_au: float) -> Elements:
    """A body that overtakes the Earth at perihelion, so far outside its orbit."""
    x, y, z = earth_au(EPOCH_MJD + 0.6)[0]
    y, z = y * np.cos(OBLIQUITY_RAD) + z * np.sin(OBLIQUITY_RAD), 0.0
    return Elements.of(
        [name],
        epoch_mjd=EPOCH_MJD,
        q_au=float(np.hypot(x, y)) + beyond_au,
        e=0.3,
        incl_deg=0.01,
        node_deg=0.0,
        peri_deg=float(np.degrees(np.arctan2(y, x))),
        tp_mjd=EPOCH_MJD + 0.6,
        h_mag=26.0,
        slope=0.15,
    )


@pytest.fixture(scope="module")
def bodies() -> Elements:
    """A belt, and bodies that pass the Earth, one at the distance of the Moon."""
    return Elements.joined([asteroids(3000), passing("near", 0.04), passing("nearest", 0.0026)])


@pytest.fixture(scope="module")
def known(bodies: Elements, tmp_path_factory: pytest.TempPathFactory) -> MinorPlanets:
    folder = tmp_path_factory.mktemp("sky") / "positions"
    build(bodies, folder, [DAY, DAY + timedelta(days=1)], note="made up")
    return MinorPlanets.open(folder)


def sky_at(bodies: Elements, time: datetime, site: Site | None) -> tuple[np.ndarray, np.ndarray]:
    utc = mjd_utc(time)
    seen, _ = Orbits.of(bodies).seen_from(observer_au(site, utc), mjd_tt(utc))
    return radec_deg(seen)


@pytest.mark.parametrize("hours", [-12.0, -3.3, 0.0, 11.99, 12.0, 35.9])
def test_every_body_is_found_where_it_is_at_any_time_of_the_day(
    bodies: Elements, known: MinorPlanets, hours: float
) -> None:
    time = NOON + timedelta(hours=hours)
    every_fourth = bodies[np.r_[0:3000:4, 3000:3002]]
    ra, dec = sky_at(every_fourth, time, SITE)
    answers = known.near([Seen(float(a), float(d), time, site=SITE) for a, d in zip(ra, dec, strict=True)])
    for name, answer in zip(every_fourth.names, answers, strict=True):
        mine = [body for body in answer.found if body.name == name]
        assert mine and mine[0].separation_arcsec < 0.01, name


def test_what_is_found_is_what_looking_at_every_body_finds(bodies: Elements, known: MinorPlanets) -> None:
    rng, time = np.random.default_rng(5), NOON + timedelta(hours=7)
    ra, dec = sky_at(bodies, time, SITE)
    which = rng.choice(len(bodies), 400, replace=False)
    seen = []
    for i in which:
        a, d = shifted(float(ra[i]), float(dec[i]), *rng.uniform(-30, 30, 2))
        seen.append(Seen(a, d, time, site=SITE))
    expected, got = 0, known.near(seen)
    for one, answer in zip(seen, got, strict=True):
        off = 3600 * np.hypot((ra - one.ra_deg + 180) % 360 - 180, 0) * np.cos(np.radians(one.dec_deg))
        apart = np.hypot(off, 3600 * (dec - one.dec_deg))
        near = {bodies.names[j] for j in np.flatnonzero(apart < 24.9)}
        expected += len(near)
        assert near <= {body.name for body in answer.found}
        assert all(body.separation_arcsec <= 25.0 for body in answer.found)
    assert expected > 100


def test_bodies_that_pass_are_kept_apart_and_the_nearest_may_be_anywhere(known: MinorPlanets) -> None:
    rows = np.load(known.folder / f"{DAY}.npy")
    fast = rows[rows["cell"] == FAST_CELL]
    slack = {known.records["name"][row["row"]]: row["slack_arcsec"] for row in fast}
    assert np.isfinite(slack[b"near"]) and slack[b"nearest"] == np.inf


def test_an_uncertain_time_reaches_as_far_as_the_body_went(bodies: Elements, known: MinorPlanets) -> None:
    ra, dec = sky_at(bodies[np.array([0])], NOON, SITE)
    east = shifted(float(ra[0]), float(dec[0]), 0.0, 60.0)
    exact, unsure = known.near([Seen(*east, NOON, site=SITE), Seen(*east, NOON, time_err_s=7200.0, site=SITE)])
    assert "S0" not in {body.name for body in exact.found}
    (found,) = (body for body in unsure.found if body.name == "S0")
    assert found.rate_arcsec_h is not None and found.error_arcsec == pytest.approx(2 * found.rate_arcsec_h)


def test_two_visits_narrow_the_search(bodies: Elements, known: MinorPlanets) -> None:
    ra, dec = sky_at(bodies[np.array([0])], NOON, SITE)
    place = shifted(float(ra[0]), float(dec[0]), 0.0, 18.0)
    once, again = known.near([Seen(*place, NOON, 0.0, SITE, single) for single in (True, False)])
    assert [len([b for b in answer.found if b.name == "S0"]) for answer in (once, again)] == [1, 0]


def test_without_a_site_the_parallax_is_part_of_the_error(bodies: Elements, known: MinorPlanets) -> None:
    ra, dec = sky_at(bodies[np.array([0])], NOON, SITE)
    (answer,) = known.near([Seen(float(ra[0]), float(dec[0]), NOON)])
    assert answer.found[0].name == "S0" and 0.0 < answer.found[0].separation_arcsec < 9.0
    assert answer.found[0].error_arcsec is not None and answer.found[0].error_arcsec > 1.0


@pytest.mark.parametrize(
    ("time", "because"),
    [
        (None, "it is not known when it was seen"),
        (NOON + timedelta(days=2), "no positions were made for 2025-11-23"),
        (NOON + timedelta(days=40), "elements are of 2025-11-21, 40 d from then: more than 30"),
        (NOON - timedelta(days=4000), "elements are of 2025-11-21, 4000 d from then: more than 30"),
    ],
)
def test_it_says_why_it_is_silent(known: MinorPlanets, time: datetime | None, because: str) -> None:
    (answer,) = known.near([Seen(10.0, 10.0, time)])
    assert (answer.silent_because, answer.found) == (because, ())
    assert answer.source == "made up, 3002 bodies, elements of 2025-11-21"


def test_a_body_with_old_elements_is_not_placed(tmp_path: Path) -> None:
    old = asteroids(3, seed=9, epoch_mjd=EPOCH_MJD - 400)
    build(Elements.joined([asteroids(10), old]), tmp_path / "p", [DAY])
    manifest = read_manifest(tmp_path / "p")
    assert (manifest.bodies, manifest.days[DAY.isoformat()].bodies) == (13, 10)


def test_nobody_asked_nothing_answered(known: MinorPlanets) -> None:
    assert known.near([]) == []
    assert bodies_around(FollowedBodies.open(known.folder), []).by_candidate == {}


def test_candidates_are_looked_up_at_their_first_and_last_sighting(bodies: Elements, known: MinorPlanets) -> None:
    ra, dec = sky_at(bodies[np.array([0])], NOON, SITE)
    later_ra, later_dec = sky_at(bodies[np.array([0])], NOON + timedelta(hours=2), SITE)
    here, there = (float(ra[0]), float(dec[0])), (float(later_ra[0]), float(later_dec[0]))
    seen = [
        candidate_of([Sighting("a", *here, NOON, telescope="ours")]),
        candidate_of([Sighting("b", *there, NOON + timedelta(hours=2), telescope="ours")]),
        candidate_of([Sighting("c", *here)]),
    ]
    around = bodies_around(FollowedBodies.open(known.folder, {"ours": SITE}), seen)
    first, second, untimed = (around.of(candidate.id).minor_planets[0] for candidate in seen)
    assert first.found[0].name == second.found[0].name == "S0"
    assert untimed.silent_because == "it is not known when it was seen"
    assert minor_planet.evaluate(Case(seen[0], None, None, near=around.of(seen[0].id))).log_bayes == -8.0


def test_what_moved_along_with_a_body_is_that_body(bodies: Elements, known: MinorPlanets) -> None:
    sky = [sky_at(bodies[np.array([0])], NOON + timedelta(hours=h), SITE) for h in (0, 1, 2)]
    track = candidate_of(
        [
            Sighting(str(h), float(ra[0]), float(dec[0]), NOON + timedelta(hours=h), telescope="ours")
            for h, (ra, dec) in enumerate(sky)
        ],
        epochs=3,
    )
    around = bodies_around(FollowedBodies.open(known.folder, {"ours": SITE}), [track])
    finding = minor_planet.evaluate(Case(track, None, None, near=around.of(track.id)))
    assert (finding.log_bayes, finding.passed, finding.input) == (-8.0, False, "0.0 arcsec")


def test_days_about_the_epoch(bodies: Elements) -> None:
    days = about(bodies, 5)
    assert days == [DAY + timedelta(days=i) for i in range(-2, 3)]


@pytest.mark.parametrize(
    ("elements", "days", "says"),
    [
        (asteroids(0), [DAY], "no body is given"),
        (asteroids(2), [], "no day is given"),
        (asteroids(2), [DAY + timedelta(days=i) for i in range(400)], "400 days are asked for"),
    ],
)
def test_what_cannot_be_built_is_refused(tmp_path: Path, elements: Elements, days: list[date], says: str) -> None:
    with pytest.raises(Refused, match=says):
        build(elements, tmp_path / "p", days)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    build(asteroids(50), tmp_path / "p", [DAY])
    day = tmp_path / "p" / f"{DAY}.npy"
    day.write_bytes(day.read_bytes()[:200])
    with pytest.raises(Refused, match=r"2025-11-21.npy: (cannot be read|has not)"):
        MinorPlanets.open(tmp_path / "p").near([Seen(1.0, 1.0, NOON)])
    (tmp_path / "p" / "elements.npy").write_bytes(b"no array")
    with pytest.raises(Refused, match=r"elements.npy: cannot be read"):
        MinorPlanets.open(tmp_path / "p")
    (tmp_path / "p" / "manifest.json").write_text("{}")
    with pytest.raises(Refused, match="is no manifest of minor planets"):
        MinorPlanets.open(tmp_path / "p")


XEPHEM = (
    "Ceres,e,10.58769,80.26858,73.63703,2.7660431,0.21424745,0.078501,291.37563,2022.05479452,2000,3.56,0.15\n"
    "Odd,e,10,80\n"
)


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    return commands()


def run(app: typer.Typer, *words: object) -> str:
    result = CliRunner().invoke(app, ["minor-planets", *map(str, words)])
    if isinstance(result.exception, ArmillaryError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_builds_shows_and_answers(app: typer.Typer, tmp_path: Path) -> None:
    table, folder = tmp_path / "ten.edb", tmp_path / "mp"
    table.write_text(XEPHEM)
    said = run(app, "build", table, "-o", folder, "--days", 3, "--note", "bright ones")
    assert said.splitlines()[0] == f"{folder}: 1 bodies, 2022-01-20 to 2022-01-22"
    assert (
        "kept out: 1 rows that are no orbit" in said and "ten.edb: line 2: 3 fields behind its name are too few" in said
    )
    assert "elements of 2022-01-2" in run(app, "show", folder, "--verify")
    time = datetime(2022, 1, 21, 3, tzinfo=UTC)
    ra, dec = sky_at(Elements(np.load(folder / "elements.npy")), time, None)
    answer = run(app, "near", folder, f"{ra[0]:.6f}", f"{dec[0]:.6f}", time.isoformat())
    assert "  Ceres: 0.0 arcsec" in answer
    assert "nobody was there" in run(app, "near", folder, "10", "10", time.isoformat(), "--time-err-s", "30")
    assert "says nothing: elements are of 2022-01-2" in run(app, "near", folder, "10", "10", "2026-01-01T00:00:00")
    assert '"found":' in run(app, "near", folder, "10", "10", time.isoformat(), "--json", "-")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build", "none.dat", "-o", "mp"), "none.dat: cannot be read"),
        (("build", "ten.edb", "-o", "mp", "--from", "soon"), "--from: 'soon' is no date"),
        (("build", "ten.edb", "-o", "no/such/mp"), "cannot be written"),
        (("build", "ten.edb", "-o", "."), "exists"),
        (("show", "nowhere"), "nowhere: holds no minor planets"),
        (("near", "nowhere", "1", "1", "2026-01-01"), "nowhere: holds no minor planets"),
    ],
)
def test_bad_input_is_one_line(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "ten.edb").write_text(XEPHEM)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArmillaryError) as caught:
        run(app, *words)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_changed_file_is_refused_when_it_is_verified(app: typer.Typer, tmp_path: Path) -> None:
    build(asteroids(50), tmp_path / "p", [DAY])
    day = tmp_path / "p" / f"{DAY}.npy"
    day.write_bytes(day.read_bytes()[:-1] + b"!")
    with pytest.raises(ArmillaryError, match=r"not as it was written: 2025-11-21.npy"):
        run(app, "show", tmp_path / "p", "--verify")
