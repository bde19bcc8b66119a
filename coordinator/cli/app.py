"""The command line: one file per command, errors as one clear line, Ctrl-C quietly.

A command module imports only the standard library, typer and rich at its top; what needs the
coordinator's packages is imported inside the command, so that the agent's small install can show help.
"""

import importlib
import importlib.util
import os
import sys

import typer

from telescopes.description.errors import ArmillaryError, Broken, RetryLater

COMMANDS = (
    "demo",
    "plan",
    "ingest",
    "vet",
    "simulate",
    "approve",
    "candidate",
    "telescope",
    "point",
    "up",
    "status",
    "down",
    "agent",
    "ca",
    "people",
    "replay",
    "check",
    "minor_planets",
    "catalogues",
    "conformance",
    "dst",
    "past",
)
"""Each is a module here with a function `register(app)`; one that does not exist yet is passed over."""

EXIT_CODES = {RetryLater: 75, Broken: 70}
INTERRUPTED = 130


def build() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        name="armillary",
        help="Many telescopes, one observatory.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name in COMMANDS:
        if importlib.util.find_spec(f"coordinator.cli.{name}") is None:
            continue
        importlib.import_module(f"coordinator.cli.{name}").register(app)
    return app


def main() -> None:
    """Run the command; print an error as one line that says what, where and how to mend it."""
    try:
        build()()
    except ArmillaryError as error:
        code = next((c for kind, c in EXIT_CODES.items() if isinstance(error, kind)), 1)
        leave(str(error), code)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("coordinator", "telescopes", "armillary"):
            raise
        leave(f"armillary: this command needs the package {error.name}; pip install 'armillary[coordinator]'", 1)
    except KeyboardInterrupt:
        leave("", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def leave(line: str, code: int) -> None:
    """Print one line to standard error and end."""
    if line:
        print(" ".join(line.split()), file=sys.stderr)
    sys.exit(code)
