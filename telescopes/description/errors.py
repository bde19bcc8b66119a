"""The three families of errors; each says what is wrong, where, and how to mend it."""


class ArmillaryError(Exception):
    """An error that a person can act on.

    Parameters
    ----------
    what : str
        What is wrong, in one clause.
    where : str
        The file, key, telescope, pointing or address that it is about.
    mend : str
        What to do about it.
    """

    def __init__(self, what: str, *, where: str, mend: str) -> None:
        super().__init__(what, where, mend)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.__dict__.copy())


class RetryLater(ArmillaryError):
    """The world may heal by itself: try again after `after_s` seconds of link time."""

    def __init__(self, what: str, *, where: str, mend: str, after_s: float = 1.0) -> None:
        super().__init__(what, where=where, mend=mend)
        self.after_s = after_s


class Refused(ArmillaryError):
    """The asker is wrong or a rule forbids it: the same request will be refused again.

    `reason` is a word for machines, such as ``ILLEGAL_TRANSITION`` or ``SESSION_STALE``.
    """

    def __init__(self, what: str, *, where: str, mend: str, reason: str = "INVALID") -> None:
        super().__init__(what, where=where, mend=mend)
        self.reason = reason


class Broken(ArmillaryError):
    """Our own fault: stop and shout."""


def _rebuild(kind: type[ArmillaryError], fields: dict[str, object]) -> ArmillaryError:
    """Make an error again on the far side of a process border."""
    error = kind.__new__(kind)
    Exception.__init__(error, fields["what"], fields["where"], fields["mend"])
    error.__dict__.update(fields)
    return error
