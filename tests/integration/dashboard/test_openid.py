"""Signing in by an account elsewhere, with a provider on this machine: who gets in, and what is not believed."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office
from builders.openid_provider import CLIENT, SECRET, Provider, provided
from joserfc.jwk import RSAKey

from coordinator.security.openid import OpenId
from coordinator.security.openid_settings import OpenIdSettings
from coordinator.sources.openid_line import ask_provider

HTML = {"Accept": "text/html"}
ROLES = {"coords": "coordinator", "tca-team": "operator:tca", "tch-team": "operator: tch", "all": "viewer"}
Serve = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as found:
        found.person["groups"] = ["coords", "unknown"]
        yield found


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.event()
    return await an_office(story, tmp_path)


@pytest.fixture
async def browser(office: Office, provider: Provider, serve_story: Serve) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the dashboard; a port of it is known only when it is served, so `back` is set then."""
    settings = OpenIdSettings(provider.issuer, CLIENT, label="the observatory's account", roles=ROLES)
    openid = OpenId(settings, SECRET, "", ask_provider, lambda: datetime.now(UTC), time.monotonic)
    async with serve_story(office.story, desk=replace(office.desk(), openid=openid)) as address:
        openid.back = f"{address}/sign-in/openid/back"
        async with httpx.AsyncClient(base_url=address, timeout=60.0, headers=HTML) as client:
            yield client


async def go(browser: httpx.AsyncClient, back: str = "/log") -> httpx.Response:
    """Follow the link to the provider, and come back."""
    out = await browser.get("/sign-in/openid", params={"back": back})
    assert out.status_code == 303, out.text
    there = await browser.get(out.headers["location"])
    return await browser.get(there.headers["location"])


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await browser.get("/api/v1/me")).json())


async def test_somebody_of_a_group_comes_in_as_what_it_may_and_is_sent_where_they_wanted(
    browser: httpx.AsyncClient, provider: Provider, office: Office
) -> None:
    page = await browser.get("/sign-in?back=%2Flog")
    assert "/sign-in/openid?back=/log" in page.text
    assert "the observatory&#39;s account" in page.text
    opened = await go(browser)
    assert (opened.status_code, opened.headers["location"]) == (303, "/log")
    cookies = opened.headers.get_list("set-cookie")
    assert all("HttpOnly" in one and "SameSite=lax" in one for one in cookies)
    assert await me(browser) == {"name": "wilma", "role": "coordinator", "telescopes": []}
    assert office.people.audit()[0].what == "signed in by their provider as coordinator"
    assert provider.codes == {}

    provider.person |= {"groups": ["tch-team", "tca-team"], "preferred_username": "other-name"}
    await go(browser)
    assert await me(browser) == {"name": "wilma", "role": "operator", "telescopes": ["tca", "tch"]}
    office.people.disable("wilma", office.story.now, "a test")
    closed = await go(browser)
    assert closed.status_code == 403
    assert "this account is closed" in closed.text


async def test_who_has_lost_all_groups_loses_sessions_and_tokens_when_they_come_again(
    browser: httpx.AsyncClient, provider: Provider, office: Office
) -> None:
    await go(browser)
    token, other = office.token("wilma"), office.token("vera")
    async with httpx.AsyncClient(base_url=browser.base_url, cookies=dict(browser.cookies)) as elsewhere:
        assert (await me(elsewhere))["name"] == "wilma"
        provider.person["groups"] = []
        assert (await go(browser)).status_code == 403
        assert (await elsewhere.get("/api/v1/me")).status_code == 401
        assert (await elsewhere.get("/api/v1/me", headers=token)).status_code == 401
        assert (await elsewhere.get("/api/v1/me", headers=other)).status_code == 200
    (note, *_) = office.people.audit()
    assert (note.name, note.what) == ("wilma", "has no role at their provider any more: 2 keys ended")
    provider.person["groups"] = ["all"]
    await go(browser)
    assert (await me(browser))["role"] == "viewer"


STRANGERS: list[tuple[dict[str, Any], str]] = [
    ({"groups": ["unknown"]}, "wilma has no role here"),
    ({"groups": None}, "wilma has no role here"),
    ({"preferred_username": "<b>Wilma</b>"}, "nobody who can be named here"),
    ({"preferred_username": "cora"}, "another account here has that name"),
    ({"preferred_username": "anybody"}, "cannot be a name"),
]


