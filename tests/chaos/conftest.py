"""One real observatory with three agents, shared by all tests that kill parts of it."""

from collections.abc import Iterator

import pytest
from builders.running import Running, poll


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only with -m chaos, as `make chaos` runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones to those who ask for chaos: `make test` has to end soon."""
    if "chaos" in (config.getoption("markexpr") or ""):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="killed by `make chaos` only"))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An observatory whose agents are connected; after the last test nothing of it runs."""
    made = Running.staged(tmp_path_factory.mktemp("observatory"))
    try:
        made.up()
        made.agents_up()
        yield made
    finally:
        made.close()
    poll("nothing that was started runs", lambda: not made.left(), 30.0)
