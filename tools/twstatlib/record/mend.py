# SPDX-License-Identifier: GPL-2.0-only
"""A file that is damaged: what can still be read of it goes to a new one."""
import contextlib
import os
import sqlite3

from . import schema
from .store import opened

_TABLES = ("stretch", "machine", "look", "namespace", "destination", "caller", "state",
           "sample", "failure", "counted")
_ENDS = ("", "-wal", "-shm")


def _remove(path):
    for end in reversed(_ENDS):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + end)


def _sound(database, table):
    """A function that says whether a row is as it may be: damage may look like a row."""
    columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    kinds = [str if column[2] == "TEXT" else int for column in columns]
    levels = [at for at, column in enumerate(columns) if column[1] in schema.LEVEL_COLUMNS]

    def sound(row):
        return (all(value is None or isinstance(value, kind)
                    for value, kind in zip(row, kinds)) and
                all(row[at] is None or 0 <= row[at] < len(schema.LEVELS) for at in levels))
    return sound


def _rows(damaged, table, key):
    """The rows of a table from both ends to where they cannot be read."""
    for order in ("ASC", "DESC"):
        try:
            yield from damaged.execute(f"SELECT * FROM {table} ORDER BY {key} {order}")
            return
        except sqlite3.DatabaseError:
            continue


def _copy(damaged, new, table):
    """How many rows of a table there were to copy."""
    info = new.execute(f"PRAGMA table_info({table})").fetchall()
    key = min((column for column in info if column[5]), key=lambda column: column[5])[1]
    sound, marks = _sound(new, table), ",".join("?" * len(info))
    before = new.total_changes
    new.execute("BEGIN")
    for row in _rows(damaged, table, key):
        if len(row) == len(info) and sound(row):
            with contextlib.suppress(sqlite3.IntegrityError):
                new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)
    new.execute("COMMIT")
    return new.total_changes - before


def mend(path):
    """Replaces the file by a new one with what can be read; one of which nothing can be read
    is kept as FILE.damaged. Returns a sentence. For a moment there are two files. Raises
    sqlite3.Error or OSError if that is not possible now; then nothing has changed."""
    fresh = path + ".new"
    _remove(fresh)
    new = opened(fresh)
    damaged = sqlite3.connect(path, isolation_level=None)
    try:
        looks = {table: _copy(damaged, new, table) for table in _TABLES}["look"]
    finally:
        damaged.close()
        new.close()             # which empties its log
    if looks:
        _remove(path)
    else:
        os.replace(path, path + ".damaged")
        _remove(path)
    # A log that stayed behind would be taken for that of the new file.
    os.rename(fresh, path)
    _remove(fresh)
    return (f"{path} was damaged: {looks} looks could be read of it, and are kept" if looks
            else f"{path} was damaged, and nothing could be read of it: it is now "
            f"{path}.damaged")
