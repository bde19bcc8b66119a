"""``host:port`` is read and written in one way, wherever it is said."""

import asyncio
from pathlib import Path

import pytest
from builders.driver_benches import a_sky, a_telescope

from telescopes.agent.enrolment import enrol
from telescopes.conformance.server_suite import try_server
from telescopes.credentials.enrolment_token import EnrolmentToken
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.errors import Refused
from telescopes.description.host_port import HostPort, is_host, read_host_port
from telescopes.drivers.indi.driver import IndiDriver

GOOD = {
    "localhost:1": HostPort("localhost", 1),
    "127.0.0.1:50051": HostPort("127.0.0.1", 50051),
    "gateway.example.org:65535": HostPort("gateway.example.org", 65535),
    "xn--mnchen-3ya.example:443": HostPort("xn--mnchen-3ya.example", 443),
    "[::1]:50051": HostPort("::1", 50051),
    "[2001:db8::1]:7624": HostPort("2001:db8::1", 7624),
}
BAD = [
    "",
    "nowhere",
    ":50051",
    "host:",
    "host:0",
    "host:65536",
    "host:٣",
    "host:-1",
    "a b:1",
    "http://host:1",
    "host/x:1",
    "münchen.example:443",
    "::1:50051",
    "[::1:50051",
    "[host]:1",
    "[]:1",
]


@pytest.mark.parametrize(("text", "found"), GOOD.items())
def test_an_address_is_written_as_it_was_read(text: str, found: HostPort) -> None:
    assert read_host_port(text) == found
    assert str(found) == text
    assert is_host(found.host)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused_wherever_it_is_said(text: str, tmp_path: Path) -> None:
    assert read_host_port(text) is None
    with pytest.raises(Refused, match=r"driver\.server.* is no address; give host:port"):
        IndiDriver(a_telescope("indi", server=text, telescope="M", camera="C"), a_sky())
    token = EnrolmentToken("telescope", "t1", 50052, "s" * 43, "0" * 64)
    with pytest.raises(Refused, match="is no address; give host:port"):
        enrol(token, text, IdentityFiles.in_folder(tmp_path))

    async def tried() -> None:
        async for _ in try_server(text, "t1", 0.1):
            pass

    with pytest.raises(Refused, match=r"--target: .*is no address; give host:port"):
        asyncio.run(tried())
