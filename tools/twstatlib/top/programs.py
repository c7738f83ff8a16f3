# SPDX-License-Identifier: GPL-2.0-only
"""The programs of a destination, for twstat --top: what /proc/net/tw_callers has."""
import time

from .. import cgroups
from ..rows import cell, pair_of
from ..who import by_pair, comm_of
from . import screentext
from .fitter import Column, Fitter, line

# In the order of the screen, and the most important first.
_COLUMNS = ("fails", "clashes", "calls", "search_us", "last", "pid", "program", "unit")
_BY_WORTH = ("unit", "pid", "last", "clashes", "search_us")
# A control group that is not known may be a new one: seconds until it is looked for.
_LOOK_AGAIN = 30


class Units:
    """Names of control groups. Other than those of one snapshot they are asked for as
    long as the view is open, so new groups are found too."""

    def __init__(self, make=cgroups.Names, clock=time.monotonic):
        self._make, self._clock = make, clock
        self._names, self._read = make(), clock()

    def name(self, ident):
        """The name of a unit or a container."""
        name = self._names.name(ident)
        if name.startswith("id ") and self._clock() - self._read >= _LOOK_AGAIN:
            self._names, self._read = self._make(), self._clock()
            name = self._names.name(ident)
        return name


def short(callers):
    """The first program of a destination, and how many more there are."""
    if not callers:
        return "-"
    pid = callers[0].get("pid")
    return (comm_of(callers[0]) + (f"[{pid}]" if pid is not None else "") +
            (f" +{len(callers) - 1}" if len(callers) > 1 else ""))


class Programs:
    """The callers of one snapshot, by destination."""

    def __init__(self, table, units):
        self._units = units
        self.sampled = table.header.get("sample_connects")
        self._of = by_pair(table)

    def of(self, row):
        """The callers of a row."""
        if row["dir"] != "out":
            return []
        return self._of.get(pair_of(row), [])

    def lines(self, row, width):
        """A title, and a line for each program of a row."""
        found = [{**{name: cell(caller, name) for name in _COLUMNS},
                  "program": comm_of(caller), "unit": self._units.name(caller.get("cgroup"))}
                 for caller in self.of(row)]
        columns = _fitted(found, width)
        return (line(columns, {name: name for name in _COLUMNS}),
                [line(columns, fields) for fields in found])

    def why_none(self, row):
        """A sentence for a row without programs."""
        if row["dir"] != "out":
            return "Only destinations (out rows) have programs."
        rest = f"; of the others one in {self.sampled} is looked at" if self.sampled else ""
        return f"No program is known. Each call that fails is counted{rest}."


def _fitted(found, width):
    columns = [Column(name, max([screentext.cells(fields[name]) for fields in found] +
                                [len(name)]),
                      least={"program": 8, "unit": 16}.get(name),
                      number=name not in ("program", "unit")) for name in _COLUMNS]
    of = {column.name: column for column in columns}
    fitter = Fitter(width)
    for name in ("program", "fails", "calls"):
        fitter.show(of[name])
    fitter.widen(of["program"], to=15)
    for name in _BY_WORTH:
        fitter.show(of[name])
    fitter.widen(of["program"], of["unit"])
    return columns
