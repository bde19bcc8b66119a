"""How fast those may go who have no certificate yet: each address has a bucket, for they have no name; so have all."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

from coordinator.security.buckets import Bucket, Rate, full, take
from coordinator.security.meters import TooFast

RATE = Rate(1.0, 30.0)
"""A token is spent with two calls, and several telescopes may stand behind one address."""
ALL = Rate(20.0, 300.0)
"""Of all addresses together: who has many networks gets no more than this machine can sign beside its work."""
MOST_KEPT = 4096
SITE_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin with the same bits."""


class Strangers:
    """The buckets of the addresses that were seen last; one that is forgotten begins anew.

    Parameters
    ----------
    link_now : callable
        Link time, seconds.
    rate : Rate
        Of each address.
    most_kept : int
        How many addresses are remembered.
    of_all : Rate
        Of all addresses together.
    """

    def __init__(
        self, link_now: Callable[[], float], rate: Rate = RATE, most_kept: int = MOST_KEPT, of_all: Rate = ALL
    ) -> None:
        self._link_now = link_now
        self._rate = rate
        self._most_kept = most_kept
        self._of_all = of_all
        self._bucket_of_all = full(of_all, link_now())
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def pay(self, address: str) -> None:
        """Take one call out of an address's bucket, and out of the one of all.

        Raises
        ------
        TooFast
            There is not enough in one of them; nothing is taken.
        """
        who, now_s = site_of(address), self._link_now()
        bucket = _taken(self._buckets.get(who, full(self._rate, now_s)), self._rate, now_s, f"address {who}")
        self._bucket_of_all = _taken(self._bucket_of_all, self._of_all, now_s, "all addresses")
        self._buckets[who] = bucket
        self._buckets.move_to_end(who)
        if len(self._buckets) > self._most_kept:
            self._buckets.popitem(last=False)


def _taken(bucket: Bucket, rate: Rate, now_s: float, where: str) -> Bucket:
    after, wait_s = take(bucket, rate, 1.0, now_s)
    if wait_s > 0.0:
        mend = f"send less: {rate.burst:g} at once, and {rate.per_s:g} a second"
        raise TooFast("too many enrolments", where=where, mend=mend, after_s=wait_s)
    return after


def site_of(address: str) -> str:
    """Say who stands behind an address: itself, or the network of one site in IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, SITE_BITS), strict=False))
