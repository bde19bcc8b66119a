"""Galaxies as hosts: who may be the host, at what distance, how bright it would be, and what others report."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders.vetting import T0, a_sighting, an_event

from coordinator.lightcurves.cosmology import luminosity_distance_mpc
from coordinator.lightcurves.kilonova import kilonova_abs_mag
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Case, Place
from coordinator.vetting.chance import chance_coincidence, share_of_hosts_held
from coordinator.vetting.checks import absolute, galaxy, host, nuclear, reported
from coordinator.vetting.combine import score
from coordinator.vetting.hosts import galaxies_near, no_host_share
from coordinator.vetting.kinds import kinds_of
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours, Reported, Surroundings
from coordinator.vetting.overlap import log_background_overlap, log_map_overlap
from coordinator.vetting.prior import Prior
from coordinator.vetting.sighting import Sighting

HERE = Place(100.0, 0.1, 40.0, 8.0, 1 / (40.0**2 + 8.0**2), 43.0, 7.6)
CHECKS = (host.CHECK, galaxy.CHECK, nuclear.CHECK, absolute.CHECK, reported.CHECK)
AT_40_MPC = 0.0089


def a_case(
    *galaxies: Galaxy,
    seen: Sighting | None = None,
    reports: tuple[Reported, ...] = (),
    place: Place | None = HERE,
    reddening_mag: float | None = None,
    **answer: Any,
) -> Case:
    """A candidate among galaxies of one catalogue; without galaxies and `answer` nobody looked."""
    near = Neighbours(
        galaxies=(Answer("a catalogue", galaxies, **answer),) if galaxies or answer else (),
        reported=(Answer("a registry", reports),) if reports else (),
        reddening_mag=reddening_mag,
    )
    one = seen or replace(a_sighting("a"), mag_ab=None)
    return Case(candidate_of([one]), place, T0, near=near)


def a_galaxy(apart: float = 5.0, mag: float | None = 14.0, z: float | None = AT_40_MPC, **changes: Any) -> Galaxy:
    return replace(Galaxy("G", apart, mag, z, 0.0001, "spec"), **changes)


@pytest.mark.parametrize(("apart", "mag", "chance"), [(10.6, 13.45, 5.56e-4), (5.0, 20.0, 0.0178)])
def test_chance_coincidence_is_that_of_the_literature(apart: float, mag: float, chance: float) -> None:
    assert chance_coincidence(apart, mag) == pytest.approx(chance, rel=2e-3)


@pytest.mark.parametrize(
    ("mu", "sigma", "distance", "error"),
    [(40.0, 8.0, 43.0, 4.0), (-50.0, 120.0, 30.0, 60.0), (240.0, 30.0, 20.0, 88.0)],
)
def test_the_overlap_is_the_integral_over_positive_distances(
    mu: float, sigma: float, distance: float, error: float
) -> None:
    def normal(x: np.ndarray, mean: float, spread: float) -> np.ndarray:
        return np.exp(-0.5 * ((x - mean) / spread) ** 2) / (spread * math.sqrt(2 * math.pi))

    d = np.linspace(0.0, 1500.0, 200_001)
    at_host = d * d * normal(d, distance, error)
    signal = math.log(np.trapezoid(at_host * normal(d, mu, sigma) * 1e-5, d))
    others = math.log(np.trapezoid(at_host * np.exp(-((d / 500.0) ** 2)) * 4 / math.sqrt(math.pi) / 500.0**3, d))
    assert log_map_overlap(Place(1.0, 0.1, mu, sigma, 1e-5), distance, error) == pytest.approx(signal, abs=1e-6)
    assert log_background_overlap(500.0, distance, error) == pytest.approx(others, abs=1e-6)


def test_shares_of_hosts_and_of_none_sum_to_one() -> None:
    case = a_case(a_galaxy(20.0, 19.0), a_galaxy(3.0, 21.0, name="H"), a_galaxy(60.0, 22.0, name="I"))
    near = galaxies_near(case)
    assert [h.chance for h in near] == sorted(h.chance for h in near)
    assert [h.share for h in near] == sorted((h.share for h in near), reverse=True)
    assert math.fsum(h.share for h in near) + no_host_share(near) == pytest.approx(1.0, abs=1e-12)


def test_the_order_of_galaxies_and_catalogues_changes_nothing() -> None:
    some = [a_galaxy(20.0, 19.0), a_galaxy(20.0, 19.0, name="twin"), a_galaxy(3.0, 21.0, name="H")]
    forth, back = a_case(*some), a_case(*reversed(some))
    assert [check.evaluate(forth) for check in CHECKS] == [check.evaluate(back) for check in CHECKS]


def test_a_near_bright_galaxy_at_the_maps_distance_speaks_for_it_and_a_far_one_against() -> None:
    near, far = (host.evaluate(a_case(a_galaxy(z=z))) for z in (AT_40_MPC, 0.1))
    assert near.log_bayes > 6.0
    assert near.source == "a catalogue"
    # A host that nobody knows keeps its share: the galaxy is only there, nobody saw it beneath the candidate.
    left = no_host_share(galaxies_near(a_case(a_galaxy(z=0.1))))
    assert 0.0 < left < 0.01
    assert far.log_bayes == pytest.approx(math.log(left + (1 - left) * math.exp(-host.CAP)), abs=1e-9)
    assert (near.passed, far.passed) == (True, False)


def test_a_galaxy_that_is_near_by_accident_says_little_of_distance() -> None:
    faint = host.evaluate(a_case(a_galaxy(30.0, 21.0, 0.1)))
    assert -0.4 < faint.log_bayes < 0.0


def test_many_galaxies_by_accident_leave_no_less_for_a_host_that_nobody_knows() -> None:
    one, many = (a_case(*(a_galaxy(60.0 + n, 20.0, name=f"G{n}") for n in range(count))) for count in (1, 12))
    assert all(h.chance > 0.3 for h in galaxies_near(many))
    assert no_host_share(galaxies_near(one)) == pytest.approx(1.0, abs=0.02)
    assert no_host_share(galaxies_near(many)) == pytest.approx(1.0, abs=0.1)


def test_what_a_shallow_catalogue_does_not_hold_is_left_for_a_host_that_nobody_knows() -> None:
    deep, shallow = (
        no_host_share(galaxies_near(a_case(a_galaxy(5.0, 14.0), complete_to_mag=limit))) for limit in (20.0, 11.0)
    )
    assert deep < shallow


def test_a_galaxy_without_redshift_takes_its_share_and_says_nothing() -> None:
    silent = a_galaxy(2.0, 17.0, None, name="silent")
    known = a_galaxy(40.0, 17.0, AT_40_MPC)
    alone, both = host.evaluate(a_case(known)), host.evaluate(a_case(known, silent))
    assert 0.0 < both.log_bayes < 2.0 < alone.log_bayes


def test_a_redshift_from_colours_is_never_better_than_two_percent() -> None:
    bold, honest = (
        host.evaluate(a_case(a_galaxy(z=0.05, redshift_kind="photo", redshift_err=err)))
        for err in (0.0001, 0.02 * 1.05)
    )
    spectrum = host.evaluate(a_case(a_galaxy(z=0.05)))
    assert bold.log_bayes == pytest.approx(honest.log_bayes)
    assert spectrum.log_bayes < bold.log_bayes


def test_one_galaxy_in_two_catalogues_is_one_with_the_better_redshift() -> None:
    rough = Answer("colours", (a_galaxy(z=0.03, redshift_kind="photo"),))
    exact = Answer("spectra", (a_galaxy(5.4),))
    near = Neighbours(galaxies=(rough, exact))
    case = replace(a_case(), near=near)
    (only,) = galaxies_near(case)
    assert (only.source, only.redshift) == ("spectra", AT_40_MPC)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf, -999.0, 1e300])
def test_numbers_that_are_none_poison_no_odds(nonsense: float) -> None:
    for wrong in ("separation_arcsec", "mag", "redshift", "redshift_err", "radius_arcsec"):
        case = a_case(a_galaxy(**{wrong: nonsense}), seen=a_sighting("a"), reddening_mag=nonsense)
        assert all(math.isfinite(check.evaluate(case).log_bayes) for check in CHECKS), wrong
        if wrong in ("separation_arcsec", "mag"):
            assert not galaxies_near(case)


def test_a_named_host_wins_over_catalogues_and_a_report_over_both() -> None:
    seen = replace(a_sighting("a"), host_redshift=0.1, host_redshift_err=0.0)
    said = Reported("AT 1", 0.5, redshift=AT_40_MPC)
    assert host.evaluate(a_case(a_galaxy(), seen=seen)).log_bayes == -host.CAP
    told = host.evaluate(a_case(a_galaxy(z=0.1), seen=seen, reports=(said,)))
    assert told.source == "a registry"
    assert told.log_bayes > 6.0


def test_a_named_redshift_without_error_steps_back_behind_the_same_galaxy_of_a_catalogue() -> None:
    rough = replace(a_sighting("a"), host_redshift=0.01)
    assert host.evaluate(a_case(a_galaxy(), seen=rough)).source == "a catalogue"
    assert host.evaluate(a_case(a_galaxy(z=0.1), seen=rough)).source == "a"


def test_a_galaxy_counts_by_the_chance_that_it_is_there_by_accident() -> None:
    certain, perhaps = (galaxy.evaluate(a_case(a_galaxy(apart, 20.0))) for apart in (5.0, 15.0))
    assert certain.log_bayes == galaxy.AT_A_GALAXY
    assert (perhaps.log_bayes, perhaps.passed) == (0.0, None)


def test_a_catalogues_silence_counts_as_far_as_it_is_complete_at_the_maps_distance() -> None:
    deep, shallow = (galaxy.evaluate(a_case(complete_to_mag=limit)) for limit in (20.0, 10.0))
    assert deep.log_bayes == pytest.approx(galaxy.NOWHERE, abs=0.01)
    assert (deep.passed, shallow.passed) == (False, None)
    assert -0.2 < shallow.log_bayes <= 0.0
    accident = galaxy.evaluate(a_case(a_galaxy(60.0, 21.0), complete_to_mag=20.0))
    assert accident.log_bayes == deep.log_bayes


@pytest.mark.parametrize(
    "answer", [{"as_of": T0}, {"silent_because": "timed out", "complete_to_mag": 20.0}], ids=["unsaid", "away"]
)
def test_silence_of_a_catalogue_that_may_hold_nothing_is_unknown(answer: dict[str, Any]) -> None:
    finding = galaxy.evaluate(a_case(**answer))
    assert (finding.log_bayes, finding.passed) == (0.0, None)


def test_a_source_that_did_not_answer_is_named() -> None:
    said = galaxy.evaluate(a_case(silent_because="timed out"))
    assert (said.because, said.source) == ("source did not answer: timed out", "a catalogue")


def test_without_the_maps_distance_nobody_knows_how_many_galaxies_are_missing() -> None:
    assert galaxy.evaluate(a_case(complete_to_mag=20.0, place=Place(1.0, 0.1))).log_bayes == 0.0


def test_a_catalogue_holds_less_farther_away() -> None:
    held = [share_of_hosts_held(17.5, modulus) for modulus in (30.0, 35.0, 38.0, 42.0)]
    assert held == sorted(held, reverse=True)
    assert held[0] > 0.99
    assert held[-1] < 0.01


def test_the_middle_of_a_galaxy_is_no_veto_and_leans_to_nuclei() -> None:
    middle, off = (nuclear.evaluate(a_case(a_galaxy(apart))) for apart in (0.5, 30.0))
    assert (middle.log_bayes, middle.passed, middle.veto) == (nuclear.NUCLEAR, False, False)
    assert -1.0 < middle.log_bayes < 0.0 < off.log_bayes < 0.3
    nuclei, elsewhere = (kinds_of(0.0, [f.leans or {}])["agn"] for f in (middle, off))
    assert nuclei > 0.05 > elsewhere


def test_a_galaxy_too_far_for_its_middle_says_nothing() -> None:
    far = a_case(a_galaxy(0.5, 17.0, 0.2))
    assert nuclear.evaluate(far).log_bayes == 0.0


def bright(mag: float, hours: float = 12.0, **changes: Any) -> Case:
    return a_case(seen=replace(a_sighting("a", hours), mag_ab=mag), **changes)


def test_as_bright_as_a_kilonova_speaks_for_it_and_as_a_supernova_against() -> None:
    modulus = 5 * math.log10(float(luminosity_distance_mpc(AT_40_MPC))) + 25
    at_host = {m: absolute.evaluate(bright_at_host(m + modulus)) for m in (-15.8, -17.0, -19.0)}
    assert at_host[-15.8].log_bayes == pytest.approx(absolute.HIGHEST, abs=1e-4)
    assert at_host[-15.8].log_bayes > at_host[-17.0].log_bayes > at_host[-19.0].log_bayes == absolute.LOWEST
    assert kinds_of(0.0, [at_host[-19.0].leans or {}])["supernova"] > kinds_of(0.0, [])["supernova"]


@pytest.mark.parametrize(("fades_mag", "at_least"), [(1.9, -1.5), (0.0, absolute.LOWEST)], ids=["as one", "stays"])
def test_what_outshines_kilonovae_may_be_an_afterglow_if_it_fades_as_one_and_the_more_after_a_burst(
    fades_mag: float, at_least: float
) -> None:
    first = replace(a_sighting("a", 20.0), mag_ab=33.17 - 19.0)
    second = replace(a_sighting("b", 44.0), mag_ab=33.17 - 19.0 + fades_mag)
    case = replace(a_case(), candidate=candidate_of([first, second]))
    found = absolute.evaluate(replace(case, afterglow_share=0.3))
    alone = absolute.evaluate(case)
    assert absolute.LOWEST <= alone.log_bayes <= found.log_bayes
    assert (alone.log_bayes == absolute.LOWEST) == (fades_mag == 0.0)
    assert absolute.evaluate(replace(case, candidate=candidate_of([first]))).log_bayes == absolute.LOWEST
    assert at_least <= found.log_bayes < absolute.HIGHEST
    assert found.log_bayes == absolute.LOWEST or fades_mag > 0.0


def bright_at_host(mag: float) -> Case:
    return a_case(a_galaxy(), seen=replace(a_sighting("a", 12.0), mag_ab=mag))


def test_without_host_the_maps_distance_tells() -> None:
    assert 0.5 < absolute.evaluate(bright(33.17 - 15.8)).log_bayes <= absolute.HIGHEST
    assert absolute.evaluate(bright(33.17 - 20.0)).log_bayes == absolute.LOWEST
    assert "the map's 43 Mpc" in absolute.evaluate(bright(17.4)).because


def test_a_kilonova_five_days_old_is_expected_to_be_faint() -> None:
    faint = 33.17 - 12.0
    assert absolute.evaluate(bright(faint, 120.0)).log_bayes > absolute.evaluate(bright(faint, 12.0)).log_bayes


@pytest.mark.parametrize("band", ["g", "r", "K", "clear"])
@pytest.mark.parametrize("days", [0.05, 0.47, 1.45, 9.999, 10.0])
def test_the_expected_brightness_is_that_of_the_light_curve(band: str, days: float) -> None:
    shift = -15.8 - float(kilonova_abs_mag("r", 0.5))
    assert absolute.expected_mag(band, days) == pytest.approx(float(kilonova_abs_mag(band, days)) + shift, abs=0.05)


def test_dust_makes_it_brighter_than_it_looks() -> None:
    clear, dusty = (absolute.evaluate(bright(17.0, reddening_mag=e)) for e in (0.0, 0.5))
    assert float(clear.input.split()[1]) - float(dusty.input.split()[1]) == pytest.approx(2.285 * 0.5, abs=0.02)
    assert "dust is not known" in absolute.evaluate(bright(17.0)).because


@pytest.mark.parametrize(
    "case",
    [
        bright(17.0, place=Place(1.0, 0.1)),
        bright(17.0, place=None),
        bright(17.0, hours=-5.0),
        bright(17.0, hours=24 * 30.0),
        a_case(),
    ],
    ids=["map without distance", "no map", "before the event", "a month later", "no magnitude"],
)
def test_brightness_says_nothing_where_none_is_expected(case: Case) -> None:
    assert (absolute.evaluate(case).log_bayes, absolute.evaluate(case).passed) == (0.0, None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *((t, "supernova") for t in ("SN Ia", "SN II", "SNIbc", "SN Ia-91T-like", "SLSN-I", "SN", "SN Ib/c")),
        *((t, "agn") for t in ("AGN", "QSO", "Seyfert_1")),
        *((t, "variable") for t in ("CV", "Nova", "M dwarf", "Varstar")),
        ("TDE", "other"),
        ("Kilonova", "kilonova"),
        *((t, None) for t in ("", "AT", "SN?", "SN candidate", "PSN", "Galaxy", "Unknown", "likely SN Ia", "SNAFU")),
    ],
)
def test_classes_are_understood_in_anybodys_spelling(said: str, kind: str | None) -> None:
    assert reported.class_of(said) == kind


def test_a_supernova_by_its_spectrum_is_a_veto_that_names_itself() -> None:
    case = a_case(reports=(Reported("SN 2019nqr", 0.4, "SN II"),))
    assert reported.evaluate(case).veto
    one = case.candidate
    around = Surroundings({one.id: case.near})
    (told,) = score([one], None, an_event(), Prior(0.5, 1.0, "a test"), around=around).candidates
    assert told.verdict == "rejected"
    assert told.kinds["supernova"] > 0.99
    assert next(c for c in told.checks if c.name == "reported").because.startswith("veto: SN 2019nqr")


def test_a_report_without_class_or_too_far_away_says_nothing() -> None:
    for report in (Reported("AT 1", 0.4), Reported("SN 2", 3.5, "SN Ia"), Reported("SN 3", math.nan, "SN Ia")):
        assert reported.evaluate(a_case(reports=(report,))).log_bayes == 0.0
        assert not reported.evaluate(a_case(reports=(report,))).veto


def test_a_registry_that_did_not_answer_is_named() -> None:
    case = replace(a_case(), near=Neighbours(reported=(Answer("TNS", silent_because="timed out"),)))
    assert reported.evaluate(case).because == "source did not answer: timed out"
