# SPDX-License-Identifier: GPL-2.0-only
"""A look at all network namespaces, for as little processor time as it takes.

Each read of a table walks the sockets of the whole machine. So only the namespaces with the
most sockets are read, and in one look only as many as are walked in a hundredth of a second
or so; the others have their turn in the next looks. To find the namespaces all processes are
asked: the longer it takes, the less often it is done.
"""
import time
from collections import namedtuple

from .. import sources
from ..errors import Failure, NotAllowed
from ..interface import LEVELS
from ..ranking import MOST, ranked

# Of each namespace so many destinations, whatever their level; and at most so many.
WORST = 5
MOST_ROWS = 100
# So much walking for each second between looks; this namespace and another one are always
# read.
_WALKS_US_PER_SECOND = 10_000
# Finding them takes at most 1/500 of the time.
_FIND_RARELY = 500

# One namespace that was read. `callers` is None if none of its calls has failed since they
# were read last, or if they may not be read.
Read = namedtuple("Read", "namespace table callers")


def worth(row, number):
    """Whether a row is recorded: they come in the file's order, the worst first."""
    if row["dir"] != "out" or number >= MOST_ROWS:
        return False
    return number < WORST or row["level"] in LEVELS[1:]


def _has_failed(row, _number):
    """The others of tw_callers come behind these."""
    return bool(row.get("fails") or row.get("clashes"))


def _sums(header):
    return tuple(header.get(key) for key in ("fails", "bind_fails", "clashes"))


class Looks:
    """Looks at them again and again."""

    def __init__(self, interval, cpu=time.process_time, clock=time.monotonic):
        self._walks_us = _WALKS_US_PER_SECOND * interval
        self._cpu = cpu
        self._clock = clock
        self._own = None
        self._others = []
        self._turn = 0
        self._find_again = None
        self.forget()

    def forget(self):
        """What callers said was not kept: read them again."""
        self._failed = {}

    def look(self):
        """The namespaces that were read, this one first. Raises NotLoaded if the module is
        not there."""
        if self._find_again is None or self._clock() >= self._find_again:
            self._find()
        found, walked = [self._read(self._own)], 0
        number = len(self._others)
        for step in range(number):
            if step and walked >= self._walks_us:
                break           # there are fewer than changes.SLOWEST
            at = self._turn % number
            self._turn = at + 1
            try:
                read = self._read(self._others[at])
            except Failure:
                continue        # it has ended, or may not be read
            if read:
                found.append(read)
                walked += read.table.header.get("walk_us") or 0
        return found

    def namespaces(self):
        """All that have their turn."""
        return [self._own, *self._others]

    def _find(self):
        began = self._cpu()
        before = {each.inode: each for each in self._others}
        own, *others = sources.find()
        best, _ = ranked(others)
        self._others = [self._same(one.namespace, before) for one in best[:MOST - 1]]
        if not self._own or self._own.inode != own.inode:
            own.identify()
            own.pids = ["self"]
            self._own = own
        self._find_again = self._clock() + _FIND_RARELY * (self._cpu() - began)

    @staticmethod
    def _same(namespace, before):
        """With its name. The number of one that has ended is soon another one's: it is the
        same if a process has stayed in it, or what it is mounted as."""
        old = before.get(namespace.inode)
        if old and (set(old.pids) & set(namespace.pids) or
                    (old.mount and old.mount == namespace.mount)):
            namespace.name = old.name
            namespace.pod_uid, namespace.container_id = old.pod_uid, old.container_id
        else:
            namespace.identify()
        return namespace

    def _read(self, namespace):
        """None if it has ended: its process's number may be another one's by now."""
        table = namespace.read_first(sources.SUMMARY, worth)
        if namespace is not self._own and table.header.get("netns") != namespace.inode:
            return None
        callers, sums = None, _sums(table.header)
        try:
            if any(sums) and sums != self._failed.get(namespace.inode):
                callers = namespace.read_first(sources.CALLERS, _has_failed)
            self._failed[namespace.inode] = sums
        except NotAllowed:
            # It is its own root's (proc_net_ns_init() of the kernel). The table is not.
            if namespace is self._own:
                raise
        return Read(namespace, table, callers)
