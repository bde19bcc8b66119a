"""Bodies of the solar system are asked for once for each new sighting, and never remembered by place."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.minor_planets import asteroids
from builders.vetting import T0, a_detection, a_sighting, a_sky, an_event

from coordinator.alerts.points.point import BodyNear
from coordinator.catalogues.minor_planets.build import build
from coordinator.catalogues.minor_planets.followed import FollowedBodies
from coordinator.catalogues.minor_planets.observer import mjd_tt, mjd_utc, observer_au
from coordinator.catalogues.minor_planets.orbits import Orbits, radec_deg
from coordinator.services.bodies import LOT, BodyWatch, RememberedBodies, bodies_around, look_for_bodies
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.vetter import Vetter
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import minor_planet
from coordinator.vetting.neighbours import Answer, MinorPlanet
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.survey_minor_planets import told_by_surveys
from telescopes.description.errors import Refused
from telescopes.description.telescope import Site

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
PALOMAR = Site(33.3573, -116.8598, 1696.0)


@dataclass
class Almanac:
    """Knows a body at every sighting, named after it; and who asked."""

    edition: str = "first"
    asked: list[str] = field(default_factory=list)
    calls: int = 0

    def near(self, sightings: Sequence[Sighting]) -> list[Answer[MinorPlanet]]:
        self.asked += [s.id for s in sightings]
        self.calls += 1
        return [Answer(self.edition, (MinorPlanet(f"body of {s.id}", 3.0),)) for s in sightings]


def of(*sightings: Sighting) -> Candidate:
    return candidate_of(sightings, id="x")


def test_each_new_sighting_is_asked_about_once() -> None:
    almanac, remembered = Almanac(), RememberedBodies()
    first, second, third = (a_sighting(name, hours) for name, hours in (("a", 8.0), ("b", 9.0), ("c", 33.0)))
    for seen in ([first], [first], [first, second], [first, second, third], [first, second, third]):
        look_for_bodies(almanac, [of(*seen)], remembered)
    assert almanac.asked == ["a", "b", "c"]


def test_what_is_seen_later_at_the_same_place_is_asked_about_again() -> None:
    almanac, remembered = Almanac(), RememberedBodies()
    look_for_bodies(almanac, [of(a_sighting("a", 8.0))], remembered)
    look_for_bodies(almanac, [of(a_sighting("b", 9.0))], remembered)
    (answer,) = remembered["x"].near.minor_planets
    assert [body.name for body in answer.found] == ["body of b"]


def test_forced_photometry_is_not_asked_about() -> None:
    almanac = Almanac()
    forced = replace(a_sighting("later", 30.0), forced=True)
    bodies_around(almanac, [of(a_sighting("seen", 8.0), forced)])
    assert almanac.asked == ["seen"]


def test_of_a_sighting_of_unknown_time_the_source_says_so() -> None:
    almanac = Almanac()
    bodies_around(almanac, [of(replace(a_sighting("a"), time=None))])
    assert almanac.asked == ["a"]


def test_of_a_sighting_of_unknown_time_forced_photometry_does_not_speak() -> None:
    almanac = Almanac()
    forced = replace(a_sighting("forced", 30.0), forced=True)
    bodies_around(almanac, [of(forced, replace(a_sighting("seen"), time=None))])
    assert almanac.asked == ["seen"]


def test_many_are_asked_about_in_batches_and_others_get_their_turn() -> None:
    almanac = Almanac()
    many = [candidate_of([a_sighting(str(n))], id=str(n)) for n in range(5 * LOT)]

    async def story() -> int:
        turns, over = 0, asyncio.Event()

        async def others() -> None:
            nonlocal turns
            while not over.is_set():
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(others())
        known = await BodyWatch(almanac).around("e", many)
        over.set()
        await other
        assert len(known.by_candidate) == len(many)
        return turns

    assert asyncio.run(story()) >= 5
    assert almanac.calls == 5


def test_other_elements_are_asked_about_everything_again() -> None:
    async def story() -> None:
        almanac = Almanac()
        watch = BodyWatch(almanac)
        await watch.around("e", [of(a_sighting("a"))])
        assert not watch.renewed()
        almanac.edition = "second"
        assert watch.renewed() and not watch.renewed()
        known = await watch.around("e", [of(a_sighting("a"))])
        assert almanac.asked == ["a", "a"] and known.of("x").minor_planets[0].source == "second"

    asyncio.run(story())


def test_other_elements_are_news_also_where_a_new_sighting_met_them_first() -> None:
    async def story() -> None:
        almanac = Almanac()
        watch = BodyWatch(almanac)
        await watch.around("e", [of(a_sighting("a"))])
        almanac.edition = "second"
        await watch.around("another", [of(a_sighting("b"))])
        assert watch.renewed() and not watch.renewed()

    asyncio.run(story())


def test_other_elements_are_news_where_they_came_in_the_middle_of_a_look_up() -> None:
    async def story() -> None:
        almanac = Almanac()
        watch = BodyWatch(almanac)
        many = [candidate_of([a_sighting(str(n))], id=str(n)) for n in range(2 * LOT)]
        looking = asyncio.create_task(watch.around("e", many))
        while not almanac.calls:
            await asyncio.sleep(0)
        almanac.edition = "second"
        assert not watch.renewed()  # nothing was weighed by the first yet
        await looking
        assert watch.renewed() and not watch.renewed()
        known = await watch.around("e", many)
        assert {near.minor_planets[0].source for near in known.by_candidate.values()} == {"second"}

    asyncio.run(story())


class Later:
    """Ten hours after the event."""

    def now(self) -> datetime:
        return T0 + timedelta(hours=10)


async def the_map(sha256: str) -> SkyMap:
    return a_sky(sha256=sha256)


def test_new_elements_make_the_odds_again() -> None:
    almanac, journal = Almanac(), InMemoryJournal()

    async def story(loop: asyncio.AbstractEventLoop) -> list[dict[str, Any]]:
        vetter = Vetter(journal, InMemoryBlobs(), Later(), the_map, bodies=BodyWatch(almanac))
        event = an_event()
        scheduler = await Writer.elected(journal, "scheduler")
        await scheduler.append([entry_of("event_revised", event, sky_time=T0, event=event.key)])
        running = asyncio.create_task(vetter.run())
        await vetter.store("t1", [a_detection("d1")])
        await asyncio.sleep(200)
        almanac.edition = "second"
        await asyncio.sleep(200)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [s.entry.body for s in journal.stored if s.entry.kind == "candidates_scored"]

    said = run_virtual(story)
    found = [c for one in said for c in one["candidates"][0]["checks"] if c["name"] == "minor planet"]
    assert [(c["log_bayes"], c["source"]) for c in found] == [(-8.0, "first"), (-8.0, "second")]
    assert len(almanac.asked) == 2


def made(folder: Path, seed: int) -> Path:
    build(asteroids(50, seed=seed), folder, [date(2025, 11, 21)])
    return folder


def the_first_of(seed: int, site: Site | None) -> Sighting:
    utc = mjd_utc(NOON)
    seen, _ = Orbits.of(asteroids(50, seed=seed)[np.array([0])]).seen_from(observer_au(site, utc), mjd_tt(utc))
    ra, dec = radec_deg(seen)
    return Sighting("a", float(ra[0]), float(dec[0]), NOON, telescope="ours")


def names(answer: Answer[MinorPlanet]) -> list[str]:
    return [body.name for body in answer.found]


def test_a_folder_in_whose_place_another_is_put_is_opened_anew(tmp_path: Path) -> None:
    link = tmp_path / "bodies"
    link.symlink_to(made(tmp_path / "old", 1))
    followed = FollowedBodies.open(link)
    old, new = the_first_of(1, None), the_first_of(2, None)
    before, first = followed.edition, followed.near([old, new])
    os.symlink(made(tmp_path / "new", 2), tmp_path / "next")
    os.replace(tmp_path / "next", link)
    assert followed.edition != before
    second = followed.near([old, new])
    assert [names(a) for a in first] == [["S0"], []] and [names(a) for a in second] == [[], ["S0"]]


def test_a_folder_that_is_gone_says_why_until_it_is_back(tmp_path: Path) -> None:
    folder, aside = made(tmp_path / "bodies", 1), tmp_path / "aside"
    followed, seen = FollowedBodies.open(folder), the_first_of(1, None)
    folder.rename(aside)
    (answer,) = followed.near([seen])
    assert answer.silent_because is not None and "holds no minor planets" in answer.silent_because
    finding = minor_planet.evaluate(Case(candidate_of([seen]), None, None, near=around(followed, seen)))
    assert (finding.log_bayes, finding.passed) == (0.0, None) and "did not answer" in finding.because
    aside.rename(folder)
    assert names(followed.near([seen])[0]) == ["S0"]


def around(followed: FollowedBodies, seen: Sighting) -> Any:
    (near,) = bodies_around(followed, [candidate_of([seen])]).by_candidate.values()
    return near


def test_a_folder_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no minor planets"):
        FollowedBodies.open(tmp_path)


@pytest.mark.parametrize(("telescope", "off"), [("ours", 0.01), ("ZTF", 0.01), ("somebody", 9.0)])
def test_the_parallax_is_that_of_the_telescope_s_site(tmp_path: Path, telescope: str, off: float) -> None:
    followed = FollowedBodies.open(made(tmp_path / "bodies", 1), {"ours": PALOMAR})
    (answer,) = followed.near([replace(the_first_of(1, PALOMAR), telescope=telescope)])
    (body,) = answer.found
    assert body.separation_arcsec < off and body.error_arcsec is not None
    assert (body.error_arcsec == 0.0) == (telescope != "somebody")


def told(*bodies: tuple[BodyNear, ...] | None) -> Any:
    seen = [replace(a_sighting(str(n), 8.0 + n), bodies=one) for n, one in enumerate(bodies)]
    return told_by_surveys([of(*seen)]).of("x").minor_planets


def test_a_body_that_the_survey_saw_at_every_sighting_is_told() -> None:
    ceres = BodyNear("1", 0.3, 8.0)
    assert told(None) == ()
    assert [names(a) for a in told(())] == [[]]
    assert [names(a) for a in told((ceres,), None, (replace(ceres, separation_arcsec=0.2),))] == [["1"]]
    assert told((ceres,), (replace(ceres, separation_arcsec=0.2),))[0].found[0].separation_arcsec == 0.2
    assert [names(a) for a in told((ceres,), ())] == [[]]  # it passed by
