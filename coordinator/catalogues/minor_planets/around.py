"""What is known of minor planets around candidates, for the check to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coordinator.catalogues.minor_planets.possible import Seen
from coordinator.catalogues.minor_planets.search import MinorPlanets
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.checks.minor_planet import in_one_visit
from coordinator.vetting.neighbours import Answer, MinorPlanet, Neighbours, Surroundings
from coordinator.vetting.sighting import Sighting
from telescopes.description.telescope import Site


@dataclass(frozen=True, slots=True)
class BodiesAround:
    """Known bodies, asked for candidates.

    Attributes
    ----------
    known : MinorPlanets
        An open folder of positions.
    sites : mapping of str to Site
        Where telescopes stand, by their names; of others the parallax is not known.
    time_err_s : float
        One sigma of the times of sightings.
    """

    known: MinorPlanets
    sites: Mapping[str, Site] = field(default_factory=dict)
    time_err_s: float = 0.0

    def around(self, candidates: Sequence[Candidate]) -> Surroundings:
        """Say for each candidate which bodies were at its first or last sighting."""
        ends = [_ends(candidate) for candidate in candidates]
        asked = [
            Seen(s.ra_deg, s.dec_deg, s.time, self.time_err_s, self.sites.get(s.telescope or ""), in_one_visit(c))
            for c, its in zip(candidates, ends, strict=True)
            for s in its
        ]
        answers = iter(self.known.near(asked))
        joined = [_joined([next(answers) for _ in its]) for its in ends]
        return Surroundings(
            {c.id: Neighbours(minor_planets=(answer,)) for c, answer in zip(candidates, joined, strict=True)}
        )


def _ends(candidate: Candidate) -> tuple[Sighting, ...]:
    """Return its first and last sighting of known time: what stays longer than a visit is no body of these anyway."""
    timed = [s for s in candidate.sightings if s.time is not None]
    if not timed:
        return candidate.sightings[:1]
    return (timed[0],) if len(timed) == 1 else (timed[0], timed[-1])


def _joined(answers: Sequence[Answer[MinorPlanet]]) -> Answer[MinorPlanet]:
    """Make one answer of those for two sightings: each body where it came nearest; silent only if both are."""
    spoken = [answer for answer in answers if answer.silent_because is None]
    if not spoken:
        return answers[0]
    nearest: dict[str, MinorPlanet] = {}
    for body in sorted((b for answer in spoken for b in answer.found), key=lambda b: b.separation_arcsec):
        nearest.setdefault(body.name, body)
    first = spoken[0]
    return Answer(first.source, tuple(nearest.values()), first.as_of, first.complete_to_mag)