@pytest.mark.slow
async def test_who_is_not_known_here_is_refused_with_a_clear_line(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    known = dict(provider.person)
    for person, says in STRANGERS:
        provider.person = known | person
        answer = await go(browser)
        assert answer.status_code in (400, 403), person
        assert says in answer.text, person
        assert "<b>" not in answer.text
        assert (await browser.get("/api/v1/me", headers={"Accept": "*/*"})).status_code == 401


LIES: list[tuple[str, Callable[[Provider], object]]] = [
    ("another issuer", lambda p: p.lies.update(iss="https://evil.example")),
    ("another audience", lambda p: p.lies.update(aud="somebody")),
    ("several audiences, nobody's", lambda p: p.lies.update(aud=[CLIENT, "somebody"])),
    ("for another party", lambda p: p.lies.update(azp="somebody")),
    ("another nonce", lambda p: p.lies.update(nonce="x")),
    ("no nonce", lambda p: p.lies.update(nonce=None)),
    ("over", lambda p: p.lies.update(exp=int(time.time()) - 3600)),
    ("endless", lambda p: p.lies.update(exp=None)),
    ("from the future", lambda p: p.lies.update(iat=int(time.time()) + 3600)),
    ("nobody", lambda p: p.lies.update(sub=None)),
    ("a number", lambda p: p.lies.update(sub=7)),
    ("unsigned", lambda p: setattr(p, "algorithm", "none")),
    ("a key of another", lambda p: setattr(p, "key", RSAKey.generate_key(2048, {"kid": "rsa"}))),
    ("a key that is not named", lambda p: setattr(p, "key", RSAKey.generate_key(2048, {"kid": "new"}))),
    ("a public key as a secret", lambda p: setattr(p, "algorithm", "HS256")),
]


async def test_a_token_that_is_not_what_it_must_be_lets_nobody_in(
    browser: httpx.AsyncClient, provider: Provider, office: Office
) -> None:
    for name, lie in LIES:
        office.later(hours=0.01)  # slower than any throttle
        provider.lies, provider.algorithm, provider.key = {}, "RS256", None
        lie(provider)
        answer = await go(browser)
        assert answer.status_code == 401, (name, answer.text)
        assert "armillary=" not in str(answer.headers.get_list("set-cookie")), name
    provider.lies, provider.algorithm, provider.key = {}, "ES256", None
    assert (await go(browser)).status_code == 303


async def test_a_key_that_nobody_here_can_read_keeps_nobody_out(browser: httpx.AsyncClient, provider: Provider) -> None:
    provider.more_keys = [
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "new"},
        {"kty": ["EC"], "kid": "odd"},
        {"kty": "RSA", "n": 7, "e": "AQAB"},
        {"kty": "OKP", "crv": "Ed25519", "x": "A"},
        "no key",
    ]
    assert (await go(browser)).status_code == 303
    provider.keys = {"RS256": provider.keys["RS256"]}
    assert (await go(browser)).status_code == 303
    provider.key, provider.keys = provider.keys["RS256"], {}
    none = await go(browser)
    assert none.status_code == 401
    assert "keys can be read" in none.text


async def test_a_code_is_good_for_the_browser_that_asked_and_once(
    browser: httpx.AsyncClient, provider: Provider, office: Office
) -> None:
    out = await browser.get("/sign-in/openid")
    there = (await browser.get(out.headers["location"])).headers["location"]
    async with httpx.AsyncClient(base_url=browser.base_url, headers=HTML) as other:
        stolen = await other.get(there)
    assert stolen.status_code == 401
    assert "this browser did not begin this" in stolen.text
    forged = await browser.get(there.replace("state=", "state=x"))
    assert forged.status_code == 401
    assert (await browser.get(f"{there}x")).status_code == 403  # another issuer's answer, mixed up with this one's
    out = await browser.get("/sign-in/openid")
    there = (await browser.get(out.headers["location"])).headers["location"]
    assert (await browser.get(there)).status_code == 303
    assert (await browser.get(there)).status_code == 401
    out = await browser.get("/sign-in/openid")
    there = (await browser.get(out.headers["location"])).headers["location"]
    office.later(hours=0.2)
    assert (await browser.get(there)).status_code == 401


@pytest.mark.slow
async def test_who_says_no_at_the_provider_is_told_so_as_text(browser: httpx.AsyncClient) -> None:
    out = await browser.get("/sign-in/openid")
    state = out.headers["location"].split("state=")[1].split("&")[0]
    answer = await browser.get(f"/sign-in/openid/back?error=%3Cb%3Edenied&state={state}")
    assert answer.status_code == 401
    assert "&lt;b&gt;denied" in answer.text


ELSEWHERE: list[tuple[dict[str, Any], str]] = [
    ({"issuer": "https://evil.example"}, "says that it is another one"),
    ({"token_endpoint": "http://evil.example/token"}, "token_endpoint is not safe"),
    ({"jwks_uri": None}, "jwks_uri is not safe"),
]


@pytest.mark.slow
async def test_a_provider_that_is_not_the_one_is_not_asked_further(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    for provider.says, told in ELSEWHERE:
        answer = await browser.get("/sign-in/openid")
        assert answer.status_code == 400
        assert told in answer.text


@pytest.mark.slow
async def test_without_the_provider_the_page_says_so_and_passwords_still_work(
    office: Office, serve_story: Serve
) -> None:
    with provided() as gone:
        issuer = gone.issuer
    settings = OpenIdSettings(issuer, CLIENT, roles=ROLES)
    openid = OpenId(settings, None, "x", ask_provider, lambda: datetime.now(UTC), time.monotonic)
    async with (
        serve_story(office.story, desk=replace(office.desk(), openid=openid)) as address,
        httpx.AsyncClient(base_url=address) as browser,
    ):
        answer = await browser.get("/sign-in/openid")
        assert answer.status_code == 503
        assert "The provider does not answer" in answer.text
        assert 'name="password"' in answer.text
