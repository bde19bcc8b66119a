"""Ten schedules of trouble for real processes: killed, frozen, and behind a line that is cut or slow."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import psutil
import pytest
from builders.agent_memory import disagreements
from builders.notices import a_map, a_notice
from builders.running import Running, poll
from builders.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.chaos, pytest.mark.ray, pytest.mark.long, pytest.mark.timeout(900)]

ENDED = ("pointing_completed", "pointing_partial")
NUMBERS = count(1)
PATIENT_S = 300.0
SHORT_S, LONG_S = 4.0, 26.0
"""Shorter, and longer, than the lease of 20 s."""


@dataclass
class Trouble:
    """A running observatory whose first telescope is behind a proxy."""

    running: Running
    proxy: TcpProxy

    @property
    def first(self) -> str:
        return self.running.telescopes[0]

    def kill_gateway(self) -> None:
        self.running.new_pid("gateway", self.running.kill_role("gateway"))

    def kill_scheduler(self) -> None:
        self.running.new_pid("scheduler", self.running.kill_role("scheduler"))

    def kill_agent(self) -> None:
        child = self.running.processes.children.pop(f"agent-{self.first}")
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self.running.start_agent(self.first)

    def freeze_gateway(self) -> None:
        """SIGSTOP: the agents must notice, whether the supervisor replaces it or it goes on."""
        frozen = psutil.Process(poll("the gateway has a process", lambda: self.running.pids().get("gateway")))
        frozen.suspend()
        time.sleep(LONG_S)
        if frozen.is_running():
            frozen.resume()

    def freeze_agent(self, for_s: float) -> None:
        frozen = psutil.Process(self.running.processes.children[f"agent-{self.first}"].pid)
        before = self.running.head()
        frozen.suspend()
        if for_s == LONG_S:
            lost = self.running.first(before, "telescope_status_changed", telescope=self.first)
            assert lost.entry.body["link"] == "lost"
        else:
            time.sleep(for_s)
        frozen.resume()

    def cut(self, for_s: float) -> None:
        self.proxy.cut()
        time.sleep(for_s)
        self.proxy.mend()

    def slow(self) -> None:
        self.proxy.delay_s = 0.7
        time.sleep(3 * SHORT_S)
        self.proxy.delay_s = 0.0


SCHEDULES: dict[str, tuple[Callable[[Trouble], None], ...]] = {
    "gateway killed": (Trouble.kill_gateway,),
    "scheduler killed": (Trouble.kill_scheduler,),
    "agent killed": (Trouble.kill_agent,),
    "agent killed twice": (Trouble.kill_agent, Trouble.kill_agent),
    "gateway frozen": (Trouble.freeze_gateway,),
    "agent frozen beyond its lease": (lambda it: it.freeze_agent(LONG_S),),
    "agent frozen for a moment": (lambda it: it.freeze_agent(SHORT_S),),
    "line cut beyond the lease": (lambda it: it.cut(LONG_S),),
    "line slow, then cut": (Trouble.slow, lambda it: it.cut(SHORT_S)),
    "everything at once": (
        lambda it: it.cut(SHORT_S),
        Trouble.kill_scheduler,
        Trouble.kill_agent,
        Trouble.kill_gateway,
    ),
}


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trouble]:
    made = Running.staged(tmp_path_factory.mktemp("troubled"))
    proxy = TcpProxy(made.stage.gateway_port)
    site = made.stage.site_file(made.telescopes[0])
    site.write_text(site.read_text().replace(made.stage.gateway, f"127.0.0.1:{proxy.port}"))
    try:
        made.up()
        made.agents_up()
        yield Trouble(made, proxy)
    finally:
        proxy.close()
        made.close()


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_search_goes_on_after_any_trouble_and_loses_nothing(trouble: Trouble, name: str) -> None:
    running, number = trouble.running, next(NUMBERS)
    event = f"S260320p{chr(ord('a') + number)}"
    begun = running.hand_in("preliminary.json", a_notice(event, "PRELIMINARY", 0, a_map(2 * number)))
    running.first(begun, "pointing_accepted", event=f"lvk:{event}")
    for happens in SCHEDULES[name]:
        happens(trouble)
    healed = running.head()
    poll("all agents are connected", lambda: all(running.links().get(t) == "up" for t in running.telescopes), PATIENT_S)
    running.first(healed, *ENDED)
    assert running.broken_laws() == []
    poll("what the agents hold is what the journal says", lambda: disagreements(running) == [], PATIENT_S)
    end = running.hand_in("retraction.json", a_notice(event, "RETRACTION", 60, None))
    running.first(end, "event_retracted", event=f"lvk:{event}")
