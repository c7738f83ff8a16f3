# SPDX-License-Identifier: GPL-2.0-only
"""Which rows are wanted, in the manner of ss:

    dst ADDR[/LEN][:PORT]    src ADDR[/LEN][:PORT]    dport PORT    sport PORT
    level ok|warn|crit|full  (this one or worse)      dir out|in|bound

All conditions must hold; `and` between them is allowed.
"""
import ipaddress

from .errors import UsageError
from .interface import LEVELS, split_address

DIRS = ("out", "in", "bound")
WORDS = ("dst", "src", "dport", "sport", "level", "dir")


def _port(text):
    if not text.isdigit() or int(text) > 65535:
        raise UsageError(f"'{text}' is not a port")
    return int(text)


def _network(text):
    """ADDR[/LEN][:PORT], [V6ADDR/LEN]:PORT, :PORT or *:PORT: (network or None, port or
    None)."""
    address, port = text, None
    if text.startswith("["):
        address, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith((":", "/"))):
            raise UsageError(f"'{text}' is not an address")
        if rest.startswith("/"):
            length, _, rest = rest[1:].partition(":")
            address, rest = f"{address}/{length}", rest and f":{rest}"
        if rest:
            port = _port(rest[1:])
    elif text.count(":") == 1:
        address, _, rest = text.partition(":")
        port = _port(rest)
    if address in ("", "*"):
        return None, port
    try:
        return ipaddress.ip_network(address, strict=False), port
    except ValueError:
        raise UsageError(f"'{address}' is not an address or a network") from None


def _matches(text, network, port):
    address, _, its_port = split_address(text)
    if port is not None and its_port != port:
        return False
    if network is None:
        return True
    return address is not None and ipaddress.ip_address(address) in network


def _end(column):
    def make(text):
        network, port = _network(text)
        return lambda row: _matches(row[column], network, port)
    return make


def _end_port(column):
    def make(text):
        port = _port(text)
        return lambda row: split_address(row[column])[2] == port
    return make


def _level(text):
    if text not in LEVELS:
        raise UsageError(f"'{text}' is not a level: {', '.join(LEVELS)}")
    least = LEVELS.index(text)
    return lambda row: (row.get("level") in LEVELS and
                        LEVELS.index(row["level"]) >= least)


def _dir(text):
    if text not in DIRS:
        raise UsageError(f"'{text}' is not a kind of row: {', '.join(DIRS)}")
    return lambda row: row.get("dir") == text


_MAKERS = {"dst": _end("remote"), "src": _end("local"), "dport": _end_port("remote"),
           "sport": _end_port("local"), "level": _level, "dir": _dir}


def compile_filter(words):
    """A function that says whether a row is wanted."""
    conditions = []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "and" and conditions:
            continue
        if word not in _MAKERS:
            raise UsageError(f"'{word}' is not a condition: {', '.join(WORDS)}")
        if not words:
            raise UsageError(f"'{word}' needs a value")
        conditions.append(_MAKERS[word](words.pop(0)))
    return lambda row: all(condition(row) for condition in conditions)
