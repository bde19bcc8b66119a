"""How long people take: at a site that people run, a pointing starts so much later after its offer than anywhere else.

Reaction times scatter by a factor of two about what the site file says (log-normal; assumed). Who looks after a robot
is called, and takes five minutes in the median (assumed).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from telescopes.description.telescope import Telescope

SCATTER = 0.7
CALLED_S = 300.0


def with_reactions(rng: np.random.Generator, telescopes: Sequence[Telescope]) -> tuple[Telescope, ...]:
    """Draw how people react this night; robotic sites stay as they are."""
    return tuple(_tonight(rng, one) if one.link.kind == "human" else one for one in telescopes)


def _tonight(rng: np.random.Generator, telescope: Telescope) -> Telescope:
    reaction_s = telescope.link.reaction_s * float(np.exp(rng.normal(0.0, SCATTER)))
    return replace(telescope, link=replace(telescope.link, reaction_s=reaction_s))


def drawn_reaction(rng: np.random.Generator, telescope: Telescope) -> timedelta:
    """Draw how long somebody who looks after a telescope takes to act on something."""
    usual_s = telescope.link.reaction_s if telescope.link.kind == "human" else CALLED_S
    return timedelta(seconds=usual_s * float(np.exp(rng.normal(0.0, SCATTER))))
