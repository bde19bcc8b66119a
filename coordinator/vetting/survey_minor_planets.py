"""What surveys themselves say of known bodies at their detections."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from coordinator.alerts.mjd import utc_of_jd
from coordinator.alerts.points.bodies import bodies_of, finite_number
from coordinator.alerts.points.point import BodyNear
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Answer, MinorPlanet, Neighbours, Surroundings

SOURCE = "the survey's own look-up of minor planets"


def minor_planets_of(candidate: Mapping[str, Any]) -> Answer[MinorPlanet] | None:
    """Read what an alert says of known bodies at its place and time; None: nobody looked.

    Parameters
    ----------
    candidate : mapping
        The `candidate` of a packet of ZTF, or a row of a table with its columns; numbers may be text.
    """
    bodies = bodies_of(candidate)
    if bodies is None:
        return None
    return replace(_answer(bodies), as_of=utc_of_jd(finite_number(candidate.get("jd"))))


def told_by_surveys(candidates: Sequence[Candidate]) -> Surroundings:
    """Gather what the surveys said at each candidate's sightings: of several, each body where it came nearest.

    What is a body is one at every sighting: where the survey saw none at one of them, those at others passed by.
    """
    return Surroundings({c.id: Neighbours(minor_planets=(told,)) for c in candidates if (told := _told(c)) is not None})


def _told(candidate: Candidate) -> Answer[MinorPlanet] | None:
    asked = [s for s in candidate.sightings if s.bodies is not None]
    if not asked:
        return None
    always = all(s.bodies for s in asked)
    every = (b for s in asked for b in s.bodies or () if always)
    bodies = sorted(every, key=lambda b: (b.separation_arcsec, b.name))
    return replace(_answer(bodies), as_of=asked[-1].time)


def _answer(bodies: Sequence[BodyNear]) -> Answer[MinorPlanet]:
    nearest: dict[str, MinorPlanet] = {}
    for b in bodies:
        nearest.setdefault(b.name, MinorPlanet(b.name, b.separation_arcsec, mag=b.mag, error_arcsec=0.0))
    return Answer(SOURCE, tuple(nearest.values()))
