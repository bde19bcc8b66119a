"""One row of a table of detections, cell by cell; and whether it tells what was seen or what was not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from telescopes.description.errors import Refused

FILLERS = frozenset({"", "--", "-", "nan", "none", "null", "n/a", "na", "inf", "-inf", "masked"})
FILLER_NUMBERS = frozenset({-99.0, -999.0, -9999.0})
INFINITE = frozenset({"inf", "+inf", "infinity"})
YES = frozenset({"true", "t", "yes", "y", "1", "1.0", "ul"})
NO = FILLERS | {"false", "f", "no", "n", "0", "0.0"}


@dataclass(frozen=True, slots=True)
class Cells:
    """A row and what its columns mean (known name to the table's own); `where` names the row in errors."""

    row: Mapping[str, str]
    columns: Mapping[str, str]
    where: str

    def raw(self, name: str) -> str:
        """Return a cell in lower case without blanks; empty: there is no such column."""
        return self.row[self.columns[name]].strip().lower() if name in self.columns else ""

    def text(self, name: str) -> str | None:
        """Return a cell's text; None: it is a filler."""
        value = self.row[self.columns[name]].strip() if name in self.columns else ""
        return None if value.lower() in FILLERS else value

    def number(self, name: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """Return a cell's number; None: it is a filler.

        Raises
        ------
        Refused
            It is no number, or one outside its bounds.
        """
        value = None if name not in self.columns else number_in(self.raw(name), self.where, self.columns[name])
        if value is not None and not low <= value <= high:
            mend = f"give a number between {low:g} and {high:g}"
            raise Refused(f"{self.columns[name]} is {value:g}", where=self.where, mend=mend)
        return value

    def is_given(self, name: str) -> bool:
        """Say whether a cell holds anything but a filler."""
        raw = self.raw(name)
        try:
            return raw not in FILLERS and float(raw) not in FILLER_NUMBERS
        except ValueError:
            return True

    def is_limit(self) -> bool:
        """Say whether the row tells what was not seen.

        It says so itself; or its magnitude is written ``>20.5``; or its error is infinite; or the table has magnitudes,
        and this row has a limit in place of one.

        Raises
        ------
        Refused
            What should be true or false is neither.
        """
        said = self.raw("upper_limit")
        if said in YES:
            return True
        if said not in NO:
            mend = "give true or false; a depth belongs in limiting_mag_ab"
            raise Refused(
                f"{self.columns['upper_limit']} is neither true nor false: {said!r}", where=self.where, mend=mend
            )
        if self.raw("mag_ab").startswith(">") or self.raw("mag_err") in INFINITE:
            return True
        silent = "mag_ab" in self.columns and not self.is_given("mag_ab") and not self.is_given("snr")
        return silent and self.is_given("limiting_mag_ab") and said in FILLERS

    def depth_mag_ab(self) -> float | None:
        """Return how deep a limit is, in whichever column it stands; None: it does not say."""
        written = self.raw("mag_ab")
        if written.startswith(">"):
            return number_in(written[1:], self.where, self.columns["mag_ab"])
        stated = self.number("mag_ab")
        return self.number("limiting_mag_ab") if stated is None else stated


def number_in(text: str, where: str, column: str) -> float | None:
    """Read a number; None: it is a filler, or not finite."""
    plain = text.strip()
    if plain.lower() in FILLERS:
        return None
    try:
        value = float(plain)
    except ValueError:
        raise Refused(f"{column} is not a number: {plain!r}", where=where, mend="give a plain number") from None
    return None if value in FILLER_NUMBERS or not math.isfinite(value) else value
