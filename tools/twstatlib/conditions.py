# SPDX-License-Identifier: GPL-2.0-only
"""The conditions of a filter: what each word compares, and with what.

A condition is a function of a row.
"""
import ipaddress
import operator
import re
import socket

from .errors import UsageError
from .interface import LEVELS, split_address

DIRS = ("out", "in", "bound")
# So long a failure counts, in seconds: as long as the file shows a pair without a socket.
RECENT = 600

# The operators of ss, and its other words for them.
OPERATORS = {"=": "=", "==": "=", "eq": "=", "!=": "!=", "ne": "!=", "neq": "!=",
             ">": ">", "gt": ">", "<": "<", "lt": "<",
             ">=": ">=", "ge": ">=", "geq": ">=", "<=": "<=", "le": "<=", "leq": "<="}
_COMPARE = {"=": operator.eq, ">": operator.gt, "<": operator.lt, ">=": operator.ge,
            "<=": operator.le}


def _port(text):
    """A number or a name of /etc/services, after a colon or not; None is any port."""
    name = text[1:] if text.startswith(":") else text
    if name == "*":
        return None
    if re.fullmatch(r"[0-9]+", name):
        if int(name) <= 65535:
            return int(name)
    elif re.fullmatch(r"[A-Za-z0-9][\w.+-]*", name, re.ASCII):
        try:
            return socket.getservbyname(name, "tcp")
        except OSError:
            pass
        raise UsageError(f"'{text}' is not a port: /etc/services has no '{name}' of TCP")
    if "." in text or text.count(":") > 1:
        raise UsageError(f"'{text}' is not a port; for an address write dst {text} or src "
                         f"{text}")
    raise UsageError(f"'{text}' is not a port")


def _split(text):
    """ADDR[/LEN][:PORT], or the address in brackets, the length inside or after them:
    (address, length, port), of which each may be missing."""
    match = (re.fullmatch(r"\[([^]/]*)(?:/([^]]+))?\](?:/([^:]+))?(:.*)?", text) or
             re.fullmatch(r"([^:/]*)(?:/([^:]+))?()(:[^:]*)?", text) or
             re.fullmatch(r"([^/[\]]*)(?:/([^:]+))?()()", text))
    if not match or (match.group(2) and match.group(3)):
        raise UsageError(f"'{text}' is not an address; write 10.0.9.1:443, 10.0.9.0/24, "
                         "[fd00::9]:443 or :443")
    return match.group(1), match.group(2) or match.group(3), match.group(4)


def _network(address, length, text):
    """As ss has it, 10/8 is 10.0.0.0/8, and an IPv4-mapped address is one of IPv4."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+){0,2}", address):
        address += ".0" * (3 - address.count("."))
    try:
        network = ipaddress.ip_network(f"{address}/{length}" if length else address,
                                       strict=False)
    except ValueError:
        if "," in text:
            raise UsageError("one address for a condition: write dst A or dst B") from None
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9.-]*", address):
            raise UsageError(f"'{address}' is a name; names are not looked up: write its "
                             "address") from None
        raise UsageError(f"'{text}' is not an address or a network") from None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped and network.prefixlen >= 96:
        return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network


def _end(column):
    """The address, and the port too if there is one."""
    def end(_sign, text):
        address, length, port = _split(text)
        port = _port(port) if port else None
        address, _, device = address.partition("%")
        network = None if address in ("", "*") else _network(address, length, text)

        def holds(row):
            its, its_device, its_port = split_address(row[column])
            if port not in (None, its_port) or device not in ("", its_device):
                return False
            return network is None or (its is not None and
                                       ipaddress.ip_address(its) in network)
        return holds
    return end


def _end_port(column):
    def end_port(sign, text):
        port = _port(text)
        compare = _COMPARE.get(sign)

        def holds(row):
            its = split_address(row[column])[2]
            if sign == "!=":
                return port is not None and its != port
            return port is None or (its is not None and compare(its, port))
        return holds
    return end_port


def _level(_sign, text):
    if text not in LEVELS:
        raise UsageError(f"'{text}' is not a level: {', '.join(LEVELS)}")
    wanted = LEVELS[LEVELS.index(text):]
    return lambda row: row.get("level") in wanted


def _dir(_sign, text):
    if text not in DIRS:
        raise UsageError(f"'{text}' is not a kind of row: {', '.join(DIRS)}")
    return lambda row: row.get("dir") == text


def _device(sign, text):
    def holds(row):
        return (split_address(row["local"])[1] == text) == (sign == "=")
    return holds


def _failed(row):
    last = row.get("fail_last")
    return last is not None and last <= RECENT


# Each word with the operators that it takes: those that ss has for it.
_ANY = ("=", "!=", ">", "<", ">=", "<=")
_WORDS = {"dst": (_end("remote"), ("=",)), "src": (_end("local"), ("=",)),
          "dport": (_end_port("remote"), _ANY), "sport": (_end_port("local"), _ANY),
          "dev": (_device, ("=", "!=")), "level": (_level, ()), "dir": (_dir, ("=",))}
# Words that stand alone.
_ALONE = {"failed": _failed}
WORDS = (*_WORDS, *_ALONE)

# What ss has and the table has not.
_ELSEWHERE = {
    "state": "a row counts the sockets of all states; see its columns tw, estab, syn, cwait",
    "exclude": "a row counts the sockets of all states; see its columns tw, estab, syn, "
               "cwait",
    "cgroup": "a row has many programs; twstat --who names them with their units",
    "fwmark": "the table has no marks; write dst, src, dport or sport",
    "-4": "write dst 0.0.0.0/0",
    "-6": "write dst [::]/0",
    "autobound": "write dir out: its ports are those that connect() chooses from",
}


def _not_a_condition(word):
    """What to write instead."""
    if word in _ELSEWHERE:
        return f"there is no condition '{word}': {_ELSEWHERE[word]}"
    if word in LEVELS:
        return f"'{word}' is not a condition; write level {word}"
    if word in DIRS:
        return f"'{word}' is not a condition; write dir {word}"
    if re.fullmatch(r"[0-9]+", word):
        return (f"'{word}' is not a condition; an interval stands before the filter, for a "
                f"port write dport {word}")
    if re.match(r":\w", word):
        return f"'{word}' is not a condition; write dport = {word} or sport = {word}"
    if re.match(r"\[|[0-9]+\.|[0-9A-Fa-f]*:", word):
        return f"'{word}' is not a condition; write dst {word} or src {word}"
    return f"'{word}' is not a condition: {', '.join(WORDS)}"


def alone(word):
    """The condition of a word that needs no value, or None."""
    return _ALONE.get(word)


def check_word(word):
    """Raises UsageError with what to write if no condition begins like this."""
    if word not in WORDS:
        raise UsageError(_not_a_condition(word))


def make(word, sign, value):
    """The condition `word sign value`; the sign is None if there was none."""
    maker, signs = _WORDS[word]
    if sign and sign not in signs:
        if word == "level":
            raise UsageError(f"level takes no operator: level {value} is this one or a "
                             "worse one; level crit not level full is crit alone")
        if sign == "!=":
            raise UsageError(f"{word} does not take !=; write not {word} {value}")
        raise UsageError(f"{word} does not take {sign}; write {word} {value}")
    return maker(sign or "=", value)
