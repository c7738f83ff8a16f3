# SPDX-License-Identifier: GPL-2.0-only
"""What was recorded, under the names that /proc/net has. Times are seconds since 1970.

A range of time is `since` and `until`, both inclusive. All that one History says is of one
moment of the file, however long the recorder goes on.
"""
import contextlib
import os
import sqlite3
from collections import namedtuple

from ..errors import Failure, NotAllowed
from ..interface import LEVELS, VERSION, Table
from . import schema
from .machine import Machine

# The network namespace of a destination; as in sources.Namespace.
Namespace = namedtuple("Namespace", "id inode name pod_uid container_id")
Destination = namedtuple("Destination", "id namespace local remote")

# What was seen of a destination at a look. `row` has the columns of /proc/net/tw_summary, and
# `header` its keys, as far as they are recorded (schema.ROW, schema.HEADER). `row` is None
# from when on it was no longer recorded. It holds until the next sample, or until the
# stretch ends.
Sample = namedtuple("Sample", "time look destination row header")

# A level that is not the one before; either is None where it was not recorded.
Change = namedtuple("Change", "time destination old new row")

# Calls that failed in the interval that ended at this time. `kind` is one of schema.KINDS.
# `program` is None if it was not known, `unit` if it had none.
Failed = namedtuple("Failed", "time destination kind count program unit pid cgroup")

# When nothing was recorded, and why a new stretch began then (schema.STARTED and so on).
Gap = namedtuple("Gap", "begin end why")

# The look of a moment, what it saw of a namespace, and since when it was so.
Seen = namedtuple("Seen", "time namespace table")


def _columns(table, names):
    return ", ".join(f'{table}."{name}"' for name in names)


