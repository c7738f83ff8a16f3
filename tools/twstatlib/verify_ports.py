# SPDX-License-Identifier: GPL-2.0-only
"""Cases about `free` where settings, bind() and servers take ports, and by the state of
sockets. Each takes a new World, and adds to its numbers."""
import socket

from .verify_ground import A, A6, B, HIGH, LOW, MAPPED, R, R6, S
from .verify_sockets import TIME_WAIT, Pair

_TO_R, _TO_S = Pair(A, R), Pair(A, S)
_FROM_B = Pair(B, R)
_TO_R6 = Pair(A6, R6)


def nothing(world):
    """All ports are there."""
    world.check_free(world.read(), _TO_R)


def reserved(world):
    """Inside the range, and outside of it."""
    world.keep(_TO_R, 3)
    world.set("ip_local_reserved_ports", f"{LOW - 5}-{LOW + 9},{LOW + 20},{HIGH}-{HIGH + 9}")
    world.check_free(world.read(), _TO_R, _TO_S)


def bound_elsewhere(world):
    """At another address, at every address, one by one."""
    world.keep(_TO_R, 3)
    world.bind(B, 8)
    world.bind("0.0.0.0", 4)
    table = world.read()
    world.compare("ports that bind() has taken", table.header["bound"], 12)
    world.check_free(table, _TO_R, _TO_S)


def bound_with_gaps(world):
    """Chains of the bind table that are empty are skipped four at a time."""
    world.range(LOW, LOW + 199)
    port = LOW
    for i in range(8):
        world.bind(B, port=port)
        port += 22 + i % 4
    world.check_free(world.read(), _TO_R)


def bound_by_ipv6(world):
    """bind([::]) takes ports of IPv4 too."""
    world.ipv6()
    world.keep(_TO_R, 3)
    world.bind("::", 6)
    world.bind("::", 5, v6only=True)
    world.check_free(world.read(), _TO_R, _TO_S, _TO_R6)


def bound_and_outside(world):
    """Ports outside the range, and sockets without a port, take nothing."""
    world.keep(_TO_R, 2)
    for port in range(HIGH + 1, HIGH + 6):
        world.bind(A, port=port)
    world.bind(A, 5, port=None)
    world.check_free(world.read(), _TO_R)


def bound_then_connected(world):
    """A program that binds before it connects; its TIME_WAITs are never taken over."""
    world.set("tcp_tw_reuse", 1)
    world.keep(_TO_R, 6, port=0)
    world.close(_TO_R, 7, port=0)
    world.settle(time_wait=7)
    world.grow_old()
    table = world.read()
    world.compare("ports that bind() has taken", table.header["bound"], 13)
    world.check_free(table, _TO_R, _TO_S)


def listeners(world):
    """On ports of the range."""
    for port in range(LOW, LOW + 5):
        world.listen(B, port)
    world.keep(_TO_R, 3)
    world.check_free(world.read(), _TO_R, _TO_S)


def server_in_the_range(world):
    """Its connections are not its clients', and take its one port only."""
    to_server = Pair(A, R, LOW + 10)
    world.keep(to_server, 4)
    world.close(to_server, 5, server_first=True)
    world.settle()
    table = world.read()
    world.compare("pairs of clients", len(table.rows_of("out")), 1)
    world.check_free(table, to_server, _TO_R)


def leftovers_of_a_server(world):
    """Its TIME_WAITs keep its port when it has ended."""
    to_server = Pair(A, R, LOW + 10)
    world.close(to_server, 5, server_first=True)
    world.settle()
    world.listen_no_more(R, LOW + 10)
    world.check_free(world.read(), _TO_R)


def _joined(world, binder_stays):
    """Another address joins a port that connect() has chosen. Until 6.12 that port stays
    lost to all until its last socket is gone; on 7.x until the binder is."""
    world.range(LOW + 10, LOW + 10)
    world.close(_TO_R, 1)
    world.settle(time_wait=1)
    world.range(LOW, HIGH)
    binder = world.bind(B, port=LOW + 10)
    if not binder_stays:
        binder[0].close()
    world.check_free(world.read(), _TO_S, _TO_R)


def joined_by_bind(world):
    """The binder is there."""
    _joined(world, True)


def binder_has_gone(world):
    """The binder is not there any more."""
    _joined(world, False)


def sharing_options(world):
    """SO_REUSEADDR and SO_REUSEPORT: several sockets on one port, and no more ports."""
    both = (socket.SO_REUSEADDR, socket.SO_REUSEPORT)
    for option in both:
        port = LOW + option
        for address in (A, B):
            world.bind(address, 3, port=port, options=(option,))
    world.close(_TO_R, 4, options=both)
    world.settle(time_wait=4)
    table = world.read()
    world.check_free(table, _TO_R, _TO_S)
    world.check_free(table, _TO_R, options=both)


def reserved_bound_used(world):
    """A port that is all of this is lost once."""
    world.keep(_TO_R, 12)
    for port in range(LOW + 10, LOW + 30):
        if port % 3:
            world.bind(B, port=port)
    world.set("ip_local_reserved_ports", f"{LOW + 5}-{LOW + 24}")
    world.check_free(world.read(), _TO_R, _TO_S)


def all_taken(world):
    """By connections and bind() together."""
    world.range(LOW, LOW + 19)
    world.keep(_TO_R, 20)
    world.range(LOW, HIGH)
    for port in range(LOW + 20, HIGH + 1):
        world.bind(B, port=port)
    table = world.read()
    world.check_free(table, _TO_R)
    world.compare("level of the destination", world.said(table, _TO_R, "level"), "full")


