"""One real observatory with three agents, shared by all tests that kill parts of it."""

from collections.abc import Iterator

import pytest
from builders.running import Running, poll


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An observatory whose agents are connected; after the last test here nothing of it runs, nor beside later ones."""
    made = Running.staged(tmp_path_factory.mktemp("observatory"))
    try:
        made.up()
        made.agents_up()
        yield made
    finally:
        made.close()
    poll("nothing that was started runs", lambda: not made.left())