class History:
    """The record, to be read. Raises Failure if there is none."""

    def __init__(self, path=schema.FILE):
        self.path = path
        self._database = None
        _check_readable(path)
        with self._explained():
            self._database = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True,
                                             isolation_level=None)
            self._check()
            self._database.execute("BEGIN")
            self._namespaces = {row[0]: Namespace(*row) for row in self._database.execute(
                "SELECT id, inode, name, pod_uid, container_id FROM namespace")}
            self._destinations = {
                row[0]: Destination(row[0], self._namespaces[row[1]], *row[2:])
                for row in self._database.execute(
                    "SELECT id, namespace, local, remote FROM destination")
                if row[1] in self._namespaces}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """The recorder can clean up behind it then."""
        if self._database:
            self._database.close()
        self._database = None

    @contextlib.contextmanager
    def _explained(self):
        try:
            yield
        except sqlite3.Error as error:
            self.close()
            raise Failure(f"{self.path}: {error}") from None

    def _check(self):
        application, = self._database.execute("PRAGMA application_id").fetchone()
        version, = self._database.execute("PRAGMA user_version").fetchone()
        if application != schema.APPLICATION:
            raise Failure(f"{self.path} is not a record of twstat")
        if version != schema.VERSION:
            raise Failure(f"{self.path} is of version {version}; this twstat knows "
                          f"{schema.VERSION}")

    def _all(self, query, *values):
        return list(self._each(query, *values))

    def _each(self, query, *values):
        with self._explained():
            yield from self._database.execute(query, values)

    # What there is

    def bounds(self):
        """The times of the first and of the last look, None if there is no look."""
        (first, last), = self._all("SELECT min(at), max(at) FROM look")
        return None if first is None else (first / 1000, last / 1000)

    def namespaces(self):
        """All of them."""
        return list(self._namespaces.values())

    def destinations(self, since, until):
        """Those of which something was recorded, rows of bind() (remote *) among them."""
        first, last = self._looks(since, until)
        found = {row[0] for table in ("sample", "failure") for row in self._all(
            f"SELECT DISTINCT destination FROM {table} WHERE look BETWEEN ? AND ?",
            first - schema.REPEAT if table == "sample" else first, last)}
        return [self._destinations[each] for each in sorted(found)
                if each in self._destinations]

    def _looks(self, since, until):
        """The first and the last look between these times; the last is before the first if
        there is none."""
        (first, last), = self._all(
            "SELECT min(id), max(id) FROM look WHERE at BETWEEN ? AND ?",
            round(since * 1000), round(until * 1000))
        return (1, 0) if first is None else (first, last)

    # What was seen

    def samples(self, since, until, destinations=None):
        """Yields the samples of these destinations, or of all, look by look. What held when
        the range begins comes first, with its own time. There may be millions in a week."""
        first, last = self._looks(since, until)
        headers = self._headers(first, last)
        wanted = None if destinations is None else {each.id for each in destinations}
        for look, at, ident, *fields in self.fields(since, until, schema.ROW):
            destination = self._destinations.get(ident)
            if destination and (wanted is None or ident in wanted):
                yield Sample(at / 1000, look, destination, _row(destination, fields),
                             headers.of(destination.namespace.id, look))

    def fields(self, since, until, names):
        """The same of all destinations without what takes time: (look, milliseconds, id of the
        destination, field...), as they are kept. All are None if it is no longer there."""
        query = (f"SELECT look, look.at, destination, {_columns('sample', names)} "
                 "FROM sample JOIN look ON look.id = look WHERE look BETWEEN ? AND ? "
                 "AND stretch = (SELECT stretch FROM look WHERE id = ?) ORDER BY look")
        # Where the clock was wrong, looks of another time are between these. What held in
        # another stretch does not hold in this one.
        for first, last, _ in self.stretches(since, until):
            held = {row[2]: row for row in self._each(query, first - schema.REPEAT, first - 1,
                                                      first)}
            for row in sorted(held.values(), key=lambda row: row[:3]):
                if _there(row[3:]):
                    yield row
            yield from self._each(query, first, last, first)

    def sample(self, look, destination):
        """One sample of which the look is known."""
        (at, *fields), = self._all(
            f"SELECT look.at, {_columns('sample', schema.ROW)} FROM sample JOIN look ON "
            "look.id = look WHERE look = ? AND destination = ?", look, destination.id)
        return Sample(at / 1000, look, destination, _row(destination, fields),
                      self._headers(look, look).of(destination.namespace.id, look))

    def destination(self, ident):
        """The Destination, None if it is not known."""
        return self._destinations.get(ident)

    def stretches(self, since, until):
        """[(first look, last look, time of the last)] of each stretch in this range."""
        return [(first, last, at / 1000) for first, last, at in self._all(
            "SELECT min(id), max(id), max(at) FROM look WHERE at BETWEEN ? AND ? GROUP BY stretch "
            "ORDER BY 1", round(since * 1000), round(until * 1000))]

    def machines(self, since, until):
        """What the looks in this range are of, each Machine once, by time."""
        return [Machine(*row) for row in self._all(
            "SELECT host, kernel, module FROM machine JOIN look ON look.stretch = "
            "machine.stretch WHERE at BETWEEN ? AND ? GROUP BY host, kernel, module "
            "ORDER BY min(look.id)", round(since * 1000), round(until * 1000))]

    def _headers(self, first, last):
        return _Headers(self._namespaces, self._all(
            f"SELECT look, namespace, {_columns('state', schema.HEADER)} FROM state "
            "WHERE look BETWEEN ? AND ? ORDER BY look", first - 2 * schema.REPEAT, last))

    def level_changes(self, since, until, destination=None):
        """By time. That a destination is no longer recorded is a change to None."""
        first, level, found = round(since * 1000), {}, []
        for sample in self.samples(since, until, [destination] if destination else None):
            new = sample.row["level"] if sample.row else None
            old = level.get(sample.destination.id)
            if new != old and round(sample.time * 1000) >= first:
                found.append(Change(sample.time, sample.destination, old, new, sample.row))
            level[sample.destination.id] = new
        return found

    def failures(self, since, until, destination=None):
        """By time."""
        query = ("SELECT look.at, destination, fails, clashes, program, unit, pid, cgroup "
                 "FROM failure JOIN look ON look.id = look JOIN caller ON caller.id = caller "
                 "WHERE look BETWEEN ? AND ? AND look.at BETWEEN ? AND ?")
        values = [*self._looks(since, until), round(since * 1000), round(until * 1000)]
        if destination:
            query += " AND destination = ?"
            values.append(destination.id)
        found = []
        for at, ident, fails, clashes, *who in self._all(query + " ORDER BY look", *values):
            its = self._destinations.get(ident)
            if its:
                kind = schema.BIND if its.remote == "*" else schema.CONNECT
                found += [Failed(at / 1000, its, what, count, *who)
                          for what, count in ((kind, fails), (schema.CLASH, clashes)) if count]
        return found

    def gaps(self, since, until):
        """When nothing was recorded between these times, before the first look and after the
        last one too."""
        looks = self._all(
            "SELECT at, stretch, interval, why FROM look JOIN stretch ON stretch.id = stretch "
            "WHERE at BETWEEN ? AND ? ORDER BY look.id", round(since * 1000),
            round(until * 1000))
        found, last, its = [], since, None
        for at, stretch, interval, why in looks:
            late = at / 1000 - last > schema.LATE_INTERVALS * interval / 1000
            if late:
                found.append(Gap(last, at / 1000, schema.LATE if stretch == its else why))
            last, its = at / 1000, stretch
        if not looks or until - last > schema.LATE_INTERVALS * looks[-1][2] / 1000:
            found.append(Gap(last, until, schema.STARTED))
        return found

    def look_at(self, time):
        """(look, time) of the last look until then, None if there is none. Where a clock was
        set back, and there are two, it is the later one."""
        found = self._all("SELECT id, at FROM look WHERE at <= ? ORDER BY at DESC, id DESC "
                          "LIMIT 1", round(time * 1000))
        return (found[0][0], found[0][1] / 1000) if found else None

    def seen_at(self, time):
        """What the last look until then saw: a list of Seen, one for each namespace. The
        tables have the rows that are recorded, in the file's order."""
        found = self.look_at(time)
        if found is None:
            return []
        look, at = found
        stretch, = self._all("SELECT stretch FROM look WHERE id = ?", look)[0]
        span = (look - schema.REPEAT, look, stretch)
        states = {}
        for its, when, *fields in self._all(
                f"SELECT namespace, look.at, {_columns('state', schema.HEADER)} FROM state "
                "JOIN look ON look.id = look WHERE look BETWEEN ? AND ? AND stretch = ? "
                "ORDER BY look", *span):
            states[its] = when, fields
        rows = {}
        for ident, when, *fields in self._all(
                f"SELECT destination, look.at, {_columns('sample', schema.ROW)} FROM sample "
                "JOIN look ON look.id = look WHERE look BETWEEN ? AND ? AND stretch = ? "
                "ORDER BY look", *span):
            rows[ident] = when, fields
        return [Seen(at, self._namespaces[its], self._table(its, at, state, rows))
                for its, state in states.items()
                if its in self._namespaces and _there(state[1])]

    def _table(self, namespace, at, state, rows):
        """The table of a namespace."""
        shown = []
        for ident, (when, fields) in rows.items():
            destination = self._destinations.get(ident)
            if destination and destination.namespace.id == namespace:
                row = _row(destination, fields, at - when / 1000)
                if row:
                    shown.append(row)
        shown.sort(key=_worst_first)
        header = _header(self._namespaces[namespace], state[1], at - state[0] / 1000)
        return Table("tw_summary", header, ["dir", *schema.ROW, "local", "remote"], shown)


