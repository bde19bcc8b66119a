"""An alert that is only a position with its error is searched like one with a map."""

import asyncio
from datetime import timedelta

import numpy as np
from builders.nights import START, five_telescopes

from coordinator.alerts.alert import Alert, Localization, Purpose
from coordinator.dispatch.facts import PlanMade, PointingOffered, TelescopeStatusChanged
from coordinator.services.facts import entry_of, fact_of
from coordinator.services.journal import Stored, Writer
from coordinator.services.place_map import place_map
from coordinator.simulation.memory_observatory import MemoryObservatory, Pace
from coordinator.simulation.virtual_loop import LoopClock, run_virtual, virtual_utc

PLACE = Localization("cone", 165.0, 4.0, 2.0, containment=0.9, systematic_included=False)


def an_alert(where: Localization) -> Alert:
    return Alert(
        source="test",
        format="voevent-xml",
        stream="swift",
        notice_id="n1",
        event_key="swift:1",
        name="1",
        messenger="EM",
        phase=None,
        stage="BAT_POS",
        purpose=Purpose.OBSERVATION,
        t0=START - timedelta(minutes=5),
        t_issued=START,
        raw_sha256="r",
        localization=where,
    )


async def play(loop: asyncio.AbstractEventLoop) -> list[Stored]:
    observatory = MemoryObservatory(
        five_telescopes(),
        Pace(),
        utc=virtual_utc(loop, START),
        link=LoopClock(loop),
        rng=np.random.default_rng(1),
    )
    made = place_map(PLACE, "swift")
    assert made is not None
    where = Localization(
        PLACE.kind,
        PLACE.ra_deg,
        PLACE.dec_deg,
        PLACE.radius_deg,
        containment=PLACE.containment,
        skymap_sha256=await observatory.blobs.put(made.data),
    )
    for one in five_telescopes():
        up = entry_of(
            "telescope_status_changed", TelescopeStatusChanged("up", safe=True), sky_time=START, telescope=one.id
        )
        await (await Writer.elected(observatory.journal, f"telescope/{one.id}")).append([up])
    source = await Writer.elected(observatory.journal, "source/test")
    await source.append([entry_of("alert_received", an_alert(where), sky_time=START, event="swift:1")])
    scheduler = asyncio.create_task(observatory.scheduler.run())
    await asyncio.sleep(120.0)
    scheduler.cancel()
    await asyncio.gather(scheduler, return_exceptions=True)
    return list(observatory.journal.stored)


def test_a_cone_leads_to_offers() -> None:
    entries = [(s.entry.kind, fact_of(s.entry)) for s in run_virtual(play)]
    plans = [fact for kind, fact in entries if kind == "plan_made"]
    offers = [fact for kind, fact in entries if kind == "pointing_offered"]
    assert plans and isinstance(plans[-1], PlanMade) and plans[-1].planned["swift:1"] > 0.8
    assert offers and all(isinstance(o, PointingOffered) and o.pointing.event_id == "swift:1" for o in offers)
    first = offers[0].pointing
    assert abs(first.ra_deg - 165.0) < 5.0 and abs(first.dec_deg - 4.0) < 5.0
