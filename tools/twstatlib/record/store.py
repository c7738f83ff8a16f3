# SPDX-License-Identifier: GPL-2.0-only
"""The file of the record: one writes, any number reads.

SQLite's write-ahead log is what makes a look either there as a whole or not at all, and with
synchronous=FULL it is on the disk when it is said to be. The file and its log together never
have more bytes than they may: the file by max_page_count, the log because it is emptied before
it is full, and if a reader keeps it from that, nothing is written.
"""
import contextlib
import fcntl
import os
import sqlite3
import struct
from collections import namedtuple

from ..errors import Failure
from . import machine, schema

# Of SQLite's pages. A look changes a few rows in some of them, and each is written as a whole:
# a third of the bytes of what pages of 4096 need.
PAGE = 1024
_MAGIC = b"SQLite format 3\0"
# Beside both files: the index of the log (32 KB for 16 MB of it).
_INDEX = 64 << 10
_LOG_MOST = 4 << 20
# So long it waits for another program that writes to the file, in seconds.
_PATIENCE = 1.0
# The numbers of so many names are kept in memory.
_MOST_NAMES = 20000
# At once so much is deleted, so that the log stays small: samples, looks.
_CHUNK_SAMPLES = 2000
_CHUNK_LOOKS = 1000


class Trouble(Exception):
    """With the file. It may be over soon, or can be mended."""


class Unwritable(Trouble):
    """For the moment nothing can be written."""


class Damaged(Trouble):
    """The file is not what was written."""


# What a look has found: times in milliseconds (schema.TABLES); `stretch` is (boot, why,
# interval in milliseconds) where a new one begins, else None. A namespace is (inode, name,
# pod_uid, container_id), a destination (namespace, local, remote), a caller (program, unit,
# cgroup). `headers` and `rows` are pairs with fields of schema; `failures` are (destination,
# caller, Increase), `counted` (destination, caller, fails, clashes).
Entry = namedtuple("Entry", "at uptime stretch headers rows failures counted")
# The last look that is in the file.
Last = namedtuple("Last", "look at uptime boot")
# What was remembered of a caller: fails, clashes, and the look's times.
Counted = namedtuple("Counted", "fails clashes at uptime boot")


class Lock:
    """One recorder for each file. It ends with the process, however that ends. It is not a
    lock of the file itself: SQLite has those."""

    def __init__(self, path):
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC |
                               os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise Failure(f"{path}: {error.strerror}") from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise Failure(f"another recorder writes to this file: process {pid}") from None
        with contextlib.suppress(OSError):      # the disk may be full
            os.ftruncate(self._fd, 0)
            os.write(self._fd, f"{os.getpid()}\n".encode("ascii"))

    def release(self):
        """Another one may write."""
        os.close(self._fd)


