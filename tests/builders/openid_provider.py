"""A small OpenID provider on this machine: discovery, codes with PKCE, signed tokens; it can be told to misbehave."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from builders.web import Answering, served

CLIENT, SECRET = "armillary", "a shared secret"


@dataclass
class Provider:
    """What it knows: `person` is who is signed in there; `lies` are laid over the token's claims, None: left out;
    `more_keys` stand before its own."""

    port: int = 0
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "1001", "preferred_username": "Wilma"})
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: Any = None
    says: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    more_keys: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        }

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/realm"

    def about(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.says

    def token(self, nonce: str) -> str:
        """Sign what it says of the person."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce} | self.person
        claims = {name: value for name, value in (claims | self.lies).items() if value is not None}
        if self.algorithm in ("none", "HS256"):
            return self._tricked({"alg": self.algorithm, "kid": "rsa"}, claims)
        key = self.key or self.keys[self.algorithm]
        header = {"alg": self.algorithm} | ({"kid": key.kid} if key.kid else {})
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def _tricked(self, *parts: dict[str, Any]) -> str:
        """Write a token without a signature, or one for which the public key is the shared secret: known tricks."""
        signed = ".".join(_written(json.dumps(part).encode()) for part in parts)
        if self.algorithm == "none":
            return f"{signed}."
        public = self.keys["RS256"].as_pem(private=False)
        return f"{signed}.{_written(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Handler(Answering):
    def do_GET(self) -> None:
        parts, mine = urlsplit(self.path), self.mine
        mine.asked.append(parts.path)
        match parts.path:
            case "/realm/.well-known/openid-configuration":
                self._json(mine.about())
            case "/realm/keys":
                said = KeySet(list(mine.keys.values())).as_dict(private=False)
                self._json({"keys": [*mine.more_keys, *said["keys"]]})
            case "/realm/authorize":
                said = dict(parse_qsl(parts.query))
                code = f"code-{len(mine.codes)}"
                mine.codes[code] = said
                more = urlencode({"code": code, "state": said["state"], "iss": mine.issuer})
                self.answer(302, b"", Location=f"{said['redirect_uri']}?{more}")
            case _:
                self.answer(404, b"")

    def do_POST(self) -> None:
        mine, body = self.mine, self.rfile.read(int(self.headers["Content-Length"])).decode()
        mine.asked.append(self.path)
        said = dict(parse_qsl(body))
        begun = mine.codes.pop(said.get("code", ""), None)
        pair = base64.b64encode(b"armillary:a%20shared%20secret").decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest())
        right = (
            begun is not None
            and self.headers["Authorization"] == f"Basic {pair}"
            and begun["code_challenge"] == challenge.rstrip(b"=").decode()
            and begun["redirect_uri"] == said["redirect_uri"]
        )
        if right:
            self._json({"access_token": "x", "token_type": "Bearer", "id_token": mine.token(begun["nonce"])})
        else:
            self.answer(400, b'{"error": "invalid_grant"}')

    def _json(self, said: dict[str, Any]) -> None:
        self.answer(200, json.dumps(said).encode(), **{"Content-Type": "application/json"})


@contextmanager
def provided() -> Iterator[Provider]:
    """Serve while the block runs."""
    provider = Provider()
    with served(_Handler, provider) as port:
        provider.port = port
        yield provider
