"""Trouble for real processes, drawn from a seed: killed, frozen, without disk, with a wrong clock, on a bad line.

``make chaos-processes SEED=7`` draws from another seed; ``ARMILLARY_CHAOS_SCHEDULES`` says how many are played.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from builders import running
from builders.agent_memory import wait_for_agreement
from builders.notices import a_map, a_notice
from builders.process_trouble import KINDS, TimedRunning, Trouble, drawn
from builders.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.chaos, pytest.mark.ray, pytest.mark.long, pytest.mark.timeout(900)]

SEED = int(os.environ.get("ARMILLARY_CHAOS_SEED", "20261130"))
SCHEDULES = int(os.environ.get("ARMILLARY_CHAOS_SCHEDULES", len(KINDS)))
ENDED = ("pointing_completed", "pointing_partial")
TELESCOPES = 3
NUMBERS = count(1)
PATIENT_S = 300.0
PACE = replace(running.PACE, rate=20.0)
"""All schedules are one night, and it must not end before them."""


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trouble]:
    made = TimedRunning.staged(tmp_path_factory.mktemp("troubled"), TELESCOPES, PACE)
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


@pytest.mark.parametrize("number", range(SCHEDULES), ids=lambda n: f"{n}-{drawn(SEED, n, TELESCOPES)[0].kind}")
def test_a_search_goes_on_after_any_trouble_and_loses_nothing(trouble: Trouble, number: int) -> None:
    acts, here, event = drawn(SEED, number, TELESCOPES), trouble.running, event_of(next(NUMBERS))
    begun = here.hand_in("preliminary.json", a_notice(event, "PRELIMINARY", 0, a_map(2 * number)))
    here.first(begun, "pointing_accepted", event=f"lvk:{event}")
    for act in acts:
        sys.stdout.write(f"ARMILLARY_CHAOS_SEED={SEED}, schedule {number}: {act}\n")  # shown where it fails
        trouble.happen(act)
    running.poll(
        "all agents are connected", lambda: all(here.links().get(t) == "up" for t in here.telescopes), PATIENT_S
    )
    healed = here.head()
    here.first(healed, *ENDED)
    assert here.broken_laws() == []
    wait_for_agreement(here, PATIENT_S)
    end = here.hand_in("retraction.json", a_notice(event, "RETRACTION", 60, None))
    here.first(end, "event_retracted", event=f"lvk:{event}")


def event_of(number: int) -> str:
    """Name an event; each is another one."""
    return f"S260320{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}"
