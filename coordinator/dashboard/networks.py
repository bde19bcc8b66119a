"""Whose address an address is: what one asker may have many of counts as one (pure)."""

from ipaddress import IPv4Address, IPv6Network, ip_address

HOUSEHOLD_BITS = 64
"""Of an IPv6 address: what follows, everybody chooses for himself (RFC 4291)."""


def network_of(address: str) -> str:
    """Return what an asker cannot change of it: all of an IPv4 address, the first half of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), HOUSEHOLD_BITS), strict=False))
