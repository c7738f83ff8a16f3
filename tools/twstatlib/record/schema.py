# SPDX-License-Identifier: GPL-2.0-only
"""The tables of the record, and how a field of /proc/net/tw_summary is kept in them.

The recorder looks at all network namespaces every few seconds. A look has a number, which
only grows, and a time, which jumps with the clock. What a look found is written only if it
differs from what was written last, and again after some looks: so who wants to know how it
was at a look finds it among the REPEAT looks before. A stretch is a time without a gap: a
new one begins with the recorder, when the clock has jumped, when the module is back, when
there is room on the disk again, and after a look that was late. In a new stretch all is
written again.
"""
from ..interface import LEVELS

# Of the file: "twst", so that another program's file is not taken for ours.
APPLICATION = 0x74777374
VERSION = 1

FILE = "/var/lib/tw_summary/history.sqlite3"
# How long a look is kept, and how large the file may be, unless the options say otherwise.
KEEP_DAYS = 7
KEEP_MB = 100
# What holds was written at most so many looks ago.
REPEAT = 120
# Of a namespace, a destination and a caller the last look is noted late by so many at most.
SEEN_LATE = 200
# After so many intervals a look is late, and what was seen before holds no longer.
LATE_INTERVALS = 3

# Why a stretch began: the recorder was started; the clock was changed; the module was not
# loaded; nothing could be written; the machine slept, or had no time for the recorder.
STARTED, CLOCK, MODULE, DISK, LATE = "start", "clock", "module", "disk", "late"

# What failed.
CONNECT, BIND, CLASH = "connect", "bind", "clash"
KINDS = (CONNECT, BIND, CLASH)

# Columns of a row, and keys of the header, as the file has them. Those that count tenths
# have one decimal in the file; an integer is shorter than a float in SQLite.
ROW = ("level", "free", "used", "use%", "tw", "fw2", "fw2_held", "estab", "syn", "cwait",
       "other", "reuse", "reuse_if", "close/s", "grow/s", "next", "eta", "fail", "fail_last",
       "clash")
HEADER = ("range", "tried", "reserved", "bound", "usable", "tw_reuse", "timewait",
          "timewait_max", "timewait_dropped", "out_rows", "hidden_min", "hidden_sockets",
          "level", "bind_level", "hidden_level", "rules", "complete", "fails", "fails_last",
          "fails_missed", "bind_fails", "bind_fails_last", "clashes", "clashes_last",
          "mispredicted")
_TENTHS = {"use%", "close/s", "grow/s", "next", "eta", "fail_last", "fails_last",
           "bind_fails_last", "clashes_last"}
LEVEL_COLUMNS = {"level", "bind_level", "hidden_level"}
# These change by themselves, each second by one.
GROWING = {"fail_last", "fails_last", "bind_fails_last", "clashes_last"}
SHRINKING = {"next", "eta"}
_TEXTS = {"range", "rules"}


def _columns(names):
    return ",\n    ".join(f'"{name}" {"TEXT" if name in _TEXTS else "INTEGER"}'
                          for name in names)


TABLES = f"""
CREATE TABLE stretch (          -- a time without a gap
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL,         -- /proc/sys/kernel/random/boot_id
    why TEXT NOT NULL,          -- why it began
    interval INTEGER NOT NULL   -- milliseconds between two looks
);
CREATE TABLE machine (          -- of which each stretch is
    stretch INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    kernel TEXT NOT NULL,
    module TEXT                 -- its version; NULL: it was not loaded
);
CREATE TABLE look (
    id INTEGER PRIMARY KEY,
    stretch INTEGER NOT NULL,
    at INTEGER NOT NULL,        -- milliseconds since 1970 by the clock of that moment
    uptime INTEGER NOT NULL     -- milliseconds since boot, suspended or not
);
CREATE INDEX look_at ON look (at);
CREATE TABLE namespace (
    id INTEGER PRIMARY KEY,
    inode INTEGER NOT NULL,
    name TEXT NOT NULL,
    pod_uid TEXT,
    container_id TEXT,
    seen INTEGER NOT NULL       -- the last look, or one of the SEEN_LATE before
);
CREATE TABLE destination (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    local TEXT NOT NULL,
    remote TEXT NOT NULL,       -- * is that of bind() with port 0
    seen INTEGER NOT NULL
);
CREATE UNIQUE INDEX destination_pair ON destination (namespace, local, remote);
CREATE TABLE caller (
    id INTEGER PRIMARY KEY,
    program TEXT,               -- NULL: it is of another pid namespace, or not known
    unit TEXT,                  -- unit or container
    cgroup INTEGER,
    seen INTEGER NOT NULL
);
CREATE UNIQUE INDEX caller_who ON caller (program, cgroup, unit);
CREATE TABLE state (            -- the header of a namespace; all NULL: no longer looked at
    look INTEGER NOT NULL,
    namespace INTEGER NOT NULL,
    {_columns(HEADER)},
    PRIMARY KEY (look, namespace)
) WITHOUT ROWID;
CREATE TABLE sample (           -- a destination's row; all NULL: no longer there
    look INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    {_columns(ROW)},
    PRIMARY KEY (look, destination)
) WITHOUT ROWID;
CREATE TABLE failure (          -- calls that failed since the look before
    look INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    pid INTEGER,
    fails INTEGER NOT NULL,     -- connect(), or bind() where remote is *
    clashes INTEGER NOT NULL,
    PRIMARY KEY (look, destination, caller)
) WITHOUT ROWID;
CREATE TABLE counted (          -- what tw_callers said last, so that no call counts twice
    destination INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    fails INTEGER NOT NULL,
    clashes INTEGER NOT NULL,
    look INTEGER NOT NULL,      -- in which it changed
    PRIMARY KEY (destination, caller)
) WITHOUT ROWID;
"""


def _stored(name, value):
    if value is None or name in _TEXTS:
        return value
    if name in LEVEL_COLUMNS:
        return LEVELS.index(value)
    return round(value * 10) if name in _TENTHS else int(value)


def _said(name, value):
    if value is None or name in _TEXTS:
        return value
    if name in LEVEL_COLUMNS:
        return LEVELS[value] if 0 <= value < len(LEVELS) else None
    if name == "complete":
        return bool(value)
    return value / 10 if name in _TENTHS else value


def to_fields(values, names):
    """What is kept of a row or of a header: a tuple in the order of the names."""
    return tuple(_stored(name, values.get(name)) for name in names)


def from_fields(fields, names, seconds=0.0):
    """The row or header again, as it was so many seconds after it was written, if nothing
    has changed since."""
    found = {name: _said(name, value) for name, value in zip(names, fields)}
    for name, value in found.items():
        if seconds and value is not None:
            if name in GROWING:
                found[name] = round(value + seconds, 1)
            elif name in SHRINKING:
                found[name] = max(round(value - seconds, 1), 0.0)
    return found