def range_of_one(world):
    """One port is tried."""
    world.range(LOW, LOW)
    world.check_free(world.read(), _TO_R)


def range_of_one_in_use(world):
    """And none is left."""
    world.range(LOW + 1, LOW + 1)
    world.keep(_TO_R)
    world.check_free(world.read(), _TO_R)


def odd_range(world):
    """Of 21 ports each connect() leaves out one, the lowest nine times in ten. Here this one
    only could be used. So some of the calls to 14 destinations fail."""
    world.range(LOW, LOW + 20)
    for port in range(LOW + 1, LOW + 21):
        world.bind(B, port=port)
    said = world.read().header["usable"]
    found = min(world.connects(Pair(A, R, 1000 + i)) for i in range(14))
    world.compare("connect() calls that find the lowest port", said, found)


def even_range_begins_odd(world):
    """It has as many ports of each kind all the same."""
    world.range(LOW + 1, LOW + 20)
    world.keep(_TO_R, 5)
    world.check_free(world.read(), _TO_R)


def states(world):
    """Sockets in all states take their port, and are counted by their state."""
    world.keep(_TO_R, 4)
    world.close(_TO_R, 5)
    world.half_close(_TO_R, 3)
    world.abandon(_TO_R, 2)
    world.settle(time_wait=5, fin_wait2=5)
    table = world.read()
    row = world.row(table, _TO_R) or {}
    for column, count in (("estab", 4), ("tw", 5), ("fw2", 5), ("fw2_held", 3)):
        world.compare(f"column {column}", row.get(column), count)
    world.check_free(table, _TO_R, _TO_S)


def server_closes(world):
    """Who is closed first has no TIME_WAIT, and in CLOSE_WAIT a port."""
    world.close(_TO_R, 6, server_first=True)
    for client, server in world.connect(_TO_R, 4):
        server.shutdown(socket.SHUT_WR)
        client.recv(1)
        world.hold(client, server)
    world.settle(close_wait=4)
    table = world.read()
    world.compare("column cwait", (world.row(table, _TO_R) or {}).get("cwait"), 4)
    served = [row["tw"] for row in table.rows_of("in") if row["local"] == f"{R}:443"]
    # Less than 6 where connect() has chosen a port again.
    world.compare("TIME_WAITs of the server", sum(served), world.states()[TIME_WAIT])
    world.check_free(table, _TO_R)


def addresses_and_ports(world):
    """What one pair has takes nothing from another one."""
    other_port = Pair(A, R, 80)
    for count, pair in enumerate((_TO_R, _TO_S, _FROM_B, other_port), 3):
        world.keep(pair, 2 * count)
        world.close(pair, count)
    world.settle(time_wait=3 + 4 + 5 + 6)
    world.check_free(world.read(), _TO_R, _TO_S, _FROM_B, other_port)


def by_ipv6(world):
    """IPv6, beside IPv4 on the same ports."""
    world.ipv6()
    world.keep(_TO_R6, 5)
    world.close(_TO_R6, 6)
    world.keep(_TO_R, 7)
    world.settle(time_wait=6)
    world.check_free(world.read(), _TO_R6, _TO_R)


def mapped(world):
    """IPv6 sockets with IPv4 addresses compete with IPv4 sockets."""
    world.ipv6(MAPPED)
    by_mapped = Pair(A, R, mapped=True)
    world.keep(by_mapped, 5)
    world.close(by_mapped, 4)
    world.keep(_TO_R, 3)
    world.settle(time_wait=4)
    world.check_free(world.read(), _TO_R, by_mapped)


def own_table(world):
    """A namespace with a table of its own, beside the shared one of bind()."""
    world.set("tcp_child_ehash_entries", 64)
    world.begin_again()
    world.keep(_TO_R, 9)
    world.close(_TO_R, 8)
    world.bind(B, 6)
    world.settle(time_wait=8)
    world.check_free(world.read(), _TO_R, _TO_S)


CASES = (
    ("nothing is in use", nothing),
    ("a range of an odd size", odd_range),
    ("an even range that begins odd", even_range_begins_odd),
    ("a range of one port", range_of_one),
    ("a range of one port, in use", range_of_one_in_use),
    ("reserved ports", reserved),
    ("ports taken by bind()", bound_elsewhere),
    ("ports taken by bind(), with gaps", bound_with_gaps),
    ("ports taken by bind([::])", bound_by_ipv6),
    ("ports outside the range, and bind() without one", bound_and_outside),
    ("bind() before connect(), and its TIME_WAITs", bound_then_connected),
    ("listeners in the range", listeners),
    ("a server in the range", server_in_the_range),
    ("what a server in the range has left", leftovers_of_a_server),
    ("a port of connect() joined by bind()", joined_by_bind),
    ("the same when bind()'s socket has gone", binder_has_gone),
    ("SO_REUSEADDR and SO_REUSEPORT", sharing_options),
    ("ports reserved, bound and used at once", reserved_bound_used),
    ("no port left", all_taken),
    ("sockets in each state", states),
    ("a server that closes first", server_closes),
    ("several addresses, destinations, ports", addresses_and_ports),
    ("IPv6 beside IPv4", by_ipv6),
    ("mapped addresses", mapped),
    ("a table of the namespace's own", own_table),
)
