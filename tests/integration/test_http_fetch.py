"""What may be fetched by link, against a real web server: slow, endless, cut off, redirecting."""

import time
from collections.abc import Iterator

import pytest
from builders.map_server import MapServer, serving

from coordinator.services.link_rules import FetchRules, host_problems
from coordinator.sources.http_fetch import HttpFetch
from telescopes.description.errors import Refused, RetryLater


@pytest.fixture
def maps() -> Iterator[MapServer]:
    with serving() as server:
        yield server


def fetcher(*hosts: str, max_bytes: int = 100_000, total_s: float = 30.0) -> HttpFetch:
    return HttpFetch(FetchRules(hosts=hosts, max_bytes=max_bytes, connect_s=20.0, total_s=total_s))


async def test_a_file_of_an_allowed_origin_is_fetched(maps: MapServer) -> None:
    maps.files["/a?b=1"] = b"map" * 1000
    assert await fetcher(maps.origin).get(maps.url("/a?b=1")) == b"map" * 1000


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a",
        "http://localhost:{port}/a",
        "https://10.0.0.7/a",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://gracedb.ligo.org/a",
        "https://gracedb.ligo.org:8443/a",
        "https://user:word@gracedb.ligo.org/a",
        "https://gracedb.ligo.org.example/a",
        "https://[::1/a",
        "//gracedb.ligo.org/a",
        "nonsense",
        "",
    ],
)
async def test_what_is_not_allowed_is_never_asked(maps: MapServer, url: str) -> None:
    maps.files["/a"] = b"secret"
    with pytest.raises(Refused):
        await fetcher("gracedb.ligo.org").get(url.format(port=maps.port))
    assert maps.asked == {}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0", "::1", "::ffff:10.0.0.1"])
async def test_a_host_that_is_trusted_by_name_must_be_at_a_public_address(host: str) -> None:
    bracketed = f"[{host}]" if ":" in host else host
    with pytest.raises(Refused, match="inside a private network"):
        await fetcher(host).get(f"https://{bracketed}/a")


async def test_an_origin_is_that_port_and_no_other(maps: MapServer) -> None:
    with serving() as other:
        other.files["/a"] = b"secret"
        with pytest.raises(Refused, match="not among the hosts"):
            await fetcher(maps.origin).get(other.url("/a"))
        assert other.asked == {}


async def test_a_redirection_is_judged_like_the_first_address(maps: MapServer) -> None:
    with serving() as inside:
        inside.files["/a"] = b"secret"
        maps.redirects["/away"] = inside.url("/a")
        with pytest.raises(Refused, match="not among the hosts"):
            await fetcher(maps.origin).get(maps.url("/away"))
        assert inside.asked == {}


async def test_a_redirection_to_the_same_origin_is_followed_but_not_for_ever(maps: MapServer) -> None:
    maps.redirects |= {"/old": "/new", "/round": "/round"}
    maps.files["/new"] = b"map"
    assert await fetcher(maps.origin).get(maps.url("/old")) == b"map"
    with pytest.raises(Refused, match="redirected more than 3 times"):
        await fetcher(maps.origin).get(maps.url("/round"))
    assert maps.asked["/round"] == 4


async def test_a_file_that_is_too_long_is_given_up(maps: MapServer) -> None:
    maps.files["/long"] = b"x" * 100_001
    for path in ("/long", "/endless"):
        with pytest.raises(Refused, match="longer than 100000 bytes"):
            await fetcher(maps.origin).get(maps.url(path))


async def test_a_file_that_drips_is_given_up_in_time(maps: MapServer) -> None:
    began = time.monotonic()
    with pytest.raises(RetryLater, match=r"takes too long|timed out"):
        await fetcher(maps.origin, total_s=0.5).get(maps.url("/drip"))
    assert time.monotonic() - began < 20.0


async def test_a_head_that_drips_is_given_up_too(maps: MapServer) -> None:
    began = time.monotonic()
    with pytest.raises(RetryLater):
        await fetcher(maps.origin, total_s=0.5).get(maps.url("/slow-head"))
    assert time.monotonic() - began < 10.0, "the server goes on for half a minute"


async def test_a_length_that_is_no_number_says_nothing(maps: MapServer) -> None:
    assert await fetcher(maps.origin).get(maps.url("/odd-length")) == b"map"


@pytest.mark.parametrize("to", ["http://[", "http://[::1", "http://x:port/"])
async def test_a_redirection_to_what_is_no_address_is_refused(maps: MapServer, to: str) -> None:
    maps.redirects["/away"] = to
    with pytest.raises(Refused):
        await fetcher(maps.origin).get(maps.url("/away"))


async def test_half_a_file_is_none(maps: MapServer) -> None:
    with pytest.raises(RetryLater, match="IncompleteRead"):
        await fetcher(maps.origin).get(maps.url("/cut"))


async def test_what_may_still_come_is_asked_for_later_and_what_may_not_is_refused(maps: MapServer) -> None:
    maps.statuses |= {"/busy": 503, "/secret": 403, "/gone": 410}
    for path in ("/never", "/busy"):
        with pytest.raises(RetryLater):
            await fetcher(maps.origin).get(maps.url(path))
    for path in ("/secret", "/gone"):
        with pytest.raises(Refused):
            await fetcher(maps.origin).get(maps.url(path))


async def test_a_server_that_is_away_is_asked_again_later() -> None:
    with serving() as server:
        url, origin = server.url("/a"), server.origin
    with pytest.raises(RetryLater):
        await fetcher(origin).get(url)


def test_entries_that_are_no_host_are_named() -> None:
    good = ["gracedb.ligo.org", "http://127.0.0.1:8123"]
    bad = ["https://gracedb.ligo.org", "gracedb.ligo.org:443", "http://127.0.0.1:8123/maps", "", "a b"]
    assert host_problems([*good, *bad]) == bad
