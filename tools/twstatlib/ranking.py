# SPDX-License-Identifier: GPL-2.0-only
"""Which network namespaces are worth reading, for the metrics and for the record.

Each read of a table walks the sockets of the whole machine, whatever the namespace. So the
namespaces are ranked by /proc/PID/net/sockstat and sockstat6, which are a few sums, and only
the tables of the first ones are read.
"""
from . import sources
from .errors import Failure, NotLoaded

MOST = 50           # unless --most-namespaces says otherwise
MOST_EVER = 1000
# Once the walks have taken so long together, no other table is read: on a machine with a
# million sockets each takes a tenth of a second, and the timer comes every 15 s.
_MOST_WALKS_US = 1_000_000


class Ranked:
    """A namespace with its TCP sockets: those in use (open or listening) and in TIME_WAIT."""

    def __init__(self, namespace, in_use, timewait):
        self.namespace = namespace
        self.in_use = in_use
        self.timewait = timewait


def _numbers(text, protocol):
    """{word: number} of a line of sockstat; empty without it."""
    for line in text.splitlines():
        head, _, rest = line.partition(":")
        if head == protocol:
            words = rest.split()
            return dict(zip(words[::2], map(int, words[1::2])))
    return {}


def sockets_in(sockstat, sockstat6):
    """(in use, TIME_WAIT) of a namespace. TIME_WAITs of IPv6 are in the first file too; the
    second is empty where the kernel has no IPv6. The other numbers are the machine's."""
    tcp, tcp6 = _numbers(sockstat, "TCP"), _numbers(sockstat6, "TCP6")
    return tcp.get("inuse", 0) + tcp6.get("inuse", 0), tcp.get("tw", 0)


def _sockets_of(namespace):
    first = namespace.text("sockstat")
    try:
        second = namespace.text("sockstat6")
    except NotLoaded:
        second = ""
    return sockets_in(first, second)


def ranked(namespaces):
    """Those that have sockets, the most first; and how many may not be read. One that has
    ended meanwhile is neither."""
    found, unread = [], 0
    for namespace in namespaces:
        try:
            in_use, timewait = _sockets_of(namespace)
        except NotLoaded:
            continue
        except Failure:
            unread += 1
            continue
        if in_use + timewait:
            found.append(Ranked(namespace, in_use, timewait))
    found.sort(key=lambda one: (-one.in_use - one.timewait, one.namespace.inode))
    return found, unread


class Read:
    """A namespace that was read: its labels, and its tables; the last two may be None."""

    def __init__(self, namespace, table, callers, addresses):
        self.namespace = namespace
        self.table = table
        self.callers = callers
        self.addresses = addresses


def _read(namespace):
    """None if it has ended: its process's number may be another one's by now."""
    table = namespace.read(sources.SUMMARY)
    if table.header.get("netns") != namespace.inode:
        return None
    callers = namespace.read_if_there(sources.CALLERS)
    # Where no program binds, bind_level is not known; then the walk of the addresses is saved.
    addresses = (namespace.read_if_there(sources.SOURCES)
                 if table.header.get("bind_level") else None)
    namespace.identify()
    return Read(namespace, table, callers, addresses)


class Others:
    """All network namespaces but one: `read` has the worst ones, `rest` those with sockets
    that were not read because there are too many or the walks took too long, and `unread`
    counts those that could not be read."""

    def __init__(self, read, rest, unread):
        self.read = read
        self.rest = rest
        self.unread = unread


def others(most):
    """Reads those with the most sockets, but for this one: `most` - 1 of them."""
    own = sources.own_inode()
    found, unread = ranked([namespace for namespace in sources.find()
                            if namespace.inode != own])
    read, walks_us = [], 0
    for place, one in enumerate(found[:most - 1]):
        if walks_us >= _MOST_WALKS_US:
            return Others(read, found[place:], unread)
        try:
            tables = _read(one.namespace)
        except NotLoaded:
            continue            # it has ended, or the module has gone
        except Failure:
            unread += 1
            continue
        if tables:
            read.append(tables)
            walks_us += tables.table.header.get("walk_us") or 0
    return Others(read, found[most - 1:], unread)
