"""Sign-in by OpenID Connect as the config file names it, and who becomes whom by what the provider says (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from coordinator.security.person import FORBIDDEN, NAME, Person, Standing, person_of
from coordinator.services.streams import ENVIRONMENT_NAME, LOCAL
from telescopes.description.errors import Refused

Found = Iterator[tuple[str, str, str]]
"""A key, what is wrong with it, and the mend."""

NEEDED = ("openid",)


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """Who may sign in by an account elsewhere; no `issuer`: nobody.

    Attributes
    ----------
    issuer, client_id : str
        The provider's address, and as what Armillary is known to it.
    secret_env : str, optional
        The environment variable with the client's secret; None: it has none, PKCE alone.
    label : str
        What the link on the page says.
    scopes : tuple of str
        What is asked for.
    name_claim, roles_claim : str
        Where in the identity token the person's name and groups stand; a path with dots goes into tables.
    roles : dict
        From a value of the roles' claim to a role: viewer, coordinator, admin, or operator:ID,ID with their telescopes.
    """

    issuer: str = ""
    client_id: str = ""
    secret_env: str | None = None
    label: str = "an account elsewhere"
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: dict[str, str] = field(default_factory=dict)


def person_by(settings: OpenIdSettings, claims: Mapping[str, Any]) -> Person:
    """Say who somebody is here, by what the provider says of them.

    Of several roles the one that may most counts, and telescopes add up.

    Raises
    ------
    Refused
        They have no name that can be used here, or no role.
    """
    said = claim_at(claims, settings.name_claim)
    name = said.strip().lower() if isinstance(said, str) else ""
    if not NAME.fullmatch(name):
        mend = f"have the provider send one in {settings.name_claim}, of a-z, 0-9 and . _ @ -"
        raise Refused("the provider names nobody who can be named here", where="sign-in", mend=mend, reason=FORBIDDEN)
    groups = claim_at(claims, settings.roles_claim)
    held = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    roles = [_role(settings.roles[one]) for one in held if isinstance(one, str) and one in settings.roles]
    if not roles:
        mend = f"ask an admin: no group of yours stands in [sign_in.roles] (claim {settings.roles_claim})"
        raise Refused(f"{name} has no role here", where="sign-in", mend=mend, reason=FORBIDDEN)
    most = max((standing for standing, _ in roles), key=list(Standing).index)
    telescopes = frozenset(one for standing, ids in roles if standing is Standing.OPERATOR for one in ids)
    return person_of(name, most, telescopes if most is Standing.OPERATOR else frozenset())


def claim_at(claims: Mapping[str, Any], path: str) -> object:
    """Return what stands at a claim; a name that has dots itself is found too."""
    if path in claims:
        return claims[path]
    where: object = claims
    for part in path.split("."):
        where = where.get(part) if isinstance(where, Mapping) else None
    return where


def openid_problems(table: Mapping[str, Any]) -> Found:
    """Name what is wrong in a table `[sign_in]` whose every value has the right type: key, what, mend."""
    if not table:
        return
    issuer = table.get("issuer", "")
    if not isinstance(issuer, str) or not _is_address(issuer):
        yield "issuer", f"{issuer!r} is no issuer", "give https://host/path; http is for this machine alone"
    if not table.get("client_id"):
        yield "client_id", "is left out", "give the name under which the provider knows Armillary"
    secret, scopes = table.get("secret_env"), table.get("scopes", NEEDED)
    if isinstance(secret, str) and not ENVIRONMENT_NAME.fullmatch(secret):
        yield "secret_env", "is no name of an environment variable", "give the variable's name here, the secret in it"
    if isinstance(scopes, list) and "openid" not in scopes:
        yield "scopes", "openid is not among them", 'give ["openid", "profile"]'
    yield from _role_problems(table.get("roles"))


def _role_problems(roles: object) -> Found:
    if not roles:
        yield "roles", "nobody gets a role", 'give [sign_in.roles]: "a group" = "coordinator"'
    for group, role in roles.items() if isinstance(roles, dict) else ():
        try:
            standing, telescopes = _role(str(role))
            person_of("x", standing, frozenset(telescopes))
        except (Refused, ValueError):
            mend = "give viewer, coordinator, admin, or operator:ID,ID with their telescopes"
            yield f"roles.{group}", f"{role!r} is no role", mend


def _role(text: str) -> tuple[Standing, tuple[str, ...]]:
    standing, _, telescopes = text.partition(":")
    return Standing(standing), tuple(filter(None, (one.strip() for one in telescopes.split(","))))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and not parts.query and not parts.fragment and parts.username is None
        return whole and (parts.scheme == "https" or LOCAL.match(url) is not None)
    except ValueError:
        return False