def check_is_ours(path):
    """Raises Failure if there is another program's file. One that is damaged has been ours if
    its lock is there."""
    try:
        with open(path, "rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    ours = head[:16] == _MAGIC and head[68:72] == struct.pack(">I", schema.APPLICATION)
    if head and not ours and not os.path.exists(path + "-lock"):
        raise Failure(f"{path} is not a record of twstat; it stays as it is")


def opened(path):
    """A connection to a file that is there or is made, with the tables."""
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        database.execute(f"PRAGMA page_size = {PAGE}")
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA cache_size = -1000")
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.executescript(f"BEGIN; {schema.TABLES} PRAGMA application_id = "
                                   f"{schema.APPLICATION}; PRAGMA user_version = "
                                   f"{schema.VERSION}; COMMIT;")
        return database
    except sqlite3.Error:
        database.close()
        raise


def _size(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


class Store:
    """Writes to the file. `most` is how many bytes all of it may have."""

    def __init__(self, path, most):
        self.path = path
        self._most = most
        self._log = min(most // 8, _LOG_MOST)
        self._pages = (most - self._log - _INDEX) // PAGE
        self._spare = self._log // 4 // PAGE       # one look, and more
        self._names = {}
        self._inode = None
        self._database = None
        self._open()

    def _open(self):
        try:
            with self._explained():
                self._database = opened(self.path)
                self._check()
                self._database.execute(f"PRAGMA max_page_count = {self._pages}")
                self._database.execute(f"PRAGMA wal_autocheckpoint = {self._spare}")
                self._inode = os.stat(self.path).st_ino
                self._shrink()
        except (Failure, Trouble, OSError):
            self.close()
            raise

    def _check(self):
        problem, = self._database.execute("PRAGMA quick_check(1)").fetchone()
        if problem != "ok":
            raise Damaged(f"{self.path}: {problem}")
        version, = self._database.execute("PRAGMA user_version").fetchone()
        if version != schema.VERSION:
            raise Failure(f"{self.path} is of version {version}; this twstat knows "
                          f"{schema.VERSION}")

    def replaced(self):
        """Whether somebody has put another file there, or taken it away; or it is closed."""
        if not self._database:
            return True
        try:
            return os.stat(self.path).st_ino != self._inode
        except OSError:
            return True

    def reopen(self):
        """The file that is there now."""
        self.close()
        check_is_ours(self.path)
        self._names = {}
        self._open()

    def close(self):
        """The log is in the file then."""
        if self._database:
            self._database.close()
        self._database = None

    @contextlib.contextmanager
    def _explained(self):
        """SQLite's errors as ours. What was begun is undone."""
        try:
            yield
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error, AttributeError):
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
            self._names = {}
            if isinstance(error, sqlite3.OperationalError):
                raise Unwritable(f"{self.path}: {error}") from None
            if type(error) is sqlite3.DatabaseError:    # pylint: disable=unidiomatic-typecheck
                raise Damaged(f"{self.path}: {error}") from None
            raise                       # a mistake of this program

    @contextlib.contextmanager
    def _transaction(self):
        self._database.execute("BEGIN IMMEDIATE")
        yield
        self._database.execute("COMMIT")

    # What is there

    def last(self):
        """The last look, or None."""
        with self._explained():
            found = self._database.execute(
                "SELECT look.id, at, uptime, boot FROM look JOIN stretch ON stretch.id = "
                "stretch ORDER BY look.id DESC LIMIT 1").fetchone()
        return Last(*found) if found else None

    def namespaces(self):
        """All that were ever seen."""
        with self._explained():
            return self._database.execute(
                "SELECT inode, name, pod_uid, container_id FROM namespace").fetchall()

    def counted(self):
        """{(namespace, local, remote, program, cgroup): Counted}"""
        with self._explained():
            return {(tuple(row[:4]), *row[4:8]): Counted(*row[8:])
                    for row in self._database.execute(
                        "SELECT inode, name, pod_uid, container_id, local, remote, program, "
                        "cgroup, fails, clashes, at, uptime, boot FROM counted "
                        "JOIN look ON look.id = look JOIN stretch ON stretch.id = stretch "
                        "JOIN caller ON caller.id = caller "
                        "JOIN destination ON destination.id = destination "
                        "JOIN namespace ON namespace.id = namespace")}

    # What is new

    def write(self, entry):
        """Writes a look; all of it is on the disk then. Raises Unwritable or Damaged."""
        with self._explained():
            self._has_room()
            with self._transaction():
                look, stretch = self._next(entry)
                self._insert("look", (look, stretch, entry.at, entry.uptime))
                for namespace, fields in entry.headers:
                    self._insert("state", (look, self._namespace(namespace, look), *fields))
                for destination, fields in entry.rows:
                    self._insert("sample", (look, self._destination(destination, look),
                                            *fields))
                for destination, caller, calls in entry.failures:
                    self._insert("failure", (look, self._destination(destination, look),
                                             self._caller(caller, look), calls.pid,
                                             calls.fails, calls.clashes))
                for destination, caller, fails, clashes in entry.counted:
                    self._insert("counted", (self._destination(destination, look),
                                             self._caller(caller, look), fails, clashes, look))

    def _insert(self, table, values):
        marks = ",".join("?" * len(values))
        self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)

    def _next(self, entry):
        """The numbers of this look and of its stretch."""
        last = self._database.execute(
            "SELECT id, stretch FROM look ORDER BY id DESC LIMIT 1").fetchone()
        look, stretch = (last[0] + 1, last[1]) if last else (1, 0)
        if entry.stretch:
            stretch += 1
            self._insert("stretch", (stretch, *entry.stretch))
            self._insert("machine", (stretch, *machine.this()))
        return look, stretch

    def _ident(self, table, columns, key, look):
        """The number of a namespace, a destination or a caller, which is made if there is
        none. That it was seen is noted now and then."""
        found = self._names.get((table, key))
        if not found:
            where = " AND ".join(f"{column} IS ?" for column in columns)
            found = self._database.execute(f"SELECT id, seen FROM {table} WHERE {where}",
                                           key).fetchone()
        if not found:
            names, marks = ", ".join(columns), "?, " * len(columns)
            ident = self._database.execute(
                f"INSERT INTO {table} ({names}, seen) VALUES ({marks}?)",
                (*key, look)).lastrowid
            found = ident, look
        elif look - found[1] >= schema.SEEN_LATE // 2:
            self._database.execute(f"UPDATE {table} SET seen = ? WHERE id = ?",
                                   (look, found[0]))
            found = found[0], look
        if len(self._names) >= _MOST_NAMES:
            self._names = {}
        self._names[table, key] = found
        return found[0]

    def _namespace(self, key, look):
        return self._ident("namespace", ("inode", "name", "pod_uid", "container_id"), key,
                           look)

    def _destination(self, destination, look):
        namespace, local, remote = destination
        return self._ident("destination", ("namespace", "local", "remote"),
                           (self._namespace(namespace, look), local, remote), look)

    def _caller(self, key, look):
        return self._ident("caller", ("program", "unit", "cgroup"), key, look)

    # What has to go

    def bytes(self):
        """How many there are now."""
        return sum(_size(self.path + end) for end in ("", "-wal", "-shm", ".damaged"))

    def _has_room(self):
        """Makes room for one look. Raises Unwritable if there can be none."""
        if _size(self.path + ".damaged") + self._pages * PAGE > self._most:
            # It has the oldest.
            with contextlib.suppress(OSError):
                os.unlink(self.path + ".damaged")
        while self._used() > self._pages - self._spare:
            self._delete(self._chunk())
        if _size(self.path + "-wal") > self._log * 5 // 8 and not self._emptied():
            raise sqlite3.OperationalError("a program that reads it keeps its log from being "
                                           "emptied")

    def _pragma(self, name):
        return self._database.execute(f"PRAGMA {name}").fetchone()[0]

    def _used(self):
        """Pages that are."""
        return self._pragma("page_count") - self._pragma("freelist_count")

    def _emptied(self):
        """Whether the log could be."""
        return not self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def _chunk(self):
        """The look before which all is deleted next."""
        first, last = self._database.execute("SELECT min(id), max(id) FROM look").fetchone()
        if first is None or first == last:
            raise sqlite3.OperationalError("one look has no room in it")
        sample = self._database.execute(
            "SELECT look FROM sample ORDER BY look LIMIT 1 OFFSET ?",
            (_CHUNK_SAMPLES,)).fetchone()
        return min(max(sample[0] if sample else last, first + 1), first + _CHUNK_LOOKS, last)

    def _delete(self, before):
        """All looks before this one."""
        if _size(self.path + "-wal") > self._log // 2:
            self._emptied()
        with self._transaction():
            for table, column in (("sample", "look"), ("state", "look"), ("failure", "look"),
                                  ("counted", "look"), ("look", "id")):
                self._database.execute(f"DELETE FROM {table} WHERE {column} < ?", (before,))
            for table, column in (("stretch", "id"), ("machine", "stretch")):
                self._database.execute(f"DELETE FROM {table} WHERE {column} < (SELECT "
                                       "min(stretch) FROM look)")
            for table in ("destination", "caller", "namespace"):
                self._database.execute(f"DELETE FROM {table} WHERE seen < ?",
                                       (before - schema.SEEN_LATE,))
        self._names = {}

    def forget_old(self, is_old):
        """Deletes the looks from the first one on that are old: is_old(at, uptime, boot). It
        may be some of them: whether it is worth to call it again."""
        with self._explained():
            rows = self._database.execute(
                "SELECT look.id, at, uptime, boot FROM look JOIN stretch ON stretch.id = "
                "stretch ORDER BY look.id LIMIT ?", (_CHUNK_LOOKS,))
            young = next((row[0] for row in rows if not is_old(*row[1:])), None)
            rows.close()
            first = self._database.execute("SELECT min(id) FROM look").fetchone()[0]
            if first is None or young == first:
                return False
            before = self._chunk()
            self._delete(before if young is None else min(young, before))
            return young is None or before < young

    def _shrink(self):
        """A file that was allowed to be larger."""
        while self._used() > self._pages - self._spare:
            self._delete(self._chunk())
        while self._pragma("page_count") > self._pages and self._pragma("freelist_count"):
            self._database.execute(f"PRAGMA incremental_vacuum({self._spare})").fetchall()
            if not self._emptied():
                break
