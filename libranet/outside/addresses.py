"""Which network addresses may be connected to. Python's `is_global` alone lets several through that lead inside.

An address that carries an IPv4 address in it (IPv4-mapped, NAT64) is judged by the inner one, for that is where the
packets go. Tunnels that can carry a private address past a firewall (6to4, Teredo) are refused whole.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out as global unicast; outside it are the deprecated IPv4-compatible and site-local forms."""
NAT64 = IPv6Network("64:ff9b::/96")
NOT_PUBLIC: tuple[Network, ...] = (
    IPv6Network("2002::/16"),       # 6to4 (RFC 7526)
    IPv6Network("2001::/32"),       # Teredo (RFC 4380)
    IPv6Network("3fff::/20"),       # documentation (RFC 9637), younger than Python's tables
    IPv4Network("192.88.99.0/24"),  # 6to4 relays (RFC 7526)
    IPv4Network("100.64.0.0/10"),   # shared by carriers (RFC 6598)
)


def read(text: str) -> Address:
    """The address as its packets travel: an inner IPv4 address in place of its wrapping. Raises ValueError."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address of `read` is a single host on the public internet."""
    if address.is_multicast or not address.is_global or _within(address, NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in GLOBAL_UNICAST


def are_within(addresses: Iterable[Address], networks: Iterable[Network]) -> bool:
    """Whether every address lies in a network that the operator allows."""
    allowed = tuple(networks)
    return all(_within(address, allowed) for address in addresses)


def network(text: str) -> Network:
    """A network in CIDR form, like 10.20.0.0/16. Raises ValueError that says what is wrong."""
    return ip_network(text.strip())


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)
