"""Whole scenes for property tests: candidates, what is known around them, and who looked there when.

A scene follows from one number. Drawn value by value most of it would be empty, and rates, colours and later limits
never come together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from builders.vetting import ARCSEC, CENTRE, T0, an_event
from coordinator.events.event import Event
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import Ranges
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate, Motion, named
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import (
    NOBODY_LOOKED,
    Answer,
    Galaxy,
    MinorPlanet,
    Neighbours,
    Nucleus,
    Reported,
    Star,
    Surroundings,
    Variable,
)
from coordinator.vetting.sighting import Sighting

APART = (0.0, 0.3, 0.9, 1.9, 2.0, 2.1, 2.9, 3.5, 8.0, 14.9, 15.1, 40.0, 250.0)
TYPES = ("", "", "SN Ia", "SN II?", "AGN", "CV", "kilonova", "archive_variable", "RR Lyrae", "asteroid")
NIGHTS_D = (-30.0, -2.0, -1.0, -0.1, 0.1, 0.3, 0.35, 1.0, 1.2, 2.2, 2.3, 3.1, 12.0)
STATES: tuple[dict[str, Any], ...] = ({}, {}, {}, {"forced": True}, {"upper_limit": True, "mag_ab": None})


@dataclass(frozen=True)
class Scene:
    """What is weighed; the map is the test's own."""

    candidates: tuple[Candidate, ...]
    event: Event
    looks: tuple[Look, ...]
    around: Surroundings


class Drawn:
    """Draws the parts of a scene by chance."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)

    def maybe(self, low: float, high: float) -> float | None:
        """A number, or unknown one time in seven."""
        return None if self._chance.random() < 0.15 else self._chance.uniform(low, high)

    def one(self, *of: Any) -> Any:
        """One of several."""
        return self._chance.choice(of)

    def when(self, low_d: float, high_d: float) -> datetime | None:
        days = self.maybe(low_d, high_d)
        return None if days is None else T0 + timedelta(days=days)

    def sighting(self, number: int) -> Sighting:
        days = self.one(*NIGHTS_D, None)
        faint = self.one(*STATES)
        plain = Sighting(
            id=f"d{number:02}",
            ra_deg=CENTRE[0] + self.one(0, 0, 0, 0, 0.5, 12) * ARCSEC,
            dec_deg=CENTRE[1] + self.one(0, 0, 0, 0, 20) * ARCSEC,
            time=None if days is None else T0 + timedelta(days=days + self._chance.uniform(0.0, 0.02)),
            filter=self.one("g", "r", "g", "ztfr", "r", "J", "clear", None),
            mag_ab=self.maybe(15.0, 21.0),
            mag_err=self.maybe(0.01, 0.3),
            limiting_mag_ab=self.maybe(17.0, 23.0),
            snr=self.maybe(0.0, 30.0),
            real_bogus=self.maybe(0.0, 1.0),
            pos_err_arcsec=self.maybe(0.1, 1.5),
            telescope=self.one("t1", "t2", None),
            host_redshift=self.one(None, None, None, self._chance.uniform(-0.01, 0.2)),
            host_redshift_err=self.maybe(0.0, 0.1),
            host_separation_arcsec=self.one(None, None, None, self._chance.uniform(0.0, 90.0)),
        )
        return replace(plain, **faint)

    def candidates(self) -> list[Candidate]:
        """Joined by place, or told apart by others; some move."""
        every = [self.sighting(n) for n in range(self.one(1, 4, 12, 30))]
        groups: dict[str, list[Sighting]] = {}
        for s in every:
            groups.setdefault(self.one(*"uvw"), []).append(s)
        found: Sequence[Candidate] = associate(every) if self.one(True, False) else named(groups)
        motion = Motion(20.0, 90.0, 30.0, 1.5, self.one(2, 3))
        return [replace(c, motion=motion) if self._chance.random() < 0.1 else c for c in found]

    def look(self) -> Look:
        start = T0 + timedelta(days=self.one(*NIGHTS_D) + self._chance.uniform(-0.02, 0.02))
        end = start + timedelta(minutes=self.one(1, 30, 900))
        field = Ranges.of_pixels(8, pixel_at(8, *([x] for x in CENTRE)))
        return Look(self.one("t1", "t2"), start, end, self.one("g", "r", "clear"), self._chance.uniform(17, 23), field)

    def answers(self, thing: Callable[[], Any]) -> tuple[Answer[Any], ...]:
        """What up to two sources say; one may be silent, and each may have found nothing."""
        return tuple(self.answer(thing) for _ in range(self.one(0, 1, 1, 2)))

    def answer(self, thing: Callable[[], Any]) -> Answer[Any]:
        if self._chance.random() < 0.15:
            return Answer("c", silent_because="it is away")
        found = sorted((thing() for _ in range(self.one(0, 0, 1, 2))), key=lambda one: one.separation_arcsec)
        return Answer(self.one("a", "b"), tuple(found), self.when(-100, 0), self.maybe(14.0, 23.0))

    def neighbours(self) -> Neighbours:
        if self._chance.random() < 0.2:
            return NOBODY_LOOKED
        apart, maybe, one = lambda: self.one(*APART), self.maybe, self.one
        return Neighbours(
            self.answers(
                lambda: Galaxy(
                    one("NGC 1", "NGC 2"), apart(), maybe(9, 22), maybe(-0.01, 0.1), maybe(0, 0.05), one("spec", "")
                )
            ),
            self.answers(lambda: Star("star", apart(), maybe(9, 22))),
            self.answers(lambda: Nucleus("nucleus", apart(), maybe(0, 3))),
            self.answers(lambda: Variable("variable", apart(), one(*TYPES))),
            self.answers(lambda: MinorPlanet("body", apart(), maybe(0, 60), maybe(9, 22), maybe(0, 20))),
            self.answers(
                lambda: Reported("AT", apart(), one(*TYPES), maybe(-0.01, 0.3), self.when(-9, 9), self.when(-9, 9))
            ),
            maybe(-0.1, 0.5),
        )


def a_scene(seed: int) -> Scene:
    """Return the scene of a number."""
    drawn = Drawn(seed)
    candidates = drawn.candidates()
    several = [drawn.neighbours() for _ in range(3)]
    return Scene(
        tuple(candidates),
        an_event(t0=drawn.one(T0, T0, T0, None), messenger=drawn.one("gw", "gw", "EM")),
        tuple(drawn.look() for _ in range(drawn.one(0, 1, 3, 8))),
        Surroundings({c.id: drawn.one(*several) for c in candidates if drawn.one(*range(5))}),
    )


def scenes() -> st.SearchStrategy[Scene]:
    """Candidates at one place, and all that may be known of it."""
    return st.integers(0, 2**32).map(a_scene)
