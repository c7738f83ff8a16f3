# SPDX-License-Identifier: GPL-2.0-only
"""Cases about `bind_free`: how many bind(ADDRESS, port 0) calls find a port."""
import collections
import socket

from . import sources
from .verify_ground import A, A6, B, B6, HIGH, LOW, MAPPED, R, R6, S, LeftOut
from .verify_sockets import End, Pair

# An address of every namespace at which nothing is ever made here.
_NOBODY = "127.0.0.9"
_NOBODY6 = "::1"

# Where to bind(), and the row that tells: that of "other" for who holds nothing.
Place = collections.namedtuple("Place", "end row")


def _place(address, row=None, dev=None, by_ipv6=False):
    return Place(End(address, dev, by_ipv6), row or address + (f"%{dev}" if dev else ""))


_WILDCARD = _place("0.0.0.0")
_OTHER = _place(_NOBODY, "other")


def _check(world, *places, **how):
    rows = {row["local"]: row for row in world.read(sources.SOURCES).rows}
    for place in places:
        row = rows.get(place.row)
        if not row and not place.end.dev:   # it holds no port
            row = rows.get("[other]" if ":" in place.row else "other")
        said = row["bind_free"] if row else "no row"
        if said is None:
            raise LeftOut(f"the table does not know bind_free of {place.row}")
        found = world.binds(place.end, **how)
        world.compare(f"bind() calls at {place.row}" +
                      (" by IPv6 sockets" if place.end.mapped else ""), said, found)
    return rows


def connections(world):
    """Connections and TIME_WAITs hold their port at their own address."""
    world.keep(Pair(A, R), 6)
    world.close(Pair(A, R), 5)
    world.keep(Pair(B, S), 4)
    # A TIME_WAIT and a connection on one port
    world.range(HIGH + 1, HIGH + 1)
    world.close(Pair(A, R), 1)
    world.keep(Pair(A, S))
    world.range(LOW, HIGH + 2)
    world.settle(time_wait=6)
    rows = _check(world, _place(A), _place(B), _WILDCARD, _OTHER)
    for column, count in (("used", 12), ("tw", 5)):
        world.compare(f"column {column} of {A}", rows.get(A, {}).get(column), count)


def bound_first(world):
    """A program that binds before it connects, and its TIME_WAITs."""
    world.keep(Pair(A, R), 4, port=0)
    world.close(Pair(A, R), 8, port=0)
    world.bind(A, 3)
    world.settle(time_wait=8)
    rows = _check(world, _place(A), _WILDCARD, _OTHER)
    for column, count in (("used", 15), ("tw", 8)):
        world.compare(f"column {column} of {A}", rows.get(A, {}).get(column), count)


def wildcards(world):
    """A socket of every address meets all addresses."""
    world.bind("0.0.0.0", 7)
    world.bind(A, 5)
    _check(world, _place(A), _WILDCARD, _OTHER)


def ipv6(world):
    """[::] meets IPv4, unless it is IPV6_V6ONLY."""
    world.ipv6()
    world.bind("::", 6)
    world.bind("::", 5, v6only=True)
    world.bind(A6, 4)
    world.keep(Pair(B6, R6), 3)
    world.bind(A, 7)
    _check(world, _place(A), _place(A6), _place(B6), _place("::", "[::]"), _WILDCARD,
           _OTHER, _place(_NOBODY6, "[other]"))


def ipv6_by_connect(world):
    """What connect() alone has made is not IPV6_V6ONLY: 0.0.0.0 meets it, and until 6.0
    127.0.0.6 does, which the kernel writes into it."""
    world.ipv6()
    world.keep(Pair("::", R6), 6)
    world.bind("127.0.0.6", 2)
    _check(world, _WILDCARD, _place(R6), _place("127.0.0.6"), _OTHER)


def mapped(world):
    """IPv6 sockets with IPv4 addresses."""
    world.ipv6(MAPPED)
    by_mapped = _place(A, by_ipv6=True)
    world.bind(End(A, None, True), 6)
    world.keep(Pair(A, R, mapped=True), 5)
    world.bind(A, 4)
    _check(world, _place(A), by_mapped, _WILDCARD, _OTHER)


def servers(world):
    """Listeners, and what they have accepted."""
    for port in range(LOW, LOW + 4):
        world.listen(A, port)
    world.listen("0.0.0.0", LOW + 6)
    world.keep(Pair(B, R, LOW + 10), 3)
    to_server = Pair(B, S, LOW + 11)
    world.close(to_server, 4, server_first=True)
    world.listen_no_more(S, LOW + 11)
    world.settle()
    _check(world, _place(A), _place(R), _place(S), _place(B), _WILDCARD, _OTHER)


def options(world):
    """SO_REUSEADDR and SO_REUSEPORT bring no port while ip_autobind_reuse is 0."""
    both = (socket.SO_REUSEADDR, socket.SO_REUSEPORT)
    for _ in range(2):
        world.bind(A, 3, port=LOW + 3, options=both)
    world.close(Pair(A, R), 5, port=0, options=both)
    world.settle(time_wait=5)
    _check(world, _place(A), _WILDCARD)
    for option in both:
        _check(world, _place(A), _WILDCARD, options=(option,))


def reserved(world):
    """Reserved ports."""
    world.set("ip_local_reserved_ports", f"{LOW}-{LOW + 9},{HIGH}")
    for port in range(LOW + 5, LOW + 15):
        world.bind(A, port=port)
    _check(world, _place(A), _WILDCARD, _OTHER)


def all_taken(world):
    """No port is left."""
    world.bind(A, HIGH - LOW + 1)
    _check(world, _place(A), _OTHER)


def devices(world):
    """Two devices do not meet, a device and none do."""
    world.bind(End(A, "lo"), 6)
    world.bind(A, 5)
    world.bind(End("0.0.0.0", "lo"), 4)
    _check(world, _place(A, dev="lo"), _place(A), _place("0.0.0.0", dev="lo"), _WILDCARD,
           _OTHER)


def two_devices(world):
    """One of them in a VRF, which has ports of its own."""
    world.vrf()
    local = "10.8.0.1"
    for count, dev in enumerate(("inside", "vrf0", "outside", None), 4):
        world.bind(End(local, dev), count)
    world.bind(End("0.0.0.0", "vrf0"), 3)
    _check(world, *(_place(local, dev=dev) for dev in ("inside", "vrf0", "outside", None)),
           _place("0.0.0.0", dev="vrf0"), _WILDCARD, _OTHER)


CASES = (
    ("bind_free beside connections", connections),
    ("bind_free of a program that binds first", bound_first),
    ("bind_free beside 0.0.0.0", wildcards),
    ("bind_free, IPv6", ipv6),
    ("bind_free beside IPv6 sockets of connect()", ipv6_by_connect),
    ("bind_free, mapped addresses", mapped),
    ("bind_free beside servers", servers),
    ("bind_free with SO_REUSEADDR and SO_REUSEPORT", options),
    ("bind_free beside reserved ports", reserved),
    ("bind_free where no port is left", all_taken),
    ("bind_free on a device", devices),
    ("bind_free in a VRF", two_devices),
)
