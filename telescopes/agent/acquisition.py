"""Whether the telescope looks where it was asked to, as closely as the pointing wants."""

from telescopes.agent.safety import No
from telescopes.description.durations import separation_deg
from telescopes.description.messages import Pointing
from telescopes.description.states import Reason
from telescopes.drivers.driver import Aim


def missed(pointing: Pointing, aim: Aim | None) -> No | None:
    """Say how far off it looks if that is more than its tolerance; None: near enough, or nobody knows."""
    tolerance_arcsec = pointing.constraints.pointing_tolerance_arcsec
    if tolerance_arcsec is None or aim is None:
        return None
    off_arcsec = 3600.0 * separation_deg(pointing.ra_deg, pointing.dec_deg, aim.ra_deg, aim.dec_deg)
    if off_arcsec <= tolerance_arcsec:
        return None
    what = f"the telescope looks {off_arcsec:.1f} arcsec off, {tolerance_arcsec:g} are allowed"
    return No(Reason.GUIDING_OR_ACQUISITION, what)
