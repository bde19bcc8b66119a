"""The way of an alert: produced at a real broker, journalled, planned, offered, durable at the agents.

Run ``python tests/benchmarks/bench_alert.py [--agents N] [--alerts N] [--burst N]``; it prints markdown rows. Alerts
come one after another with an embedded map into a warm system: each is retracted, and the telescopes rest, before the
next one. Then a burst comes at once. Budget from the broker to the commands, 30 agents: p50 1 s, p99 2 s.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_up import received, row
from builders.broker import Broker, a_broker
from builders.notices import a_map, a_notice
from builders.running import Running, poll
from dark_network import dark_network

from coordinator.services.state import ObservatoryState

TOPIC = "igwn.gwalert"
IN_TIME_S = 6.0
"""So long each alert is watched; what a later plan offers in that time is for later hours, and does not count."""

Offers = dict[str, tuple[datetime, str]]
"""By telescope: when its first offer was made, and of which pointing."""


@dataclass
class Spans:
    """Seconds from the broker's door to each step, over all alerts."""

    journalled: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    agents: list[float] = field(default_factory=list)
    last_agent: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def add(self, number: int, sent: datetime, heard: datetime, decided: datetime, found: Offers) -> None:
        """Take one alert's."""
        times = sorted((at - sent).total_seconds() for at, _ in found.values())
        self.journalled.append((heard - sent).total_seconds())
        self.decided.append((decided - sent).total_seconds())
        self.first.append(times[0])
        self.last.append(times[-1])
        each = " ".join(f"{time_s:.2f}" for time_s in times)
        self.told.append(f"alert {number}: journalled {self.journalled[-1]:.2f}; offered {each}")


def name(number: int) -> str:
    """A superevent of its own for each alert."""
    return f"S260320{chr(ord('b') + number // 26)}{chr(ord('a') + number % 26)}"


def listen(running: Running, broker: Broker) -> None:
    """Let the observatory read the broker's topic."""
    with running.stage.config.open("a") as config:
        config.write('\n[[streams]]\nid = "files"\n\n[[streams]]\nid = "gcn"\nkind = "kafka"\n')
        config.write(f'brokers = ["{broker.address}"]\ntopics = ["{TOPIC}"]\n')


def one_alert(running: Running, broker: Broker, number: int) -> tuple[datetime, datetime, datetime, Offers]:
    """Send one; return when it was sent, journalled and decided, and each telescope's first offer."""
    event, head = f"lvk:{name(number)}", running.head()
    sent = datetime.now(UTC)
    broker.produce(TOPIC, a_notice(name(number), "PRELIMINARY", 0, a_map(number)))
    heard = running.first(head, "alert_received", event=event)
    decided = running.first(heard.seq, "event_revised", event=event)
    time.sleep(IN_TIME_S)
    found: Offers = {}
    first_plan: str | None = None
    for stored in running.read(heard.seq):
        entry = stored.entry
        if entry.kind == "pointing_offered" and entry.event == event and entry.telescope and entry.subject:
            plan = entry.body["pointing"]["plan_id"]
            first_plan = first_plan or plan
            if plan == first_plan:
                found.setdefault(entry.telescope, (stored.recorded_at, entry.subject))
    broker.produce(TOPIC, a_notice(name(number), "RETRACTION", 60, None))
    running.first(heard.seq, "event_retracted", event=event)
    return sent, heard.recorded_at, decided.recorded_at, found


@dataclass
class Rest:
    """Waits until telescopes have answered for every pointing of what is over, reading on where it stood."""

    running: Running
    state: ObservatoryState = field(default_factory=ObservatoryState)

    def wait(self) -> None:
        """Wait until nothing is open."""
        poll("no pointing is open", self._nothing_open)

    def _nothing_open(self) -> bool:
        for stored in self.running.read(self.state.applied_seq):
            self.state.apply(stored)
        return next(self.state.pointings.live(), None) is None


