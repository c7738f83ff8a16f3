# SPDX-License-Identifier: GPL-2.0-only
"""The table of twstat --top: which columns it has at some width, and its lines."""
from ..layout import shorten
from ..outlook import ports_of
from ..rows import cell, matters
from . import screentext
from .fitter import Column, Fitter, line
from .graph import MOST_TIMES, bar, spark

# Numbers, in the order of the screen, and how wide they are at least: a table whose
# columns jump at each snapshot cannot be read.
_NUMBERS = {"free": 5, "used": 5, "use%": 5, "tw": 5, "close/s": 7, "eta": 5, "fail": 5}
# What is shown where there is room, the most important first. Addresses of rows that are
# well come after the urgent columns.
_URGENT = ("eta", "fail")
_THEN = ("close/s", "used", "tw")
_BAR, _FAIR_BAR, _PAST, _PROGRAM = 8, 22, 8, 16
# No address is made shorter than this, unless the screen has no room at all; and two of
# this width together matter more than a bar.
_NAME, _NAMES = 9, 28


class Layout:
    """The columns for these rows at this width. The one that is sorted by is always
    there, in brackets. `program` gives the text of the column of programs, if there is
    to be one."""

    def __init__(self, table, rows, width, sorted_by, program=None):
        self._sorted_by = sorted_by
        self._ports = ports_of(table.header)
        self._program = program
        self._make(table, rows, program)
        self._fit(Fitter(width), width)

    def _make(self, table, rows, program):
        def need(name, of=rows):
            return max([len(cell(row, name)) for row in of] + [len(name)])

        urgent = [row for row in rows if matters(row)]

        self._columns = [Column("dir", 5, number=False), Column("level", 5, number=False)]
        self._columns += [Column(name, max(need(name), least))
                          for name, least in _NUMBERS.items() if name in table.columns]
        self._columns += [Column(name, need(name), _NAME, need(name, urgent), number=False)
                          for name in ("local", "remote")]
        widest = max([screentext.cells(program(row)) for row in rows] + [_PROGRAM]) \
            if program else 0
        self._columns += [Column("program", min(widest, 40), _PROGRAM, number=False),
                          Column("ports", 10000, _BAR, number=False),
                          Column("history", MOST_TIMES, _PAST)]
        self._of = {column.name: column for column in self._columns}
        self._inner = any(row["dir"] != "out" for row in rows)
        sort = self._of.get(self._sorted_by)
        if sort:
            sort.need = max(sort.need, len(sort.name) + 2)
            sort.least = max(sort.least, min(len(sort.name) + 2, sort.need))

    def _fit(self, fitter, width):
        self._fit_first(fitter)
        of = self._of
        names = (of["local"], of["remote"])
        fair = max(width * 47 // 100, _NAMES)
        fitter.widen(*names, to=fair, need=lambda name: name.urgent)
        self._show(fitter, _URGENT)
        fitter.widen(*names, to=fair)
        self._show(fitter, ("use%",))
        fitter.widen(*names)
        if self._program:
            fitter.widen(of["program"])
        self._show(fitter, ("history", *_THEN))
        fitter.widen(of["ports"], to=_FAIR_BAR)
        fitter.widen(of["history"], of["ports"])
        fitter.widen(of["ports"])

    def _fit_first(self, fitter):
        """What is there on every screen, as narrow as may be."""
        of = self._of
        names = (of["local"], of["remote"])
        self._show(fitter, ("level", "free", self._sorted_by))
        if not fitter.show(*names):
            self._squeeze(fitter)
        if self._inner:
            fitter.show(of["dir"])
        if self._program:
            fitter.show(of["program"])
        if any(column.width for column in names):
            lack = min(sum(column.need for column in names), _NAMES) - \
                sum(column.width for column in names)
            fitter.show(of["ports"], reserve=max(lack, 0))

    def _show(self, fitter, names):
        """Those of these columns that there is room for."""
        for name in names:
            if name in self._of and not self._of[name].width:
                fitter.show(self._of[name])

    def _squeeze(self, fitter):
        """A screen so narrow that only the remote end is shown, as much of it as fits."""
        remote = self._of["remote"]
        remote.least = min(remote.need, max(fitter.room - 1, 0))
        if remote.least:
            fitter.show(remote)

    def shown(self):
        """The names of the columns that are shown."""
        return [column.name for column in self._columns if column.width]

    def title(self):
        """The names of the columns."""
        return line(self._columns, {name: f"[{name}]" if name == self._sorted_by else name
                                    for name in self._of})

    def row(self, row, history):
        """One row, with how much of its ports was used before."""
        texts = {name: cell(row, name) for name in self._of}
        for name in ("local", "remote"):
            texts[name] = shorten(texts[name], self._of[name].width)
        if self._program:
            texts["program"] = self._program(row)
        if row["dir"] == "out":
            texts["ports"] = f"[{bar(row, self._ports, self._of['ports'].width - 2)}]"
            texts["history"] = spark(history, self._of["history"].width)
        else:
            texts["ports"] = texts["history"] = ""
        return line(self._columns, texts)
