"""Images are reduced beside the observing, by a program whose failures cost no pointing."""

import asyncio
import json
import logging
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from telescopes.agent.lease import Lease
from telescopes.agent.ledger import Ledger
from telescopes.agent.reduction_output import local_path
from telescopes.agent.store import Store
from telescopes.agent.waiting_frames import KEPT, MOST_WAITING, WaitingFrames
from telescopes.description.errors import Refused
from telescopes.description.messages import Exposure
from telescopes.description.telescope import Reduction
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

DARK = World(seed=1, t_ref=datetime(2026, 1, 1, tzinfo=UTC), sources=(), bogus_per_image=0.0)
DEPTH = b'{"limiting_mag_ab": 19.25, "fwhm_arcsec": 3.5}\n'
FOUND = b'{"ra_deg": 10.1, "dec_deg": 5.2, "mag_ab": 18.0, "mag_err": 0.05}\n'


class Camera(SimulatedDriver):
    """Its images lie somewhere."""

    async def expose(self, spec):
        frame = await super().expose(spec)
        return replace(frame, image_uri=f"file:///data/{spec.pointing_id}%20{spec.exposure_index}.fits")


class Program:
    """A reduction that takes as long, prints what and fails as it is told."""

    def __init__(self, *lines, takes_s=0.0, failure=None):
        self.lines, self.takes_s, self.failure = list(lines), takes_s, failure
        self.told = []

    async def __call__(self, command, said, within_s):
        self.told.append(json.loads(said))
        await asyncio.sleep(self.takes_s)
        if self.failure:
            raise Refused(self.failure, where="program p", mend="mend it")
        return self.lines


def at_the_site(telescope, program, **more):
    site = telescope(reduction=Reduction(("p",), 60.0))
    return {"telescope": site, "program": program, "driver": lambda t, s: Camera(t, s, DARK), **more}


def test_each_image_is_reduced_and_its_depth_reported(play, pointing, telescope):
    program = Program(DEPTH, FOUND)

    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing())
            await rig.sky_s(600)
            assert store.unsent() == 0
        assert rig.told() == ["accepted", "slewing", "exposing", "completed", "completed"]
        assert {e.limiting_mag_ab for e in rig.coordinator.reports[-1].exposures} == {19.25}
        assert {e.fwhm_arcsec for e in rig.coordinator.reports[-1].exposures} == {3.5}
        found = list(rig.coordinator.detections.values())
        assert len(found) == 3
        assert {(d.ra_deg, d.filter, d.pointing_id, d.limiting_mag_ab) for d in found} == {(10.1, "r", "p1", 19.25)}
        assert store_is_clean(rig)

    def store_is_clean(rig):
        return [t["exposure"]["exposure_index"] for t in program.told] == [0, 1, 2]

    play(scenario, **at_the_site(telescope, program))
    first = program.told[0]
    assert first["image"] == "/data/p1 0.fits"
    assert first["pointing"]["pointing_id"] == "p1"
    assert abs(first["pointing"]["actual_dec_deg"] - 5.0) < 0.01


def test_programs_may_count_from_one_in_each_image(play, pointing, telescope):
    numbered = FOUND.replace(b"{", b'{"detection_id": "1", ')

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing())
            await rig.sky_s(600)
        assert list(rig.coordinator.detections) == ["t1:p1:0:1", "t1:p1:1:1", "t1:p1:2:1"]

    play(scenario, **at_the_site(telescope, Program(numbered, numbered)))


def test_observing_does_not_wait_for_a_slow_program(play, pointing, telescope):
    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing())
            await rig.sky_s(400)
            assert rig.told()[-1] == "completed"
            assert store.frames.waiting() > 0
            await rig.sky_s(4000)
            assert store.frames.waiting() == 0
        taken = [e.start for e in rig.coordinator.reports[-1].exposures]
        assert (taken[1] - taken[0]).total_seconds() < 66

    play(scenario, **at_the_site(telescope, Program(DEPTH, takes_s=500.0)))


def test_a_failure_is_said_once_and_costs_no_pointing(play, pointing, telescope, caplog):
    program = Program(failure="ended with status 3: no stars")

    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing())
            await rig.sky_s(600)
            assert [why for _, _, why in store.frames.not_reduced()] == [
                "program p: " + program.failure + "; mend it"
            ] * 3
        assert rig.told()[-1] == "completed"

    with caplog.at_level(logging.WARNING):
        play(scenario, **at_the_site(telescope, program))
    assert len([r for r in caplog.records if "no stars" in r.message]) == 1


