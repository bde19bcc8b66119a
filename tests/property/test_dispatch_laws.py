"""Random interleavings of offers, reports, expiries, revisions, retractions and crashes keep the laws."""

import asyncio
from dataclasses import replace

from builders.dispatch import START, TOY_CELLS, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Phase
from coordinator.simulation.laws import broken_laws
from telescopes.description.messages import ALREADY_EXISTS, OK, ExposureResult, PointingReport
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason
from telescopes.description.telescope import Timing

TELESCOPES = ("tel-a", "tel-b", "tel-c")
MOUNTS = {
    "tel-a": Timing(),
    "tel-b": Timing(slew_rate_deg_s=1.0, settle_s=3.0, filter_change_s=20.0),
    "tel-c": Timing(axis_rates_deg_s=(0.5, 2.0), settle_s=1.0),
}
SKIES = {
    "sky-1": a_curve([1.0] * TOY_CELLS),
    "sky-2": a_curve([0.0, 0.0, *range(1, TOY_CELLS - 1)]),
    "sky-3": a_curve([*range(TOY_CELLS, 0, -1)]),
    "sky-4": a_curve([1.0] * TOY_CELLS, 150.0),
    "sky-5": a_curve([*range(1, TOY_CELLS + 1)], 60.0),
}
LIMITS = (None, 17.5, 19.0, 20.0, 21.0)
"""By detection a source at 150 Mpc is seen by the last two of these, one at 60 Mpc by the last three."""


fields = st.lists(
    st.tuples(
        st.sampled_from(TELESCOPES),
        st.integers(0, 40).map(lambda n: 30.0 * n),
        st.integers(0, TOY_CELLS - 2),
        st.integers(0, 4),
        st.sampled_from(["1", "1", "1", "again"]),
    ),
    min_size=4,
    max_size=24,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 7.0, 60.0, 400.0])),
        st.tuples(
            st.just("report"),
            st.integers(0, 30),
            st.sampled_from([s for s in S if s is not S.OFFERED]),
            st.sampled_from([1.0, 0.5, 0.1]),
            st.booleans(),
            st.sampled_from([None, 18.5, 20.5]),
        ),
        st.tuples(st.just("repeat"), st.integers(0, 30)),
        st.tuples(st.just("late"), st.integers(0, 30)),
        st.tuples(st.just("link"), st.sampled_from(TELESCOPES), st.sampled_from(["up", "lost", "cloud"])),
        st.tuples(st.just("sky"), st.sampled_from(sorted(SKIES))),
        st.tuples(st.just("second event"), st.sampled_from(sorted(SKIES))),
        st.tuples(st.just("crash"), st.integers(0, 12)),
        st.tuples(st.just("retract")),
    ),
    max_size=30,
)


class Play:
    """Plays steps, and remembers which reports were acknowledged."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.number = 1
        self.sent: list[tuple[str, PointingReport]] = []
        self.acknowledged: set[str] = set()

    async def step(self, step: tuple) -> None:  # noqa: C901 - one case a kind of step
        match step:
            case ("wait", seconds):
                await asyncio.sleep(seconds)
            case ("report", which, state, fraction, off, limit):
                elsewhere = {"actual_ra_deg": 190.0, "actual_dec_deg": -5.0} if off else {}
                frames = () if limit is None else (ExposureResult(0, "r", START, START, 60.0, limiting_mag_ab=limit),)
                await self.report(which, state, fraction_done=fraction, exposures=frames, **elsewhere)
            case ("late", which):
                await self.report(which, S.COMPLETED, fraction_done=1.0, late=True)
            case ("repeat", which) if self.sent:
                telescope, report = self.sent[which % len(self.sent)]
                await self.send(telescope, report)
            case ("link", telescope, "cloud"):
                await self.bench.link(telescope, "up", Reason.WEATHER)
            case ("link", telescope, link):
                await self.bench.link(telescope, link)
            case ("sky", sky):
                self.number += 1
                await self.bench.alert(an_alert(self.number, phase=Phase.UPDATE, sky=sky))
            case ("second event", sky):
                await self.bench.alert(an_alert(1, key="lvk:S2", sky=sky))
            case ("crash", steps):
                for _ in range(steps):  # so far into whatever it is deciding
                    await asyncio.sleep(0)
                await self.bench.restart()
            case ("retract",):
                await self.bench.alert(an_alert(999, phase=Phase.RETRACTION, sky=None))

    async def report(self, which: int, state: S, **said: object) -> None:
        known = sorted(self.bench.state.pointings.assignments)
        if not known:
            return
        name = known[which % len(known)]
        self.number += 1
        report = a_report(name, state, self.number, **said)
        telescope = self.bench.state.pointings.assignments[name].telescope
        self.sent.append((telescope, report))
        await self.send(telescope, report)

    async def send(self, telescope: str, report: PointingReport) -> None:
        (result,) = await self.bench.scheduler.report(telescope, [report])
        if result.code in (OK, ALREADY_EXISTS):
            self.acknowledged.add(report.report_id)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(fields, steps, st.sampled_from(["sky-1", "sky-4"]))
def test_the_laws_hold_whatever_happens(planned: list, script: list, sky: str) -> None:
    plan = [
        replace(
            a_planned(f"p{i:02d}", tel, start, cells(first, min(first + n, TOY_CELLS - 1)), event=event, visit=visit),
            ra_deg=5.0 * first,
            filter="rg"[i % 5 == 0],
            limit_mag_ab=LIMITS[(i + n) % len(LIMITS)],
        )
        for i, (tel, start, first, n, visit) in enumerate(planned)
        for event in (["lvk:S1"] if i % 4 else ["lvk:S2"])
    ]
    acknowledged: set[str] = set()

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert(sky=sky))
        await bench.settle(0.6)
        acting = Play(bench)
        for step in script:
            await acting.step(step)
        await bench.settle(1.0)
        acknowledged.update(acting.acknowledged)

    network = {name: replace(a_telescope(name), timing=MOUNTS[name]) for name in TELESCOPES}
    bench = on_bench(list(network.values()), ToyPlanner(SKIES, plan), play)
    assert list(broken_laws(bench.journal.stored, SKIES.__getitem__, network)) == []
    kept = {r for a in bench.state.pointings.assignments.values() for r in a.report_ids}
    assert acknowledged <= kept, "an acknowledged report was lost"
