"""From detections to odds, in process and through the journal.

Run ``python tests/benchmarks/bench_vetting.py``; it prints markdown rows. Rates are by CPU time of this process, for
the machine is shared; the time of a single detection is what a clock says, the collecting of the vetter included.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.vetting import CENTRE, T0, a_sky, an_event

from coordinator.events.event import Event
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.vetter import Vetter
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.neighbours import NO_SURROUNDINGS, Answer, Galaxy, Neighbours, Star, Surroundings
from coordinator.vetting.prior import Prior
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.table import write_terms
from coordinator.vetting.weighed import weigh_all
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.messages import Detection

BATCH, BATCHES = 1000, 60
MANY, SINGLES = 20_000, 200
PRIOR = Prior(0.5, 6.4, "a benchmark")
HALF_DEG = 6.0
"""Half the side of the field: a thousand detections are 7 per square degree, as in the real list of S190814bv."""


def detection(chance: random.Random, number: int, half_deg: float = HALF_DEG) -> Detection:
    """A detection as a telescope sends it, somewhere in the field."""
    return Detection(
        detection_id=str(number),
        pointing_id="",
        ra_deg=CENTRE[0] + chance.uniform(-half_deg, half_deg),
        dec_deg=CENTRE[1] + chance.uniform(-half_deg, half_deg),
        mid_exposure=T0 + timedelta(hours=8 + chance.uniform(0.0, 2.0)),
        filter="r",
        mag_ab=chance.uniform(16.0, 20.0),
        mag_err=0.05,
        pos_err_arcsec=0.2,
        limiting_mag_ab=20.5,
        real_bogus=chance.uniform(0.3, 1.0),
        snr=20.0,
    )


def sighting(one: Detection, number: str) -> Sighting:
    """The same as vetting sees it."""
    return Sighting(
        number,
        one.ra_deg,
        one.dec_deg,
        one.mid_exposure,
        one.filter,
        one.mag_ab,
        one.mag_err,
        one.limiting_mag_ab,
        one.snr,
        one.real_bogus,
        one.pos_err_arcsec,
        "t1",
    )


def batches() -> float:
    """Associate and weigh batch after batch; return detections a second of CPU time.

    The median of the batches' rates: on a shared machine others' work empties the caches of some.
    """
    chance, atlas, event = random.Random(1), Atlas.of(a_sky()), an_event()
    every = [[sighting(detection(chance, n), f"t1:{b}-{n}") for n in range(BATCH)] for b in range(BATCHES)]
    weigh_all(associate(every[0]), atlas, event, PRIOR)
    took = []
    for batch in every:
        began = time.process_time()
        weigh_all(associate(batch), atlas, event, PRIOR)
        took.append(time.process_time() - began)
    return BATCH / statistics.median(took)


def into_many() -> float:
    """Weigh a batch that joins many candidates; return CPU seconds."""
    atlas, event, every = Atlas.of(a_sky(sigma_deg=10.0)), an_event(), many()
    before = weigh_all(associate(every[BATCH:]), atlas, event, PRIOR)
    began = time.process_time()
    weigh_all(associate(every), atlas, event, PRIOR, before=before.asked)
    return time.process_time() - began


def many() -> list[Sighting]:
    """Detections of as many objects, a tenth of them seen again after an hour."""
    chance = random.Random(2)
    first = [sighting(detection(chance, n, 27.0), f"t1:{n}") for n in range(MANY)]
    later = timedelta(hours=1)
    return first + [replace(s, id=f"{s.id}b", time=s.time and s.time + later) for s in first[:: len(first) // 2000]]


def as_looked_up(candidates: Sequence[Candidate]) -> Surroundings:
    """What catalogues say of many places: at most of them nothing is known, a tenth have galaxies, one in fifty a star.

    As `catalogues.opened.surroundings_in` has it: places where nothing was found share one answer.
    """
    chance = random.Random(5)
    nothing = Answer("galaxies", complete_to_mag=17.5)
    points = (Answer("points", complete_to_mag=20.0),)
    empty = Neighbours(stars=points, nuclei=points, variables=points, minor_planets=points, reported=points)
    shared, known = replace(empty, galaxies=(nothing,)), {}
    for candidate in candidates:
        share = chance.random()
        if share < 0.10:
            several = sorted(chance.uniform(1.0, 300.0) for _ in range(chance.randint(1, 3)))
            found = tuple(Galaxy("G", apart, chance.uniform(14.0, 19.0), 0.02, 0.001, "spec") for apart in several)
            known[candidate.id] = replace(empty, galaxies=(replace(nothing, found=found),))
        elif share < 0.12:
            star = Star("S", chance.uniform(0.1, 15.0), chance.uniform(10.0, 20.0))
            known[candidate.id] = replace(shared, stars=(replace(points[0], found=(star,)),))
        else:
            known[candidate.id] = shared
    return Surroundings(known)


def new_map(around: Callable[[Sequence[Candidate]], Surroundings]) -> tuple[float, int]:
    """Weigh many candidates again on a new map and write their table; return CPU seconds and the table's bytes."""
    event, candidates = an_event(), associate(many())
    known = around(candidates)
    maps = (a_sky(sha256=name * 64, sigma_deg=10.0, ra_deg=ra) for name, ra in (("a", 150.0), ("b", 152.0)))
    first, second = (Atlas.of(sky) for sky in maps)
    before = weigh_all(candidates, first, event, PRIOR, around=known)
    before.fact(20)
    began = time.process_time()
    weighed = weigh_all(candidates, second, event, PRIOR, before=before.asked, around=known)
    table = write_terms(weighed)
    weighed.fact(20)
    return time.process_time() - began, len(table)


