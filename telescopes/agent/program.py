"""Runs a program of the site that is told something and answers by lines: all of it bounded, nothing left behind."""

from collections.abc import Sequence

from telescopes.description.errors import Refused
from telescopes.drivers.child import LONGEST_LINE, run_to_end

MOST_OUTPUT_BYTES = 16 * 2**20
MOST_LINES = 10_000
GRACE_S = 2.0
LONGEST_WORDS = 300
MEND = "let it print a JSON object a line, and nothing else"


async def run_program(command: Sequence[str], said: bytes, within_s: float) -> list[bytes]:
    """Run a program to its end; return the lines that it printed, without their ends.

    Whatever way this ends, the program and what it started in its process group are dead afterwards.

    Raises
    ------
    Refused
        It could not be started, took too long, printed too much or ended with a status other than 0.
    """
    lines: list[bytes] = []
    total = 0

    def heard(line: bytes | None) -> None:
        nonlocal total
        if line is None:
            raise _failed(command, f"printed a line of more than {LONGEST_LINE // 2**10} KiB", MEND)
        total += len(line)
        if total > MOST_OUTPUT_BYTES or len(lines) >= MOST_LINES:
            most = f"{MOST_LINES} lines or {MOST_OUTPUT_BYTES // 2**20} MiB"
            raise _failed(command, f"printed more than {most}", MEND)
        lines.append(line)

    try:
        status, last_error, _ = await run_to_end(command, said, heard, within_s=within_s, grace_s=GRACE_S)
    except TimeoutError as error:
        mend = "make it faster, or raise within_s"
        raise _failed(command, f"did not end within {within_s:g} s", mend) from error
    except (OSError, ValueError) as error:
        raise _failed(command, f"cannot be started ({error})", "name a program that exists and may be run") from error
    if status != 0:
        words = " ".join(last_error.split())[-LONGEST_WORDS:]
        raise _failed(command, f"ended with status {status}{': ' if words else ''}{words}", "mend the program")
    return lines


def _failed(command: Sequence[str], what: str, mend: str) -> Refused:
    return Refused(what, where=f"program {command[0]}", mend=mend, reason="PROGRAM_FAILED")
