"""The Minor Planet Center's packed dates and designations.

Formats: https://www.minorplanetcenter.net/iau/info/PackedDates.html and PackedDes.html.
"""

from datetime import date

BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUE = {sign: value for value, sign in enumerate(BASE_62)}
_MJD_OF_ORDINAL_0 = -678576
"""MJD of the day before 0001-01-01."""

_TILDE_FIRST = 620_000
"""Numbers from here on are written as a tilde and four digits of base 62."""
_CYCLE_FIRST = 620
"""Cycles from here on are written as an underscore, year, half-month and four digits of base 62."""
_SECOND_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""The I is left out."""


def mjd_of_packed(packed: str) -> float:
    """Return the MJD of a packed date such as K1794, which is 2017-09-04.

    Raises
    ------
    ValueError
        It is no packed date.
    """
    if len(packed) != 5 or not packed[1:3].isdigit():
        raise ValueError(f"{packed!r} is no packed date")
    year = 100 * _value(packed[0], packed) + int(packed[1:3])
    try:
        day = date(year, _value(packed[3], packed), _value(packed[4], packed))
    except ValueError as error:
        raise ValueError(f"{packed!r} is no packed date") from error
    return float(day.toordinal() + _MJD_OF_ORDINAL_0)


def unpacked(packed: str) -> str:
    """Return a designation as people write it: 00001 is 1, K07Tf8A is 2007 TA418; what is neither stays as it is."""
    text = packed.strip()
    try:
        if len(text) == 5:
            return str(_number(text))
        if len(text) == 7:
            return _provisional(text)
    except (KeyError, ValueError, IndexError):
        return text
    return text


def is_same(one: str, other: str) -> bool:
    """Say whether two designations name one body: a number alone, in brackets with a name, or a provisional one."""
    return _key(one) == _key(other)


def _key(name: str) -> str:
    """Return the number where there is one, else the designation without spaces."""
    text = name.strip()
    if text.startswith("("):
        inside, _, rest = text[1:].partition(")")
        return (inside if inside.isdigit() or not rest.strip() else rest).replace(" ", "")
    first = text.split(" ", 1)[0]
    if first.isdigit() and (first == text or not _is_provisional(text)):
        return first
    return text.replace(" ", "")


def _is_provisional(text: str) -> bool:
    """2007 TA418 is one, 1 Ceres is not."""
    year, _, rest = text.partition(" ")
    return len(year) == 4 and rest[:2].isalpha() and rest[:2].isupper() and (not rest[2:] or rest[2:].isdigit())


def _number(text: str) -> int:
    if text[0] == "~":
        return _TILDE_FIRST + _base_62(text[1:])
    return _VALUE[text[0]] * 10_000 + int(text[1:])


def _provisional(text: str) -> str:
    if text[:3] in ("PLS", "T1S", "T2S", "T3S"):
        return f"{text[3:]} {text[0]}-{text[1]}"
    if text[0] == "_":
        cycle, letter = divmod(_base_62(text[3:]), len(_SECOND_LETTERS))
        return f"{2000 + _VALUE[text[1]]} {text[2]}{_SECOND_LETTERS[letter]}{_CYCLE_FIRST + cycle}"
    year = 100 * _VALUE[text[0]] + int(text[1:3])
    cycle = 10 * _VALUE[text[4]] + int(text[5])
    return f"{year} {text[3]}{text[6]}{cycle or ''}"


def _base_62(text: str) -> int:
    value = 0
    for sign in text:
        value = 62 * value + _VALUE[sign]
    return value


def _value(sign: str, packed: str) -> int:
    if sign not in _VALUE:
        raise ValueError(f"{packed!r} is no packed date")
    return _VALUE[sign]
