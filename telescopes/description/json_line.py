"""One line of JSON that somebody else's program wrote: whatever is in it, it is read, or refused in one way."""

from typing import Any

import msgspec


class NoJson(ValueError):
    """The line is not what was asked for; says why."""


def read_json_line(line: bytes, kind: Any) -> Any:
    """Read a line as a `kind` of value.

    Raises
    ------
    NoJson
        It is no JSON, or another kind of value.
    """
    try:
        return msgspec.json.decode(line, type=kind)
    except UnicodeDecodeError as error:
        raise NoJson("it is not UTF-8") from error
    except RecursionError as error:
        raise NoJson("it is nested too deeply") from error
    except msgspec.MsgspecError as error:
        raise NoJson(str(error)) from error
