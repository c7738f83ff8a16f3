# SPDX-License-Identifier: GPL-2.0-only
"""twstat --who: the programs behind each destination, and those that use the ports, from
/proc/net/tw_callers."""
from .interface import unescape
from .rows import pair_of

# So many programs are shown of each kind; the file has them all.
MOST = 5


def _about(calls):
    """Calls that one in so many stands for: two digits are what is known of them."""
    return f"about {round(calls, min(2 - len(str(calls)), 0))} calls"


def _amount(row):
    parts = []
    if row.get("fails"):
        last = row.get("last")
        parts.append(f"{row['fails']} failed" +
                     (f" (last {last} s ago)" if last is not None else ""))
    if row.get("clashes"):
        parts.append(f"{row['clashes']} clashed")
    if row.get("calls"):
        parts.append(_about(row["calls"]))
    return ", ".join(parts) or "no calls"


def _target(row):
    if row["remote"] == "*":
        return f"of bind() with {row['local']} and port 0"
    return f"to {row['remote']}"


def comm_of(row):
    """The name of a program."""
    return unescape(row["comm"]) if row.get("comm") else "another container's program"


def _program(row, names):
    pid = f"[{row['pid']}]" if row.get("pid") is not None else ""
    group = f" of {names.name(row['cgroup'])}" if row.get("cgroup") is not None else ""
    return f"{comm_of(row)}{pid}{group}"


def describe(row, names):
    """One program in a line."""
    return f"    {_program(row, names)}: {_amount(row)}"


def by_pair(table):
    """The callers of each pair, in the file's order: the most failures first."""
    found = {}
    for caller in table.rows:
        found.setdefault(pair_of(caller), []).append(caller)
    return found


def slowest(table):
    """The row whose calls look longest for a port, or None."""
    known = [row for row in table.rows if row.get("search_us") is not None]
    return max(known, key=lambda row: row["search_us"], default=None)


class Callers:
    """Finds the programs of a row."""

    def __init__(self, table, names):
        self._table = table
        self._of = by_pair(table)
        self._names = names

    def of(self, row):
        """The lines below a row of tw_summary."""
        if row.get("dir") != "out":
            return []
        found = self._of.get(pair_of(row), [])
        lines = [describe(caller, self._names) for caller in found[:MOST]]
        if len(found) > MOST:
            lines.append(f"    and {len(found) - MOST} more")
        return lines

    def search(self):
        """A line about the program whose calls look longest for a port."""
        row = slowest(self._table)
        if not row:
            return []
        call = "bind()" if row["remote"] == "*" else "connect()"
        return [f"{call} takes {row['search_us']} us to find a port, at worst: "
                f"{comm_of(row)}"]

    def binders(self):
        """The lines for programs whose bind() found no port."""
        found = [caller for caller in self._table.rows
                 if caller["remote"] == "*" and caller.get("fails")]
        if not found:
            return []
        return (["bind() with port 0 found no port:"] +
                [describe(caller, self._names) for caller in found[:MOST]])

    def users(self):
        """The lines for those who call most, whether they fail or not."""
        found = [caller for caller in self._table.rows if caller.get("calls")]
        found.sort(key=lambda caller: -caller["calls"])
        if not found:
            return []
        return (["most calls, of the whole namespace:"] +
                [f"    {_program(caller, self._names)}: {_about(caller['calls'])} "
                 f"{_target(caller)}"
                 for caller in found[:MOST]])