async def vetter_with(events: list[Event]) -> tuple[Vetter, InMemoryJournal, Writer]:
    """A vetter on a journal in memory that knows some events."""
    journal, clock = InMemoryJournal(), SystemSkyClock()
    maps = {name * 64: a_sky(sha256=name * 64, sigma_deg=10.0, ra_deg=ra) for name, ra in (("a", 150.0), ("b", 152.0))}

    async def load_map(sha256: str) -> SkyMap:
        return maps[sha256]

    writer = await Writer.elected(journal, "scheduler")
    await writer.append([entry_of("event_revised", e, sky_time=clock.now(), event=e.key) for e in events])
    vetter = Vetter(journal, InMemoryBlobs(), clock, load_map)
    await vetter.start()
    return vetter, journal, writer


async def until(done: Callable[[], bool]) -> None:
    """Wait for something that the vetter does."""
    async with asyncio.timeout(60.0):
        while not done():
            await asyncio.sleep(0.001)


async def singles(standing: int) -> tuple[list[float], float]:
    """Send detections one by one; return the seconds from each to the odds in the journal, and CPU seconds of one."""
    vetter, journal, _ = await vetter_with([an_event()])
    work, chance = asyncio.create_task(vetter.run()), random.Random(3)

    def scored() -> int:
        kinds = (s.entry for s in reversed(journal.stored[-40:]))
        return next((e.body["weighed"] for e in kinds if e.kind == "candidates_scored"), 0)

    took: list[float] = []
    for n in range(0, standing, BATCH):
        await vetter.store("t1", [detection(chance, n + i, 27.0) for i in range(min(BATCH, standing - n))])
    await until(lambda: not standing or scored() > 0)
    await asyncio.sleep(1.0)
    cpu = time.process_time()
    for n in range(SINGLES):
        before, began = scored(), time.perf_counter()
        # Too late to be a step of what moves, and in no other's place.
        late = T0 + timedelta(hours=20)
        there = CENTRE[1] + 0.02 * n
        one = detection(chance, standing + n)
        await vetter.store("t1", [replace(one, mid_exposure=late, ra_deg=CENTRE[0], dec_deg=there)])
        await until(lambda before=before: scored() > before)  # type: ignore[misc]
        took.append(time.perf_counter() - began)
        await asyncio.sleep(chance.uniform(0.0, 0.02))
    work.cancel()
    return took, (time.process_time() - cpu) / SINGLES


async def revised() -> tuple[float, int, int]:
    """Let a new map come to a vetter with many candidates; return CPU seconds, entries and the largest body."""
    vetter, journal, writer = await vetter_with([an_event()])
    work, chance = asyncio.create_task(vetter.run()), random.Random(4)
    for n in range(0, MANY, BATCH):
        await vetter.store("t1", [detection(chance, n + i, 27.0) for i in range(BATCH)])

    def newest() -> int:
        found = [s.entry.body for s in journal.stored if s.entry.kind == "candidates_scored"]
        return found[-1]["event_revision"] if found else 0

    await until(lambda: newest() == 1)
    await asyncio.sleep(3.0)
    head = len(journal.stored)
    event = an_event(revision=2, localization=replace(an_event().localization, skymap_sha256="b" * 64))
    began = time.process_time()
    await writer.append([entry_of("event_revised", event, sky_time=T0, event=event.key)])
    await until(lambda: newest() == 2)
    took = time.process_time() - began
    work.cancel()
    made = [s.entry for s in journal.stored[head + 1 :]]
    return took, sum(e.kind == "candidates_scored" for e in made), max(len(msgspec.json.encode(e.body)) for e in made)


def timed(took: list[float], cpu_s: float) -> str:
    """Say the median and the 99th of a hundred of single times."""
    p99 = statistics.quantiles(took, n=100)[98]
    return f"median {1e3 * statistics.median(took):.0f}, p99 {1e3 * p99:.0f} ms ({1e3 * cpu_s:.0f} ms CPU each)"


def main() -> None:
    """Measure and print rows."""
    print("| what | budget | measured |")
    print("| --- | --- | --- |")
    print(f"| in process, association and odds, batches of {BATCH:,} | ≥ 100,000/s | {batches():,.0f}/s of CPU time |")
    print(f"| a batch of {BATCH:,} into {MANY:,} candidates | - | {into_many():.2f} s CPU |")
    for what, around in (("nobody looked", lambda _: NO_SURROUNDINGS), ("catalogues looked", as_looked_up)):
        took, size = new_map(around)
        table = f"their table ({size / 1024:,.0f} KiB)"
        print(f"| {MANY:,} candidates, {what}, on a new map, and {table} | ≤ 1 s | {took:.2f} s CPU |")
    whole, entries, body = asyncio.run(revised())
    said = f"{whole:.2f} s CPU, {entries} entry of at most {body / 1024:.0f} KiB"
    print(f"| the same through vetter and journal in memory | ≤ 1 s, one entry | {said} |")
    for standing in (0, 1000):
        row = timed(*asyncio.run(singles(standing)))
        what = f"one detection → verdict in the journal in memory, {standing:,} candidates there"
        print(f"| {what} | p99 ≤ 250 ms | {row} |")


if __name__ == "__main__":
    main()
