# SPDX-License-Identifier: GPL-2.0-only
"""The sockets that a case makes."""
import collections
import contextlib
import errno
import socket
import struct
import time

from .verify_ground import PATIENCE_S, Ground

# linux/in.h. Python names it since 3.12.
_IP_BIND_ADDRESS_NO_PORT = 24
# As /proc/net/tcp has them.
FIN_WAIT2, TIME_WAIT, CLOSE_WAIT, LISTEN = 5, 6, 8, 10
# FIN_WAIT1, LAST_ACK, CLOSING
_ON_THEIR_WAY = (4, 9, 11)
# A TIME_WAIT that is older may be taken over: until 6.13 in a later second than that of
# its last timestamp, since 6.14 after tcp_tw_reuse_delay, which is a second.
_OLD_S = 1.2

# Where a socket is bound. A mapped one is of IPv6, with an IPv4 address.
End = collections.namedtuple("End", "address dev mapped", defaults=(None, False))


class Pair(collections.namedtuple("Pair", "local remote port dev mapped")):
    """Where connections go from and to."""

    def __new__(cls, local, remote, port=443, dev=None, mapped=False):
        return super().__new__(cls, local, remote, port, dev, mapped)

    def end(self):
        """The near one."""
        return End(self.local, self.dev, self.mapped)

    def names(self):
        """As the columns `local` and `remote` have it."""
        remote = f"[{self.remote}]" if ":" in self.remote else self.remote
        return (self.local + (f"%{self.dev}" if self.dev else ""),
                f"{remote}:{self.port}")

    def __str__(self):
        return " to ".join(self.names()) + (" by IPv6 sockets" if self.mapped else "")


def _family(address, mapped=False):
    return socket.AF_INET6 if ":" in address or mapped else socket.AF_INET


def _written(address, mapped):
    return f"::ffff:{address}" if mapped else address


def reset(sockets):
    """Ends connections so that no TIME_WAIT is left."""
    for one in sockets:
        if one.fileno() >= 0:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


class Sockets(Ground):
    """A case's ground, and what was made on it."""

    def __init__(self):
        super().__init__()
        self._held = []
        self.listeners = {}

    @staticmethod
    def bound(end, port=None, options=(), v6only=None):
        """A socket bound to an address; without `port` (0: any) it has no port yet."""
        one = socket.socket(_family(end.address, end.mapped))
        try:
            for option in options:
                one.setsockopt(socket.SOL_SOCKET, option, 1)
            if v6only is not None:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
            if end.dev:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, end.dev.encode())
            if port is None:
                one.setsockopt(socket.SOL_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            one.bind((_written(end.address, end.mapped), port or 0))
        except OSError:
            one.close()
            raise
        return one

    def connected(self, pair, port=None, options=()):
        """It has a port when connect() returns, whoever answers or not."""
        one = self.bound(pair.end(), port, options)
        one.setblocking(False)
        error = one.connect_ex((_written(pair.remote, pair.mapped), pair.port))
        if error not in (0, errno.EINPROGRESS):
            one.close()
            raise OSError(error, f"connect(): {errno.errorcode.get(error, error)}")
        return one

    def listen(self, address, port, dev=None):
        """A server."""
        one = self.bound(End(address, dev), port, (socket.SO_REUSEADDR,))
        one.listen(4096)
        one.settimeout(PATIENCE_S)
        self.listeners[address, port] = one
        return one

    def bind(self, end, count=1, port=0, **how):
        """Sockets that are bound and not connected; `end` may be just an address."""
        end = End(end) if isinstance(end, str) else end
        made = [self.bound(end, port, **how) for _ in range(count)]
        self._held += made
        return made

    def wait_unanswered(self, pair, count):
        """Connections to where nobody is."""
        self._held += [self.connected(pair) for _ in range(count)]

    def connect(self, pair, count, port=None, options=()):
        """Connections: both ends of each."""
        server = self.listeners.get((pair.remote, pair.port)) or \
            self.listen(pair.remote, pair.port)
        made = []
        for _ in range(count):
            client = self.connected(pair, port, options)
            client.settimeout(PATIENCE_S)
            made.append((client, server.accept()[0]))
        return made

    def keep(self, pair, count=1, **how):
        """Connections that stay."""
        for ends in self.connect(pair, count, **how):
            self._held += ends

    def half_close(self, pair, count):
        """In FIN_WAIT2 with their programs, the other ends in CLOSE_WAIT."""
        for client, server in self.connect(pair, count):
            client.shutdown(socket.SHUT_WR)
            server.recv(1)
            self._held += (client, server)

    def abandon(self, pair, count):
        """In FIN_WAIT2 without a program."""
        for client, server in self.connect(pair, count):
            client.close()
            server.recv(1)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            self._held.append(server)

    def close(self, pair, count, server_first=False, **how):
        """In TIME_WAIT."""
        for ends in self.connect(pair, count, **how):
            first, last = reversed(ends) if server_first else ends
            first.close()
            last.recv(1)
            last.close()

    def hold(self, *sockets):
        """Keeps them open."""
        self._held += sockets

    def listen_no_more(self, address, port):
        """The server ends."""
        self.listeners.pop((address, port)).close()

    @staticmethod
    def states():
        """How many sockets are in each state, as /proc/net/tcp has it, but for listeners."""
        found = collections.Counter()
        for name in ("tcp", "tcp6"):
            with contextlib.suppress(FileNotFoundError), \
                    open(f"/proc/self/net/{name}", encoding="ascii") as file:
                next(file)
                found.update(int(line.split()[3], 16) for line in file)
        del found[LISTEN]
        return found

    def settle(self, **wanted):
        """Waits until the kernel has so many in these states, and none on its way."""
        numbers = {globals()[state.upper()]: count for state, count in wanted.items()}
        numbers.update(dict.fromkeys(_ON_THEIR_WAY, 0))
        self.wait_for(lambda: not self._differ(self.states(), numbers))

    @staticmethod
    def _differ(found, wanted):
        return any(found[state] != count for state, count in wanted.items())

    def grow_old(self):
        """Until TIME_WAITs of now may be taken over."""
        time.sleep(_OLD_S)

    def reset_all(self):
        """All that is held, and the servers."""
        reset(self._held + list(self.listeners.values()))
