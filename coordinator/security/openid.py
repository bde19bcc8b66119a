"""OpenID Connect: the authorization code flow with PKCE, and what an identity token must be to be believed."""

import base64
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from coordinator.security.openid_settings import OpenIdSettings
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that a key pair makes: neither `none` nor those of a shared secret."""

KEY_PAIRS = ("RSA", "EC", "OKP")
WELL_KNOWN = "/.well-known/openid-configuration"
GOOD_S = 3600.0
LEEWAY_S = 60
UNAUTHENTICATED = "UNAUTHENTICATED"

Ask = Callable[[str, dict[str, str] | None, dict[str, str]], Awaitable[bytes]]
"""Asks an address, with a form or without, and with headers; Refused or RetryLater."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: what the browser is sent with, and what must come back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass
class OpenId:
    """One provider.

    Parameters
    ----------
    settings : OpenIdSettings
        What is known of it.
    secret : str or None
        The client's.
    back : str
        Our address to which it sends people back.
    ask : callable
        Asks it.
    utc : callable
        The machine's UTC: tokens have an end.
    link_s : callable
        Link time: what the provider says of itself is good for an hour.
    """

    settings: OpenIdSettings
    secret: str | None
    back: str
    ask: Ask
    utc: Callable[[], datetime]
    link_s: Callable[[], float]
    _about: dict[str, Any] = field(default_factory=dict)
    _about_until_s: float = 0.0

    async def begin(self) -> Begun:
        """Begin a sign-in.

        Raises
        ------
        RetryLater, Refused
            The provider is away, or is not what the settings say.
        """
        about = await self._configuration()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.back,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        where = str(about["authorization_endpoint"])
        return Begun(f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}", state, nonce, verifier)

    async def claims(self, code: str, begun: Begun) -> dict[str, Any]:
        """Change a code for what the provider says of who signed in.

        Raises
        ------
        RetryLater, Refused
            The provider is away, does not know the code, or says what cannot be believed.
        """
        about = await self._configuration()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.settings.client_id,
            "code_verifier": begun.verifier,
        }
        headers: dict[str, str] = {}
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.secret is not None and "client_secret_basic" in methods:
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif self.secret is not None:
            form["client_secret"] = self.secret
        token = _table(await self.ask(str(about["token_endpoint"]), form, headers)).get("id_token")
        if not isinstance(token, str):
            raise _unbelievable("the provider sent no identity token")
        return self._believed(token, await self._keys(about), begun)

    def _believed(self, token: str, keys: KeySet, begun: Begun) -> dict[str, Any]:
        """Check signature, issuer, audience, time and nonce (OpenID Connect Core 1.0, 3.1.3.7)."""
        mine = self.settings.client_id
        rules = jwt.JWTClaimsRegistry(
            now=int(self.utc().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": mine},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )
        try:
            claims = dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
            rules.validate(claims)
        except InvalidKeyIdError as error:
            self._about_until_s = 0.0  # it may have changed its keys: the next one who comes asks for them
            raise _unbelievable("the identity token is signed with a key that the provider does not name") from error
        except (JoseError, ValueError) as error:
            raise _unbelievable(f"the identity token is not to be believed: {error}") from error
        others = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", mine) != mine or (len(others) > 1 and "azp" not in claims):
            raise _unbelievable("the identity token is meant for somebody else")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise _unbelievable("the identity token names nobody")
        return claims

    async def _configuration(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        if self._about and self.link_s() < self._about_until_s:
            return self._about
        about = _table(await self.ask(self.settings.issuer.rstrip("/") + WELL_KNOWN, None, {}))
        if about.get("issuer") != self.settings.issuer:
            mend = f"give [sign_in] issuer as it writes itself: {str(about.get('issuer'))[:200]}"
            raise Refused("the provider says that it is another one", where="sign_in.issuer", mend=mend)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(about.get(name), str) or not _safe(about[name], self.settings.issuer):
                raise Refused(f"the provider's {name} is not safe", where="sign_in.issuer", mend="ask the provider")
        self._about, self._about_until_s = about, self.link_s() + GOOD_S
        return about

    async def _keys(self, about: dict[str, Any]) -> KeySet:
        found = _table(await self.ask(str(about["jwks_uri"]), None, {}))
        listed = found.get("keys")
        keys = [key for one in (listed if isinstance(listed, list) else []) if (key := _key(one)) is not None]
        if not keys:
            raise _unbelievable("none of the provider's keys can be read")
        return KeySet(keys)


def hint(error: ArmillaryError) -> str:
    """Return what somebody who cannot sign in is told."""
    if isinstance(error, RetryLater) and error.where != "dashboard":
        return f"The provider does not answer: {error.what}. Try again, or sign in by a password."
    return str(error)


def _table(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise _unbelievable("the provider answers what is no JSON") from error
    if not isinstance(found, dict):
        raise _unbelievable("the provider answers what is no table")
    return found


def _key(said: object) -> Key | None:
    """Read a key that signs; None: it is for something else, or of a kind that nobody here knows (RFC 7517, 5)."""
    if not isinstance(said, dict) or said.get("kty") not in KEY_PAIRS or said.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(said)
    except (JoseError, ValueError, KeyError):
        return None


def _safe(url: str, issuer: str) -> bool:
    """Whether nobody between can read or change what is sent: over TLS, or as plain as the issuer on this machine."""
    return urlsplit(url).scheme == "https" or urlsplit(url)[:2] == urlsplit(issuer)[:2]


def _unbelievable(what: str) -> Refused:
    mend = "begin again at /sign-in; if it comes again, ask an admin"
    return Refused(what, where="sign-in", mend=mend, reason=UNAUTHENTICATED)
