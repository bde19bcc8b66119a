"""Every screen of the dashboard, and a story that has something to show on each."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from builders.acting_story import Office, a_searching_office
from coordinator.dashboard.machine.known import Machine
from coordinator.events.coincidence_facts import CoincidenceFound, Tie
from coordinator.store.state_files import StateFiles
from coordinator.vetting.facts import DetectionsStored, NeighboursFound, StoredDetection
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours
from telescopes.description.messages import Detection

EVENT = "lvk:G298048"
SCREENS = {
    "now": "/",
    "event": f"/events/{EVENT}",
    "plans": f"/events/{EVENT}/plans",
    "what-if": f"/events/{EVENT}/what-if?without=tca",
    "pointing": "/act/telescope/ask-pointing?subject=tca",
    "replan": f"/act/event/replan?subject={EVENT}",
    "telescope": "/telescopes/tca",
    "candidate": f"/events/{EVENT}/candidates/cand-1",
    "shift": "/shift",
    "log": "/log",
    "quarantine": "/quarantine",
    "system": "/system",
    "simulations": "/simulations",
    "simulation": "/simulations/done",
    "simulation-unfinished": "/simulations/running",
    "act": "/act/telescope/maintenance?subject=tca",
    "hand-over": "/act/shift/hand-over?subject=shift",
}
EMPTY = ("now", "shift", "log", "quarantine", "system", "simulations")
RECORDED = {f"recorded-{name}": SCREENS[name] for name in ("now", "event", "telescope", "candidate", "plans", "log")}
CLOSED = {"sign-in": "/sign-in", "invitation": "/invitation/x", "link": "/enter/x"}

PLACE = (197.4, -23.4)


async def lived_in(story: Any, folder: Path) -> Office:
    """Tell a story with something on every screen."""
    office = await a_searching_office(story, folder, EVENT)
    await all_told(story)
    return office


async def all_told(story: Any) -> None:
    """Notices, a coincidence that wants a look, a cutout, and what lies around the candidate."""
    await story.alert(1, b"a notice of one line " * 300)
    await story.alert(2, b"\x00\x01")
    tie = Tie("fermi:1", "GRB 170817A", "CBC x GRB", 1.74, (-1.0, 5.0), 0.001, 2.1e-14, None)
    fact = CoincidenceFound(
        EVENT, "G298048", (), (tie,), None, {EVENT: None}, None, "Their maps exclude each other.", True
    )
    await story.tell("coincidence_found", fact, event=EVENT, subject=EVENT)
    near = Neighbours(galaxies=(Answer("a catalogue", (Galaxy("NGC 4993", 10.6),)),))
    found = NeighboursFound(EVENT, "cand-1", "remote", *PLACE, near)
    await story.tell("neighbours_found", found, "vetter", event=EVENT, subject="cand-1")
    sent = io.BytesIO()
    Image.new("L", (32, 32), 128).save(sent, "PNG")
    seen = [
        StoredDetection(
            Detection(f"d{n}", "pointing-001", *PLACE, story.now, "r", 18.0, pos_err_arcsec=1.0), "tca", EVENT,
            await story.blobs.put(data),
        )
        for n, data in enumerate((sent.getvalue(), b"no image"))
    ]  # fmt: skip
    await story.tell("detections_stored", DetectionsStored(tuple(seen)), "vetter", event=EVENT)


async def supervised() -> list[dict[str, Any]]:
    """Two actors, one of which failed."""
    alive = {"name": "source/gcn", "state": "alive", "pid": 11, "answered_ago_s": 0.4, "because": None}
    failed = {"name": "vetter", "state": "failed", "pid": None, "answered_ago_s": None, "because": "no catalogue"}
    says = {"id": "gcn", "state": "silent", "because": "no sign of life for 61 s", "last_message_age_s": 61.0}
    return [alive | {"says": says}, failed | {"says": {}}]


MACHINE = Machine((("gcn", "kafka"),), supervised, lambda: StateFiles("SQLite file", 2**20, 7))
