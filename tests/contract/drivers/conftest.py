"""The peers that the contracts of drivers speak to, each started once for all of them."""

import math
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders.alpaca_peer import STAR_EAST_DEG, STAR_NORTH_DEG, AlpacaPeer, an_alpaca_peer
from builders.contract_sites import PEERS, WITHOUT_PEERS, ContractSite
from builders.indi_peer import IndiPeer, an_indi_peer

from telescopes.drivers.devices.places import apparent


@pytest.fixture(scope="package")
def alpaca_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlpacaPeer]:
    # The simulator's mount speaks of the equinox of date, and its sky lies in whatever the mount speaks.
    ra_deg, dec_deg = apparent(150.0, 20.0, datetime.now(UTC))
    star = (ra_deg + STAR_EAST_DEG / math.cos(math.radians(dec_deg)), dec_deg + STAR_NORTH_DEG)
    with an_alpaca_peer(tmp_path_factory.mktemp("alpaca"), (star,)) as peer:
        yield peer


@pytest.fixture(scope="package")
def indi_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndiPeer]:
    with an_indi_peer(tmp_path_factory.mktemp("indi")) as peer:
        yield peer


@pytest.fixture
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ContractSite]:
    """The telescope that a test's parameters name, ready; open again when the test is over."""
    name, settings = request.param
    folder = tmp_path / "site"
    folder.mkdir()
    if name in PEERS:
        made = PEERS[name](request.getfixturevalue(f"{name}_peer"), folder, **settings)
    else:
        made = WITHOUT_PEERS[name](folder, **settings)
    await made.ready()
    try:
        yield made
    finally:
        await made.open_site()