def test_a_frame_that_was_not_reduced_is_reduced_after_a_restart(play, pointing, telescope, tmp_path):
    program = Program(DEPTH, FOUND, takes_s=1e6)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(exposures=(Exposure("r", 60.0, 1),)))
            await rig.sky_s(300)
            assert rig.told()[-1] == "completed"
        assert not rig.coordinator.detections
        program.takes_s = 0.0
        async with rig.running() as store:
            await rig.sky_s(600)
            assert store.frames.waiting() == 0
        assert len(rig.coordinator.detections) == 1
        assert rig.coordinator.reports[-1].exposures[0].limiting_mag_ab == 19.25

    play(scenario, **at_the_site(telescope, program, state=tmp_path))


def test_a_bad_line_costs_no_other(play, pointing, telescope, caplog):
    lines = (b"starting\n", b'{"ra_deg": 400, "dec_deg": 0, "mag_ab": 1}\n', b'{"fwhm_arcsec": "x"}\n', FOUND, b"\n")

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(exposures=(Exposure("r", 60.0, 1),)))
            await rig.sky_s(600)
        assert len(rig.coordinator.detections) == 1

    with caplog.at_level(logging.WARNING):
        play(scenario, **at_the_site(telescope, Program(*lines)))
    said = " ".join(r.message for r in caplog.records)
    assert all(f"line {n}" in said for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b'{"ra_deg": 10.1, "filter": "\xe9"}\n', "is no JSON object (it is not UTF-8)"),
        (b'{"ra_deg": ' * 100_000 + b"\n", "is no JSON object (it is nested too deeply)"),
        (b'{"ra_deg": ' + b"1" * 5000 + b"}\n", "is no JSON object"),
    ],
)
def test_a_line_of_whatever_bytes_costs_no_other(play, pointing, telescope, caplog, line, word):
    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing(exposures=(Exposure("r", 60.0, 1),)))
            await rig.sky_s(600)
            assert (store.frames.waiting(), store.frames.not_reduced()) == (0, [])
        assert [d.ra_deg for d in rig.coordinator.detections.values()] == [10.1]

    with caplog.at_level(logging.WARNING):
        play(scenario, **at_the_site(telescope, Program(line, FOUND)))
    (said,) = [r.message for r in caplog.records if "line 1" in r.message]
    assert word in said


def test_a_full_outbox_holds_reductions_back(play, pointing, telescope):
    many = [b'{"ra_deg": 10.1, "dec_deg": %f, "mag_ab": 18.0}\n' % (n / 1e4) for n in range(50)]

    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing())
            await rig.sky_s(120)
            rig.link.cut(900.0)
            await rig.sky_s(600)
            ledger = Ledger(store, sky=rig.sky, lease=Lease(rig.clock), link_clock=rig.clock, utc_now=rig.utc, rng=None)
            waiting = asyncio.create_task(ledger.wait_for_room(store.unsent, 100))
            await rig.sky_s(700)
            assert store.unsent() > 100
            assert not waiting.done()
            await rig.sky_s(3000)
            ledger.clear([])
            await waiting

    play(scenario, **at_the_site(telescope, Program(*many)))


def test_a_line_that_is_full_leaves_out_its_oldest(tmp_path):
    store = Store(tmp_path / "agent.sqlite", "t1")
    with store.transaction():
        for n in range(MOST_WAITING + 2):
            store.frames.add("p1", n)
            store.frames.add("p1", n)
    assert store.frames.waiting() == MOST_WAITING
    assert [index for _, index, _ in store.frames.not_reduced()] == [0, 1]
    store.close()


def test_images_elsewhere_keep_their_address():
    assert local_path("https://archive.example/x.fits") == "https://archive.example/x.fits"
    assert local_path("file:///data/a%20b.fits") == "/data/a b.fits"
    assert local_path("file://[data/a.fits") == "file://[data/a.fits"


def test_what_ended_long_ago_is_forgotten_while_the_agent_runs_and_is_not_searched():
    steps = []
    db = sqlite3.connect(":memory:", isolation_level=None)
    WaitingFrames.prepare(db)
    frames = WaitingFrames(db)
    db.execute("BEGIN")
    for n in range(KEPT + 50):
        frames.add("p1", n)
        frames.end(frames.next(), "no stars")
    left = frames.not_reduced()
    assert (len(left), left[0][1]) == (KEPT, 50)
    frames.add("p2", 0)
    db.set_progress_handler(lambda: steps.append(1), 100)  # called each hundred steps of the database
    assert (frames.waiting(), frames.next().pointing_id) == (1, "p2")
    db.set_progress_handler(None, 0)
    assert len(steps) < 3
    db.close()
