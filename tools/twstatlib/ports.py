# SPDX-License-Identifier: GPL-2.0-only
"""Sets of ports: how the kernel writes them, and which ones servers have today.

All of it is of the network namespace that twstat runs in.
"""
from .errors import Failure

PROC = "/proc/net/"

# States in /proc/net/tcp and udp (include/net/tcp_states.h); a UDP socket that is not
# connected has that of TCP_CLOSE.
_LISTEN, _CLOSE = "0A", "07"


def expand(text):
    """The ports of a list like 8080,30000-30010."""
    ports = set()
    for part in text.replace(",", " ").split():
        low, _, high = part.partition("-")
        ports.update(range(int(low), int(high or low) + 1))
    return ports


def compress(ports):
    """The list of these ports, as short as can be."""
    parts = []
    for port in sorted(ports):
        if parts and port == parts[-1][1] + 1:
            parts[-1][1] = port
        else:
            parts.append([port, port])
    return ",".join(f"{low}" if low == high else f"{low}-{high}" for low, high in parts)


def _lines(path):
    try:
        with open(path, encoding="ascii") as file:
            next(file, None)
            yield from file
    except FileNotFoundError:
        return                  # no IPv6
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def _port_and_state(line):
    fields = line.split()
    return int(fields[1].rpartition(":")[2], 16), fields[3]


def listening(proc=PROC):
    """The TCP ports that something listens on. The kernel lists listeners first
    (net/ipv4/tcp_ipv4.c:tcp_get_idx), and the rest may be long."""
    ports = set()
    for name in ("tcp", "tcp6"):
        for line in _lines(proc + name):
            port, state = _port_and_state(line)
            if state != _LISTEN:
                break
            ports.add(port)
    return ports


def udp_servers(low, high, proc=PROC):
    """The UDP ports outside a range that are open and not connected: nobody gets such a
    port without asking for it."""
    ports = set()
    for name in ("udp", "udp6"):
        for line in _lines(proc + name):
            port, state = _port_and_state(line)
            if state == _CLOSE and not low <= port <= high:
                ports.add(port)
    return ports
