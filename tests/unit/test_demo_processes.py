"""The processes of a demonstration are ended, and nothing else is changed."""

import signal
from pathlib import Path

from coordinator.demo.processes import Processes


def test_who_has_ended_its_processes_can_be_interrupted_as_before(tmp_path: Path) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    try:
        Processes(tmp_path).close()
        assert [signal.getsignal(number) for number in numbers] == before
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
