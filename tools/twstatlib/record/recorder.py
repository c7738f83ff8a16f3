# SPDX-License-Identifier: GPL-2.0-only
"""twstat --record: looks every few seconds, and writes down what is new.

It ends by SIGTERM or SIGINT, between two looks. What goes wrong with the file or the module
is said once, and it tries again.
"""
import os
import signal
import sqlite3
import sys
import time

from .. import cgroups
from ..errors import Failure, NotAllowed, UnknownVersion
from ..interface import unescape
from . import counts, schema
from .changes import Changes
from .looks import Looks
from .mend import mend
from .store import Damaged, Entry, Lock, Store, Trouble, Unwritable, check_is_ours

INTERVAL = 5.0
# So many namespaces that have ended are remembered.
_MOST_ENDED = 200
# The clock is steered by less than that, else it has jumped.
_JUMP = 2.0
# After a jump of a minute, or a day of which nothing is known, the clock may be wrong: for a
# day it makes nothing too old.
_FAR = 60.0
_DAY = 86400.0
# How often something may have become too old.
_FORGET_EVERY = 60.0

_ENDS = {signal.SIGTERM, signal.SIGINT}


class Clock:
    """The times, and the wait."""

    wall = staticmethod(time.time)

    def __init__(self):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            self.boot = file.read().strip()

    @staticmethod
    def uptime():
        """Seconds since boot, suspended or not."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    @staticmethod
    def wait(seconds):
        """Whether it was told to end meanwhile."""
        return signal.sigtimedwait(_ENDS, max(seconds, 0)) is not None


class _Units:
    """The names of control groups. Those that are new are looked up."""

    def __init__(self):
        self._known = {None: None}

    def names(self, idents):
        """{id: name, None if it is gone}"""
        new = set(idents) - self._known.keys()
        if len(self._known) > 10000:
            self._known = {None: None}
        if new:
            names = cgroups.Names()
            for ident in new:
                name = names.name(ident)
                self._known[ident] = None if name == f"id {ident}" else name
        return self._known


def _key(namespace):
    return (namespace.inode, namespace.name or "", namespace.pod_uid, namespace.container_id)


class Failures:
    """Who has failed how often since the last look."""

    def __init__(self):
        self._units = _Units()
        self._counted = {}              # {namespace: {caller: counts.Count}}
        self._seen = {}

    def remember(self, store, clock):
        """What the file knows. All its times become those of this boot."""
        def uptime(then):
            if then.boot == clock.boot:
                return then.uptime / 1000
            return clock.uptime() - (clock.wall() - then.at / 1000)
        last = store.last()
        self._seen = {tuple(row): uptime(last) for row in store.namespaces()} if last else {}
        self._counted = {}
        for (namespace, *who), each in store.counted().items():
            self._counted.setdefault(namespace, {})[tuple(who)] = counts.Count(
                each.fails, each.clashes, uptime(each))

    def keep(self, namespaces):
        """Those that are there, once there are many others in memory: containers come and
        go. The file has them."""
        if len(self._seen) > _MOST_ENDED + len(namespaces):
            self._seen = {key: time for key, time in self._seen.items() if key in namespaces}
            self._counted = {key: found for key, found in self._counted.items()
                             if key in namespaces}

    def of(self, reads, now, before):
        """(failures, counted) of a store.Entry. `before` is when the last look was, or
        None."""
        failures, counted = [], []
        for read in reads:
            key = _key(read.namespace)
            if read.callers:
                seen = self._seen.get(key, before)
                for destination, caller, calls, count in self._of_one(key, read, now, seen):
                    if calls.fails or calls.clashes:
                        failures.append((destination, caller, calls))
                    counted.append((destination, caller, count.fails, count.clashes))
            self._seen[key] = now
        return failures, counted

    def _of_one(self, key, read, now, seen):
        """Yields what is new of a namespace that was seen last at that time. What the kernel
        has forgotten, to make room for others, is forgotten: it would begin with 0."""
        rows = counts.by_caller(read.callers.rows)
        units = self._units.names(row.get("cgroup") for row in rows.values())
        before, counted = self._counted.get(key, {}), {}
        self._counted[key] = counted
        for (local, remote, comm, cgroup), row in rows.items():
            program = None if comm is None else unescape(comm)
            who = local, remote, program, cgroup
            old = before.get(who)
            calls = counts.increase(row, old, now, seen)
            if old and not calls.fails and not calls.clashes:
                counted[who] = old
                continue
            count = counts.Count(row.get("fails") or 0, row.get("clashes") or 0, now)
            counted[who] = count
            yield (key, local, remote), (program, units.get(cgroup), cgroup), calls, count


class Recorder:
    """Looks and writes until it is told to end."""

    # What a test has others of comes last. pylint: disable-next=too-many-arguments
    def __init__(self, store, interval, keep, looks=None, clock=None, say=None):
        self._store = store
        self._interval = interval
        self._keep = keep
        self._looks = looks or Looks(interval)
        self._clock = clock or Clock()
        self._say = say or _say
        self._said = None
        self._changes = Changes()
        self._failures = Failures()
        self._why = schema.STARTED
        self._last = None               # (wall, uptime) of the last look that was written
        self._look = 0
        self._doubtful = None           # uptime since when the clock may be wrong
        self._forget_at = 0.0
        self._remembers = False

    def _remember(self):
        """What the file has, and no more than that, is what was written."""
        self._failures.remember(self._store, self._clock)
        self._changes.forget()
        self._looks.forget()
        last = self._store.last()
        self._look = last.look if last else 0
        if last and not self._last and self._has_jumped(last):
            self._doubtful = self._clock.uptime()
        self._remembers = True

    def _has_jumped(self, last):
        """Whether the clock has, since another recorder's last look, as far as that can be
        known."""
        away = self._clock.wall() - last.at / 1000
        if last.boot == self._clock.boot:
            return abs(away - (self._clock.uptime() - last.uptime / 1000)) > _FAR
        return not -_FAR < away < _DAY

    def run(self, count=None):
        """So many looks, or until a signal comes."""
        due = self._clock.uptime()
        while count is None or count > 0:
            self.look()
            count = None if count is None else count - 1
            if count == 0:
                return
            due += self._interval
            now = self._clock.uptime()
            if due < now:               # no look is made up for
                due = now
            if self._clock.wait(due - now):
                return

    def look(self):
        """One look. What goes wrong with the module or the file is said."""
        try:
            if self._store.replaced():
                self._store.reopen()
                self._remembers = False
            if not self._remembers:
                self._remember()
            self._write(self._looks.look())
            self._forget_old()
            self._tell(None)
        except Damaged as trouble:
            self._mend(trouble)
        except Unwritable as trouble:
            self._failed(trouble)
        except (NotAllowed, UnknownVersion):
            raise
        except Failure as failure:          # the module's files
            self._why = schema.MODULE
            self._tell(str(failure))

    def _tell(self, problem):
        """Each problem once, and that it is over."""
        if problem and problem != self._said:
            self._say(f"{problem}; nothing is recorded until that is over")
        elif self._said and not problem:
            self._say("recording again")
        self._said = problem

    def _failed(self, trouble):
        self._why, self._remembers = schema.DISK, False
        self._tell(str(trouble))

    def _mend(self, trouble):
        self._store.close()
        self._why, self._remembers = schema.DISK, False
        try:
            self._say(mend(self._store.path))
        except (sqlite3.Error, OSError):
            self._tell(str(trouble))

    def _begins(self, wall, uptime):
        """Why a new stretch begins, or None."""
        if self._why:
            return self._why
        passed = uptime - self._last[1]
        jump = wall - self._last[0] - passed
        if abs(jump) > _FAR:
            self._doubtful = uptime
        if abs(jump) > _JUMP:
            return schema.CLOCK
        return schema.LATE if passed > schema.LATE_INTERVALS * self._interval else None

    def _write(self, reads):
        wall, uptime = self._clock.wall(), self._clock.uptime()
        why = self._begins(wall, uptime)
        if why:
            self._changes.forget()
        headers, rows = self._changed(reads)
        failures, counted = self._failures.of(reads, uptime, self._last and self._last[1])
        stretch = (self._clock.boot, why, round(self._interval * 1000)) if why else None
        self._store.write(Entry(round(wall * 1000), round(uptime * 1000), stretch, headers,
                                rows, failures, counted))
        self._why, self._last = None, (wall, uptime)
        self._look += 1

    def _changed(self, reads):
        headers, rows = [], []
        for read in reads:
            key = _key(read.namespace)
            fields = self._changes.header(self._look, key, read.table.header)
            if fields:
                headers.append((key, fields))
            rows += self._changes.rows(self._look, key, read.table.rows)
        there = {_key(each) for each in self._looks.namespaces()}
        self._failures.keep(there)
        gone = self._changes.ended(there)
        return headers + gone[0], rows + gone[1]

    def _forget_old(self):
        uptime = self._clock.uptime()
        if uptime < self._forget_at:
            return
        self._forget_at = uptime + _FORGET_EVERY
        now, keep = self._clock.wall() * 1000, self._keep * 1000
        trusted = self._doubtful is None or uptime - self._doubtful > _DAY

        def is_old(at, its_uptime, boot):
            if boot == self._clock.boot:
                return uptime * 1000 - its_uptime > keep
            return trusted and not now - keep <= at <= now + _DAY * 1000
        while self._store.forget_old(is_old):
            pass


def _say(sentence):
    print(f"twstat: {sentence}", file=sys.stderr, flush=True)


def _folder_of(path):
    """The folder of the usual file is made; another one has to be there."""
    if path == schema.FILE:
        try:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        except OSError as error:
            raise Failure(f"{error.filename}: {error.strerror}") from None


def run(options):
    """twstat --record."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    os.umask(0o077)
    path = os.path.realpath(options.file)
    _folder_of(path)
    check_is_ours(path)
    lock = Lock(path + "-lock")
    try:
        store = _open(path, options.keep_mb * 1_000_000)
        try:
            Recorder(store, options.interval or INTERVAL,
                     options.keep_days * _DAY).run(options.count)
        finally:
            store.close()
    finally:
        lock.release()


def _open(path, most):
    """The Store. Raises Failure: before the first look somebody is there to read it."""
    try:
        try:
            return Store(path, most)
        except Damaged:
            _say(mend(path))
            return Store(path, most)
    except (Trouble, sqlite3.Error, OSError) as trouble:
        raise Failure(f"{path} cannot be written: {trouble}") from None
