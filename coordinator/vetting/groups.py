"""Sets of things that belong together, joined pair by pair."""


class Groups:
    """Disjoint sets of the numbers 0 to n - 1."""

    def __init__(self, n: int) -> None:
        self._above = list(range(n))

    def root(self, i: int) -> int:
        """Return the smallest member of the set that holds `i`."""
        while self._above[i] != i:
            self._above[i] = self._above[self._above[i]]
            i = self._above[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make one set of the two."""
        a, b = self.root(i), self.root(j)
        self._above[max(a, b)] = min(a, b)

    def members(self) -> list[list[int]]:
        """Return all sets, each in order, by their smallest member."""
        sets: dict[int, list[int]] = {}
        for i in range(len(self._above)):
            sets.setdefault(self.root(i), []).append(i)
        return list(sets.values())
