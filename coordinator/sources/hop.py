"""SCiMMA's HOPSKOTCH: an ordinary Kafka broker with hop's credentials, and hop's conventions in the headers.

hop-client's own reader is not used: by default it drops test messages without a word, and starts at the newest
message under a group of chance, so that a restart loses what came in between.
"""

from typing import Any

from coordinator.sources.record_headers import Raw, read_headers
from telescopes.description.errors import Refused

BROKER = "kafka.scimma.org:9092"
ID, TEST = "_id", "_test"


def hop_access(brokers: tuple[str, ...], user: str | None, secret: str | None) -> dict[str, Any]:
    """Return librdkafka's settings that hop-client makes of a credential; None: that in hop's own file.

    Raises
    ------
    Refused
        There is no credential, or more than one that fits.
    """
    from hop.auth import Auth

    host = (brokers or (BROKER,))[0]
    auth = Auth(user, secret) if user and secret else _kept_credential(host)
    return {"bootstrap.servers": ",".join(brokers or (BROKER,)), **auth()}


def _kept_credential(host: str) -> Any:
    from hop.auth import AmbiguousCredentialError, load_auth, select_matching_auth

    try:
        return select_matching_auth(load_auth(), host)
    except (AmbiguousCredentialError, OSError, RuntimeError, ValueError, KeyError) as error:
        raise Refused(
            f"hop's own file holds no usable credential for it ({type(error).__name__})",
            where=host,
            mend="run `hop auth add`, or name user_env and secret_env",
        ) from error


def read_hop_headers(raw: Raw | None) -> dict[str, str]:
    """Return a record's headers as hop means them: the id is 16 bytes, and who says `_test` at all sends a test."""
    found = read_headers(raw)
    for name, value in raw or ():
        if name == ID and isinstance(value, bytes) and len(value) == 16:
            found[ID] = value.hex()
        elif name == TEST:
            found[TEST] = "true"
    return found
