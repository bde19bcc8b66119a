"""Who is at this machine."""

import pytest

from coordinator.cli.person import this_person


@pytest.mark.parametrize(
    "error", [KeyError("getpwuid(): uid not found: 54321"), OSError("No username set"), ImportError("pwd")]
)
def test_a_user_without_a_name_is_a_number(error: Exception) -> None:
    def nameless() -> str:
        raise error

    assert this_person(nameless).startswith("user ")


def test_a_user_is_named_as_the_machine_names_them() -> None:
    assert this_person(lambda: "ada") == "ada"
    assert this_person(lambda: "ada\n").startswith("user ")
