"""A sky map: probability (and distance) per cell of a multi-order HEALPix partition of the sphere."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MapFacts:
    """What the file says of itself; None: it does not say.

    `warnings` are sentences about what was mended on reading (NaN rows, gaps, renormalised). `pixel_order` is the
    order of a flat map's pixels, of which a cell may hold many; None: the cells are the file's own.
    """

    sha256: str
    t0: datetime | None = None
    distance_mpc: float | None = None
    distance_std_mpc: float | None = None
    object_id: str | None = None
    instruments: tuple[str, ...] = ()
    creator: str | None = None
    issued: datetime | None = None
    warnings: tuple[str, ...] = ()
    pixel_order: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SkyMap:
    """Cells that do not overlap, sorted along the nested curve; probabilities sum to 1.

    Attributes
    ----------
    order : int64 array, shape (n,)
        HEALPix order of each cell, 0 to 29.
    ipix : int64 array, shape (n,)
        Nested pixel number within its order.
    probability : float64 array, shape (n,)
        Probability in the cell; never NaN or negative.
    dist_mu_mpc, dist_sigma_mpc, dist_norm : float64 arrays, shape (n,), or None
        Parameters of p(D) along the cell's line of sight (Mpc, Mpc, Mpc^-2); a cell without distance has NaN in
        all three. None: the map has no distance layer.
    facts : MapFacts
        What the file says of itself.
    """

    order: NDArray[np.int64]
    ipix: NDArray[np.int64]
    probability: NDArray[np.float64]
    facts: MapFacts
    dist_mu_mpc: NDArray[np.float64] | None = None
    dist_sigma_mpc: NDArray[np.float64] | None = None
    dist_norm: NDArray[np.float64] | None = None

    @property
    def area_sr(self) -> NDArray[np.float64]:
        """Area of each cell in steradians."""
        return np.asarray(4 * np.pi / 12 / 4.0**self.order, np.float64)

    @property
    def density_per_sr(self) -> NDArray[np.float64]:
        """Probability per steradian in each cell."""
        return self.probability / self.area_sr

    @property
    def has_distance(self) -> bool:
        """Whether the map says anything about distance."""
        return self.dist_mu_mpc is not None or self.facts.distance_mpc is not None
