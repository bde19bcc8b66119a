"""What a simulated telescope sees, and how long it takes."""

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.simulation.virtual_loop import LoopClock, run_virtual
from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import SkyClockReading
from telescopes.description.depths import together_mag_ab
from telescopes.description.durations import altitude_deg
from telescopes.description.errors import Refused
from telescopes.description.geometry import inside
from telescopes.description.states import Reason
from telescopes.description.telescope import DriverChoice
from telescopes.drivers.added_images import AddedImages
from telescopes.drivers.driver import ExposureSpec, Frame, Target, WeatherStop
from telescopes.drivers.image import Sky, limiting_mag, magnitude
from telescopes.drivers.registry import load_driver
from telescopes.drivers.simulated import Aim, SimulatedDriver
from telescopes.drivers.world import SkySource, World

T0 = datetime(2026, 1, 1, tzinfo=UTC)
CENTRE = Aim(10.0, 5.0, 0.0)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


def a_source(mag=17.0, **changes):
    return replace(SkySource("s", "sn", 10.2, 5.3, {"r": ((-100.0, mag), (100.0, mag))}), **changes)


def a_world(*sources, **changes):
    return replace(World(1, T0, sources, bogus_per_image=0.0), **changes)


def observe(telescope, world, exposures=1, exposure_s=60.0):
    """Slew, expose, and return aim, frames, and the sky time at the end."""

    async def main(loop):
        sky = AgentSky(LoopClock(loop))
        sky.announce(SkyClockReading(T0, 1.0))
        driver = SimulatedDriver(telescope, sky, world)
        aim = await driver.slew(Target(10.0, 5.0, 0.0, "main", "r"))
        frames = [await driver.expose(ExposureSpec("p1", n, "main", "r", exposure_s)) for n in range(exposures)]
        return aim, frames, sky.now()

    return run_virtual(main)


def test_it_takes_as_long_as_the_real_one(telescope):
    _, frames, end = observe(telescope(), a_world(), exposures=3)
    assert frames[0].start == after(2.0)
    assert frames[2].end == after(2.0 + 65.0 + 65.0 + 60.0)
    assert end == after(2.0 + 3 * 65.0)


def test_it_points_some_arcseconds_off_and_the_same_again(telescope):
    aims = [observe(telescope(), a_world())[0] for _ in range(2)]
    assert aims[0] == aims[1]
    assert 0 < abs(aims[0].dec_deg - 5.0) * 3600 < 30


def test_the_same_pointing_sees_the_same(telescope):
    world = a_world(*(a_source(19.4, id=f"s{n}", ra_deg=9.5 + n / 20) for n in range(20)), bogus_per_image=2.0)
    first, second = (observe(telescope(), world, 3)[1] for _ in range(2))
    assert first == second
    ids = [d.detection_id for frame in first for d in frame.detections]
    assert len(ids) == len(set(ids)) > 10


def test_a_source_below_the_limit_is_not_seen_and_outside_the_field_neither(telescope):
    faint, outside = a_source(22.0), a_source(dec_deg=6.2)
    assert observe(telescope(), a_world(faint, outside))[1][0].detections == ()


def test_magnitudes_scatter_by_their_error(telescope):
    world = a_world(*(a_source(18.5, id=f"s{n}", ra_deg=9.2 + n / 100, dec_deg=5.3) for n in range(150)))
    found = observe(telescope(), world)[1][0].detections
    assert len(found) > 140
    pulls = [(d.mag_ab - 18.5) / d.mag_err for d in found]
    assert sum(p * p for p in pulls) / len(pulls) == pytest.approx(1.0, abs=0.4)
    assert all(d.snr > 5 and d.pos_err_arcsec < 1 for d in found)


def test_half_of_the_sources_at_the_limit_are_found(telescope):
    camera = telescope().instruments[0]
    limit = limiting_mag(camera, telescope().site, CENTRE, ExposureSpec("p1", 0, "main", "r", 60.0), after(32))
    world = a_world(*(a_source(limit, id=f"s{n}", ra_deg=9.2 + n / 200, dec_deg=5.3) for n in range(300)))
    found = observe(telescope(), world)[1][0].detections
    assert 0.35 < len(found) / 300 < 0.65


def test_half_of_the_sources_at_the_limit_of_all_exposures_together_are_found(telescope):
    """The law by which a plan promises depth is the one by which sources are found."""
    height_deg = altitude_deg(telescope().site, CENTRE.ra_deg, CENTRE.dec_deg, after(97))
    promised = limit_mag_ab(telescope().instruments[0], "r", 180.0, 1.0 / math.sin(math.radians(height_deg)))
    world = a_world(*(a_source(promised, id=f"s{n}", ra_deg=9.2 + n / 200, dec_deg=5.3) for n in range(300)))
    _, frames, _ = observe(telescope(), world, exposures=3)
    assert together_mag_ab(f.limiting_mag_ab for f in frames) == pytest.approx(promised, abs=0.01)
    alone, both, every = (len(frame.detections) for frame in frames)
    assert alone < 3 and both < 60
    assert 0.35 < (alone + both + every) / 300 < 0.65
    assert all(d.limiting_mag_ab == pytest.approx(promised, abs=0.01) for d in frames[2].detections)


