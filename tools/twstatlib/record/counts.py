# SPDX-License-Identifier: GPL-2.0-only
"""How many calls have failed since the last look, by who called whom.

/proc/net/tw_callers counts for ever: until the module is unloaded, the machine is started
again, or the row makes room for another one. Then it begins with 0. That is seen by the age
of the row's first failure, to a second: it is younger than what is remembered.
"""
from collections import namedtuple

# What is remembered of a row: what it counted, and when (seconds, by any clock that is the
# same as `now` below).
Count = namedtuple("Count", "fails clashes time")
# Calls since the last look, and the process that called last.
Increase = namedtuple("Increase", "fails clashes pid")

# An age is one whole number of seconds less another (show.c): it may be almost a second more
# than the real one, or less.
_CUT = 1.0


def increase(row, before, now, seen):
    """The Increase of a row. `before` is the Count that is remembered, or None; `seen` is when
    it would have been seen had it been there, None if nobody has looked yet."""
    fails, clashes, first = row.get("fails") or 0, row.get("clashes") or 0, row.get("first")
    if before:
        new = (fails < before.fails or clashes < before.clashes or
               (first is not None and before.fails and
                first + _CUT < now - before.time))
        if not new:
            fails, clashes = fails - before.fails, clashes - before.clashes
    elif seen is None or (first is not None and first - _CUT >= now - seen):
        fails = clashes = 0
    return Increase(fails, clashes, row.get("pid"))


def by_caller(rows):
    """{(local, remote, program, cgroup): row} of those that have failed. Programs of other pid
    namespaces have no name, so there may be several: they are counted together."""
    found = {}
    for row in rows:
        who = row["local"], row["remote"], row.get("comm"), row.get("cgroup")
        other = found.get(who)
        if other:
            ages = [each["first"] for each in (row, other) if each.get("first") is not None]
            row = {**other, "fails": (row.get("fails") or 0) + (other.get("fails") or 0),
                   "clashes": (row.get("clashes") or 0) + (other.get("clashes") or 0),
                   "first": max(ages, default=None)}
        found[who] = row
    return found
