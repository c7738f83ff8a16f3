# SPDX-License-Identifier: GPL-2.0-only
"""The settings and servers of the network namespace that twstat runs in, and the range of
ports that could be."""
from .errors import Failure
from .ports import compress, expand, listening, udp_servers

SYSCTL = "/proc/sys/net/ipv4/"

# The widest range that is advised: below are the ports that only root may listen on.
LOWEST, HIGHEST = 1024, 65535


def _read(path, otherwise=None):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError as error:
        # Some are of the initial namespace's owner only, or came later.
        if otherwise is not None:
            return otherwise
        raise Failure(f"{path}: {error.strerror}") from None


class Wider:
    """The widest range that makes sense, what it needs and what it brings.

    `kept` are reserved already, `servers` have a port, `taken` are other ports outside the
    old range that connect() could not use."""

    def __init__(self, old, tried, kept, servers, taken=(), lowest=LOWEST):
        low, high = old
        self.low = min(low, max(LOWEST, lowest))
        self.high = max(high, HIGHEST)
        self.servers = {port for port in servers if self.low <= port <= self.high}
        self.reserve = kept | self.servers
        new = set(range(self.low, self.high + 1)) - set(range(low, high + 1))
        # In a range of an odd size one port is not tried.
        odd = (self.high - self.low + 1) % 2
        self.gain = len(new - self.reserve - set(taken)) + (high - low + 1 - tried) - odd

    def listed(self):
        """The servers' ports."""
        return compress(self.servers)

    def commands(self):
        """What sets it: the ports of servers first."""
        lines = []
        if self.reserve:
            lines.append("sysctl -w net.ipv4.ip_local_reserved_ports="
                         f"\"{compress(self.reserve)}\"")
        lines.append(f"sysctl -w net.ipv4.ip_local_port_range=\"{self.low} {self.high}\"")
        return lines


class Settings:
    """Read once."""

    def __init__(self, header, sysctl=SYSCTL, proc="/proc/net/"):
        low, _, high = (header.get("range") or "0-0").partition("-")
        self.range = int(low), int(high)
        self.fin_timeout = int(_read(sysctl + "tcp_fin_timeout", "60"))
        self._kept = expand(_read(sysctl + "ip_local_reserved_ports"))
        self._lowest = int(_read(sysctl + "ip_unprivileged_port_start", str(LOWEST)))
        self._listen = listening(proc)
        self._udp = udp_servers(*self.range, proc)

    def servers_in_range(self):
        """Ports of the range that something listens on, but for the reserved ones."""
        low, high = self.range
        return {port for port in self._listen if low <= port <= high} - self._kept

    def wider(self, header, taken):
        """What a wider range would be."""
        return Wider(self.range, header.get("tried") or 0, self._kept,
                     self._listen | self._udp, taken, self._lowest)