class _Headers:
    """The header that was in force at a look, of each namespace."""

    def __init__(self, namespaces, rows):
        self._namespaces = namespaces
        self._rows = {}
        for look, namespace, *fields in rows:
            self._rows.setdefault(namespace, []).append((look, fields))
        self._at = dict.fromkeys(self._rows, 0)
        self._made = {}

    def of(self, namespace, look):
        """Looks must come in order. Empty if it is not known."""
        rows = self._rows.get(namespace)
        if not rows:
            return {}
        at = self._at[namespace]
        while at + 1 < len(rows) and rows[at + 1][0] <= look:
            at += 1
        self._at[namespace] = at
        if self._made.get(namespace, (None,))[0] != at:
            self._made[namespace] = at, _header(self._namespaces[namespace], rows[at][1])
        return self._made[namespace][1]


def _check_readable(path):
    """Its folder is root's, too: who may not look into it does not know whether it is there."""
    try:
        os.stat(path)
    except PermissionError:
        raise NotAllowed(path) from None
    except OSError:
        raise Failure(f"{path} is not there: nothing was recorded (systemctl enable --now "
                      "tw-summary-record)") from None
    if not os.access(path, os.R_OK, effective_ids=True):
        raise NotAllowed(path)


def _quoted(path):
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _there(fields):
    """Whether these are of a row or of a header: else it was no longer there."""
    return any(field is not None for field in fields)


def _header(namespace, fields, seconds=0.0):
    return {"version": VERSION, "netns": namespace.inode,
            **schema.from_fields(fields, schema.HEADER, seconds)}


def _row(destination, fields, seconds=0.0):
    """None if it was no longer there."""
    if not _there(fields):
        return None
    return {"dir": "out", **schema.from_fields(fields, schema.ROW, seconds),
            "local": destination.local, "remote": destination.remote}


def _worst_first(row):
    """The file's order: the level, who failed lately, and what is left."""
    level = LEVELS.index(row["level"]) if row["level"] else -1
    failed = row["fail_last"] if row["fail_last"] is not None and row["fail_last"] <= 600 \
        else float("inf")
    return (-level, failed, row["free"] if row["free"] is not None else float("inf"),
            -(row["used"] or 0), row["local"], row["remote"])
