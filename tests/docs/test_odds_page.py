"""The worked example of `docs/reference/odds.md` gives the numbers that stand there."""

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders.vetting import T0, a_sighting, a_sky, an_event

from coordinator.sky.regions import credible_ranges
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.looks import Look
from coordinator.vetting.reach import reach_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.weighed import Weighed, weigh_search

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "odds.md").read_text(encoding="utf-8")
SKY = a_sky(sigma_deg=2.0, mu_mpc=120.0, sigma_mpc=30.0)
EVENT = an_event(classification={"Terrestrial": 0.03}, properties={"HasRemnant": 0.9})
SEARCHED = credible_ranges(SKY, 0.7)


def look(hours: float) -> Look:
    start = T0 + timedelta(hours=hours)
    return Look("t1", start, start + timedelta(minutes=2), "r", 20.5, SEARCHED)


def seen(name: str, north_deg: float, mags: tuple[float, float], moved_arcsec: float = 0.0) -> list[Sighting]:
    """Two sightings, 12 and 36 hours after the event; what moves, 20 minutes apart."""
    second = 12.0 + 1 / 3 if moved_arcsec else 36.0
    both = ((12.0, mags[0], 0.0), (second, mags[1], moved_arcsec))
    return [
        replace(
            a_sighting(f"{name}{n}", hours, north_arcsec=3600 * north_deg + moved, mag_ab=mag, real_bogus=0.9),
            mag_err=0.1,
            telescope="t1",
        )
        for n, (hours, mag, moved) in enumerate(both)
    ]


def the_example() -> Weighed:
    atlas, looks = Atlas.of(SKY), [look(12.0), look(36.0)]
    every = [*seen("fades", 0.5, (19.2, 20.1)), *seen("stays", 1.0, (19.5, 19.5)), *seen("moves", 2.0, (19, 19), 4.0)]
    return weigh_search(associate(every), atlas, EVENT, reach_of(atlas, EVENT, looks), looks)


WEIGHED = the_example()


def told(name: str) -> str:
    """Write a candidate's row as the page does."""
    fact = WEIGHED.fact()
    ids = {c.id: c.sightings[0].id[:-1] for c in WEIGHED.batch.candidates}
    (one,) = [c for c in fact.candidates if ids[c.id] == name]
    terms = ", ".join(f"{c.name} {c.log_bayes:+.1f}" for c in one.checks if abs(c.log_bayes) >= 0.05)
    total = math.fsum(c.log_bayes for c in one.checks)
    weight = WEIGHED.prior.q_each / WEIGHED.prior.n_all * math.exp(total)
    return f"| {name} | {terms} | {total:+.1f} | {weight:.2g} | {one.probability:.2g} | {one.verdict} |"


def test_what_is_believed_beforehand_is_as_the_page_says() -> None:
    q, density = WEIGHED.prior.because.split("; ")
    assert f"> {q};\n> {density}\n" in PAGE
    assert f" = {WEIGHED.prior.q_each:.3g}, N_all = {WEIGHED.prior.density_deg2:g} " in PAGE
    assert f" = {WEIGHED.prior.n_all:,.0f}, and the checks say" in PAGE


@pytest.mark.parametrize("name", ["fades", "stays", "moves"])
def test_a_row_of_the_page_is_what_the_vetter_says(name: str) -> None:
    assert told(name) in PAGE


def test_none_of_them_has_what_is_left() -> None:
    assert f" q = {1 - WEIGHED.prior.q:.2g}, so P = {WEIGHED.p_none:.2g}." in PAGE
