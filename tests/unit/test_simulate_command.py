"""What `armillary simulate` says of options that cannot be used."""

import subprocess
import sys

import pytest


def said(*options: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "coordinator.cli", "simulate", *options], capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--events", "0"), "--events: 0 cannot be used; give 1 to 676"),
        (("--seed", "-1"), "--seed: -1 cannot be used"),
        (("--hours", "300"), "--hours: 300 cannot be used; give 0.5 to 24"),
        (("--workers", "0"), "--workers: 0 cannot be used"),
        (("--policy", "clever"), "there is no policy 'clever'"),
        (("--sites", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_nothing_is_played(options: tuple[str, ...], named: str) -> None:
    code, out, err = said(*options)
    assert code != 0 and out == ""
    assert named in err and len(err.strip().splitlines()) == 1