def test_what_only_the_sum_shows_is_told_once_and_what_one_image_shows_is_not_told_of_the_sum(telescope):
    camera = telescope().instruments[0]
    limit = limiting_mag(camera, telescope().site, CENTRE, ExposureSpec("p1", 0, "main", "r", 60.0), after(32))
    faint = [a_source(limit + 0.3, id=f"f{n}", ra_deg=9.2 + n / 100, dec_deg=5.3) for n in range(100)]
    bright = [a_source(limit - 2.0, id=f"b{n}", ra_deg=9.2 + n / 100, dec_deg=4.7) for n in range(100)]
    _, frames, _ = observe(telescope(), a_world(*faint, *bright), exposures=4)
    summed = [d for frame in frames for d in frame.detections if d.limiting_mag_ab > limit + 0.1]
    assert 60 < len(summed) <= 100
    assert all(d.dec_deg > 5.0 for d in summed)
    assert len({round(d.ra_deg, 2) for d in summed}) == len(summed)
    assert all(sum(d.dec_deg < 5.0 for d in frame.detections) == 100 for frame in frames)


def test_the_next_pointing_begins_a_new_sum(telescope):
    images, sky = AddedImages(), Sky(a_world(a_source(20.3)))
    camera, frame = telescope().instruments[0], Frame(T0, after(60), 60.0, 20.0)
    for name in ("p1", "p2", "p3"):
        spec = ExposureSpec(name, 0, "main", "r", 60.0)
        images.add(spec, frame, [])
        assert images.besides(sky, "t1", camera, CENTRE, spec, after(60)) == []


def test_artefacts_are_inside_the_field_and_look_bogus(telescope):
    aim, frames, _ = observe(telescope(), a_world(bogus_per_image=5.0), exposures=20)
    found = [d for frame in frames for d in frame.detections]
    assert 60 < len(found) < 140
    assert sum(d.real_bogus for d in found) / len(found) < 0.35
    footprint = telescope().instruments[0].footprint
    assert inside(footprint, aim.ra_deg, aim.dec_deg, 0.0, [d.ra_deg for d in found], [d.dec_deg for d in found]).all()


def test_an_asteroid_moves_between_exposures(telescope):
    moving = a_source(15.0, ra_rate_arcsec_h=36.0, dec_rate_arcsec_h=-60.0)
    _, frames, _ = observe(telescope(), a_world(moving), exposures=2, exposure_s=1800.0)
    first, second = (frame.detections[0] for frame in frames)
    hours = (second.mid_exposure - first.mid_exposure).total_seconds() / 3600
    assert (second.dec_deg - first.dec_deg) * 3600 == pytest.approx(-60.0 * hours, abs=1.0)


def test_depth_follows_exposure_and_airmass(telescope):
    camera, site = telescope().instruments[0], telescope().site

    def limit(exposure_s, ra_deg):
        spec = ExposureSpec("p1", 0, "main", "r", exposure_s)
        return limiting_mag(camera, site, Aim(ra_deg, 0.0, 0.0), spec, T0)

    assert limit(60.0, 10.66) == pytest.approx(20.0, abs=0.01)
    assert limit(600.0, 10.66) == pytest.approx(21.25, abs=0.01)
    assert limit(60.0, 70.66) == pytest.approx(19.85, abs=0.02)
    assert limiting_mag(replace(camera, depth=()), site, CENTRE, ExposureSpec("p", 0, "main", "r", 60.0), T0) is None


def test_light_curves_are_linear_between_points_and_nothing_outside():
    source = a_source(light_curve={"r": ((0.0, 18.0), (10.0, 19.0)), "g": ((0.0, 20.0), (1.0, 20.0))})
    assert magnitude(source, "r", 5.0) == pytest.approx(18.5)
    assert magnitude(source, "clear", 10.0) == pytest.approx(19.0)
    assert magnitude(source, "r", 10.1) is None
    assert magnitude(source, "r", -0.1) is None
    assert magnitude(source, "g", 0.5) == pytest.approx(20.0)


def test_clouds_close_the_site_and_spoil_the_exposure(telescope):
    async def main(loop):
        sky = AgentSky(LoopClock(loop))
        sky.announce(SkyClockReading(T0, 1.0))
        driver = SimulatedDriver(telescope(), sky, a_world(clouds={"t1": ((after(30), after(90)),)}))
        clear = await driver.safety()
        await driver.slew(Target(10.0, 5.0, 0.0, "main", "r"))
        with pytest.raises(WeatherStop):
            await driver.expose(ExposureSpec("p1", 0, "main", "r", 60.0))
        assert sky.now() == after(30)
        cloudy = await driver.safety_after(clear)
        assert cloudy.closed_because is Reason.WEATHER
        assert (await driver.safety_after(cloudy)) == clear
        assert sky.now() == after(90)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1e5):
                await driver.safety_after(clear)

    run_virtual(main)


def test_the_world_is_read_from_the_file_that_the_site_names(telescope, tmp_path):
    path = tmp_path / "world.json"
    world = a_world(a_source())
    path.write_bytes(msgspec.json.encode(world))
    named = telescope(driver=DriverChoice("simulated", {"world": str(path)}))

    async def main(loop):
        driver = load_driver(named, AgentSky(LoopClock(loop)))
        assert driver.capabilities().simulated
        return driver

    run_virtual(main)
    path.write_text('{"seed": 1}')
    with pytest.raises(Refused, match="no world"):
        run_virtual(main)
    path.unlink()
    with pytest.raises(Refused, match="existing world file"):
        run_virtual(main)


def test_an_unknown_driver_is_refused_with_those_that_exist(telescope):
    async def main(loop):
        load_driver(telescope(driver=DriverChoice("warp")), AgentSky(LoopClock(loop)))

    with pytest.raises(Refused, match="simulated"):
        run_virtual(main)


def test_sources_are_found_across_the_meridian_of_right_ascension_zero(telescope):
    camera = telescope().instruments[0]
    sky = Sky(a_world(a_source(ra_deg=359.9, dec_deg=0.0), a_source(ra_deg=0.3, dec_deg=0.0)))
    assert len(sky.in_field(camera, Aim(0.1, 0.0, 0.0), 0.0)) == 2
