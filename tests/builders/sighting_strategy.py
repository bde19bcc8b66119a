"""Sightings for property tests."""

from datetime import timedelta

from hypothesis import strategies as st

from builders.vetting import CENTRE, T0
from coordinator.vetting.sighting import Sighting


def of(strategy: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | strategy


@st.composite
def sightings(draw: st.DrawFn) -> list[Sighting]:
    """Up to 12 sightings, crowded enough that many belong together."""
    n = draw(st.integers(1, 12))
    found = []
    for i in range(n):
        hours = draw(st.none() | st.integers(-30, 300).map(lambda x: x / 10))
        found.append(
            Sighting(
                id=f"d{i:02}",
                ra_deg=CENTRE[0] + draw(st.integers(0, 40)) / 3600,
                dec_deg=CENTRE[1] + draw(st.integers(0, 3)) * 20 / 3600 + draw(st.integers(0, 3)) / 7200,
                time=None if hours is None else T0 + timedelta(hours=hours),
                filter=draw(st.sampled_from(["g", "r", "clear", None])),
                mag_ab=draw(of(st.floats(16, 20))),
                mag_err=draw(of(st.floats(0.01, 0.3))),
                real_bogus=draw(of(st.floats(0, 1))),
                pos_err_arcsec=draw(of(st.floats(0.1, 1.5))),
                telescope=draw(st.sampled_from(["t1", "t2", None])),
                host_redshift=draw(of(st.floats(-0.01, 0.2))),
                host_separation_arcsec=draw(of(st.floats(0, 90))),
            )
        )
    return found