def one_after_another(running: Running, broker: Broker, alerts: int) -> Spans:
    """Send alerts one after another; the first one warms everything and does not count."""
    spans, rest = Spans(), Rest(running)
    commanded: list[tuple[datetime, Offers]] = []
    for number in range(alerts + 1):
        sent, heard, decided, found = one_alert(running, broker, number)
        rest.wait()
        if number and found:
            spans.add(number, sent, heard, decided, found)
            commanded.append((sent, found))
    durable = received(running)
    for sent, found in commanded:
        times = [(durable[p] - sent).total_seconds() for _, p in found.values() if p in durable]
        spans.agents += times
        if len(times) == len(found):
            spans.last_agent.append(max(times))
    print(f"telescopes with commands: {sorted({len(found) for _, found in commanded})}")
    return spans


def burst(running: Running, broker: Broker, alerts: int, after: int) -> tuple[float, int, int]:
    """Send alerts at once; return when all were journalled, how many were lost, and how much was doubled."""
    head, began = running.head(), time.monotonic()
    names = [name(after + number) for number in range(alerts)]
    broker.produce(TOPIC, *(a_notice(one, "PRELIMINARY", 0, a_map(number)) for number, one in enumerate(names)))
    wanted = {f"lvk:{one}" for one in names}

    def heard() -> Counter[str]:
        entries = (stored.entry for stored in running.read(head))
        return Counter(e.event for e in entries if e.kind == "alert_received" and e.event in wanted)

    poll("all of the burst is journalled", lambda: len(heard()) == alerts, 120.0)
    took = time.monotonic() - began
    time.sleep(IN_TIME_S)
    doubled = sum(count - 1 for count in heard().values()) + len(running.broken_laws())
    return took, alerts - len(heard()), doubled


def tell_the_slowest(spans: Spans) -> None:
    """Print what the worst alerts waited for."""
    slowest = sorted(zip(spans.last, spans.told, strict=True), reverse=True)[:8]
    print("\nthe slowest, in seconds:\n" + "\n".join(told for _, told in slowest), end="\n\n", flush=True)


def spread(values: Sequence[float]) -> str:
    """Median and p99 of some seconds."""
    if len(values) < 2:
        return f"{values} s"
    p99_s = statistics.quantiles(values, n=100, method="inclusive")[98]
    return f"p50 {statistics.median(values):.2f} s, p99 {p99_s:.2f} s (n = {len(values)})"


def main(agents: int, alerts: int, at_once: int) -> None:
    """Measure one network."""
    with tempfile.TemporaryDirectory() as temporary, a_broker(Path(temporary) / "broker") as broker:
        broker.topic(TOPIC)
        folder = Path(temporary).resolve() / "observatory"
        folder.mkdir()
        running = dark_network(folder, agents)
        listen(running, broker)
        try:
            print(f"\nload {os.getloadavg()[0]:.1f}, {psutil.cpu_count()} cores, {agents} agents\n", flush=True)
            running.up()
            running.agents_up()
            spans = one_after_another(running, broker, alerts)
            row("broker → journal", "none", spread(spans.journalled))
            row("broker → event decided", "none", spread(spans.decided))
            row("broker → first command", "none", spread(spans.first))
            row("broker → last of the commands", "p50 ≤ 1 s, p99 ≤ 2 s", spread(spans.last))
            row("broker → durable at the agent", "none", spread(spans.agents))
            row("broker → durable at the last of the agents", "p50 ≤ 1 s, p99 ≤ 2 s", spread(spans.last_agent))
            tell_the_slowest(spans)
            took, lost, doubled = burst(running, broker, at_once, alerts + 1)
            figures = f"journalled in {took:.1f} s, {lost} lost, {doubled} doubled"
            row(f"{at_once} at once", "0 lost, 0 doubled", figures)
        finally:
            running.close()


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--agents", type=int, default=30)
    words.add_argument("--alerts", type=int, default=50)
    words.add_argument("--burst", type=int, default=50)
    given = words.parse_args()
    main(given.agents, given.alerts, given.burst)
