"""The agent's memory: together or not at all, whatever kills it."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import msgspec
import pytest

from telescopes.agent.held import Held
from telescopes.agent.store import KnownSky, Store
from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.messages import Detection, ExposureResult, ItemResult, PointingReport, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import Aim

S = PointingState
NOON = datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC)

WRITER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from telescopes.agent.held import Held
from telescopes.agent.store import Store
from telescopes.description.messages import Pointing, PointingReport
from telescopes.description.states import PointingState

held = msgspec.json.decode(sys.argv[2], type=Held)
store = Store(Path(sys.argv[1]), "t1")
seq = store.cursor("journal") or 0
while True:
    seq += 1
    name = f"p{seq}"
    with store.transaction():
        store.set_cursor("journal", seq)
        store.put(replace(held, pointing=replace(held.pointing, pointing_id=name)))
        store.add_report(PointingReport(name, name, 1, PointingState.ACCEPTED, datetime.now(UTC), 0))
    print(seq, flush=True)
"""


def a_report(name):
    return PointingReport(name, "p1", 1, S.ACCEPTED, NOON, 0)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "agent.sqlite", "t1")
    yield store
    store.close()


def test_a_pointing_comes_back_as_it_was_put(store, pointing):
    held = Held(
        pointing(),
        S.EXPOSING,
        confirmed=True,
        late=True,
        started=NOON,
        aim=Aim(10.0, 5.0, None),
        exposures=(ExposureResult(0, "r", NOON, NOON, 60.0, 19.5),),
        revocation=Revocation("p1", 1, Reason.RETRACTED, True),
    )
    with store.transaction():
        store.put(held)
    assert store.find("p1") == held
    assert store.open_pointings() == [held]


def test_what_is_ended_is_found_but_not_open(store, pointing):
    with store.transaction():
        store.put(Held(pointing(), S.ACCEPTED))
        store.put(Held(pointing(), S.COMPLETED, started=NOON))
    assert store.open_pointings() == []
    assert store.find("p1").state is S.COMPLETED
    assert len(store.started_since(NOON)) == 1


def test_cursors_are_kept_for_each_journal(store):
    with store.transaction():
        store.set_cursor("a", 5)
        store.set_cursor("b", 2)
    assert (store.cursor("a"), store.cursor("b"), store.cursor("c"), store.journal_id) == (5, 2, None, "b")


def test_reports_stay_in_order_and_their_numbers_are_never_used_again(store):
    with store.transaction():
        for name in ("r1", "r2", "r3"):
            store.add_report(a_report(name))
        store.forget(["r1", "r2", "r3"])
        store.add_report(a_report("r4"))
        store.add_report(a_report("r5"))
    assert [(r.report_id, r.agent_seq) for r in store.reports(10)] == [("r4", 4), ("r5", 5)]


def test_a_refused_report_leaves_the_line_and_is_kept(store):
    with store.transaction():
        store.add_report(a_report("r1"))
        store.add_report(a_report("r2"))
        store.set_aside(ItemResult("r1", 9, "ILLEGAL_TRANSITION"))
    assert [r.report_id for r in store.reports(10)] == ["r2"]
    assert store.refused() == [("r1", 9, "ILLEGAL_TRANSITION")]


def test_a_batch_of_detections_fits_into_one_message(store):
    detections = [Detection(f"d{n}", "p1", 1.0, 2.0, NOON, "r", 18.0, cutout_png=bytes(60_000)) for n in range(100)]
    with store.transaction():
        store.add_detections(detections)
        store.add_detections(detections)
    batch = store.detections(1000)
    assert 0 < len(batch) < 100
    assert batch == detections[: len(batch)]
    assert store.unsent() == 100


def test_a_failed_transaction_leaves_nothing_behind(store, pointing):
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.put(Held(pointing(), S.ACCEPTED))
        raise ZeroDivisionError
    assert store.find("p1") is None


def test_the_sky_clock_is_remembered(store):
    known = KnownSky(SkyClockReading(NOON, 100.0), NOON)
    store.remember_sky(known)
    assert store.known_sky() == known


def test_a_second_agent_on_the_same_memory_is_refused(store, tmp_path):
    with pytest.raises(Refused, match="other agent"):
        Store(tmp_path / "agent.sqlite", "t1")


def test_the_memory_of_another_telescope_is_refused(store, tmp_path):
    store.close()
    with pytest.raises(Refused, match="memory of t1"):
        Store(tmp_path / "agent.sqlite", "t2")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="writable"):
        Store(tmp_path / "file" / "agent.sqlite", "t1")


def test_a_full_disk_is_said_and_loses_nothing(tmp_path, pointing):
    body = msgspec.json.encode(Held(pointing(), S.ACCEPTED)).decode()
    path = tmp_path / "agent.sqlite"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n{WRITER}"
    ended = subprocess.run([sys.executable, "-c", limited, str(path), body], capture_output=True, text=True, timeout=60)
    assert "Broken" in ended.stderr
    assert "free some space" in ended.stderr
    store = opened(path)
    assert len(store.open_pointings()) == store.cursor("journal") >= int(ended.stdout.split()[-1])
    store.close()


def test_memory_alone_serves_simulations(pointing):
    store = Store(None, "t1")
    with store.transaction():
        store.put(Held(pointing(), S.ACCEPTED))
    assert store.find("p1") is not None
    store.close()


@pytest.mark.chaos
def test_a_kill_at_any_instant_leaves_cursor_pointings_and_reports_in_step(tmp_path, pointing):
    body = msgspec.json.encode(Held(pointing(), S.ACCEPTED)).decode()
    path = tmp_path / "agent.sqlite"
    promised = 0
    for after_lines in (1, 7, 20):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), body], stdout=subprocess.PIPE, text=True)
        try:
            for _ in range(after_lines):
                promised = int(writer.stdout.readline())
        finally:
            os.kill(writer.pid, signal.SIGKILL)
            promised = max([promised, *(int(line) for line in writer.stdout.read().split() if line)])
            writer.stdout.close()
            writer.wait()
        store = opened(path)
        cursor = store.cursor("journal")
        assert cursor >= promised
        assert len(store.open_pointings()) == len(store.reports(10_000)) == cursor
        store.close()


def opened(path):
    """Open a store whose last owner was just killed: its lock goes with it, within a moment."""
    deadline = time.monotonic() + 90
    while True:
        try:
            return Store(path, "t1")
        except Refused:
            if time.monotonic() > deadline:
                raise
