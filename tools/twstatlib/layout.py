# SPDX-License-Identifier: GPL-2.0-only
"""Which columns a table has, and how wide they are: no wider than the terminal.

Addresses are shortened first, those of rows that are well before the others; then columns
are left out, the least important first.
"""
from .rows import cell, matters

# What a row is about is always shown. Then what says how bad it is, then the others: the
# most important first.
_ALWAYS = ("level", "free", "local", "remote")
_URGENT = ("use%", "tw", "eta", "fail")
_BY_WORTH = ("next", "reuse_if", "used", "estab", "close/s",
             "fail_last", "grow/s", "syn", "cwait", "fw2", "other", "fw2_held", "clash",
             "reuse", "dir")
_NAMES_LAST = ("local", "remote")
# So wide are addresses of IPv4; of one of IPv6 both the network and the port are still
# seen. None is made shorter than _SHORTEST.
_READABLE = {"local": 15, "remote": 21}
_SHORTEST = 9


def shorten(text, width):
    """Leaves out the middle, so that both the network and the port stay."""
    if len(text) <= width:
        return text
    if width < 3:
        return text[:width]
    tail = (width - 1) * 2 // 3
    head = width - 1 - tail
    return text[:head] + "~" + text[len(text) - tail:]


class Layout:
    """Which columns are shown, and how wide each is. What there is room for is given out
    in this order: readable addresses, the columns that say how bad it is, whole addresses
    of rows that matter, the other columns, whole addresses of all."""

    def __init__(self, columns, rows, width):
        self._all = columns
        self._limit = width
        self._full = {name: self._need(name, rows) for name in columns}
        self.columns = [name for name in columns if name in _ALWAYS]
        self._widths = dict(self._full)
        for name, readable in _READABLE.items():
            if name in columns:
                self._widths[name] = min(self._full[name], readable)
        self._fit(rows)
        self.columns.sort(key=columns.index)

    def _fit(self, rows):
        self._shorten([name for name in _URGENT if name in self._all])
        self._add(_URGENT)
        worst = [row for row in rows if matters(row)]
        self._widen({name: self._need(name, worst) for name in _NAMES_LAST})
        worth = _BY_WORTH
        if any(row.get("reuse") for row in rows):
            # Without it, used and use% do not fit together.
            worth = tuple(name for name in worth if name != "reuse")
            at = worth.index("used")
            worth = (*worth[:at], "reuse", *worth[at:])
        self._add(worth)
        # Columns that are not known yet come last.
        self._add(name for name in self._all if name not in _BY_WORTH + _URGENT)
        self._widen(self._full)

    @staticmethod
    def _need(name, rows):
        return max([len(name)] + [len(cell(row, name)) for row in rows])

    def _room(self):
        """What is left of the line; any number if it has no end."""
        if self._limit is None:
            return sum(self._full.values()) + len(self._all)
        return self._limit - sum(self._widths[name] + 1 for name in self.columns) + 1

    def _add(self, names):
        """Those for which there is room."""
        for name in names:
            if name in self._all and name not in self.columns and \
                    self._widths[name] + 1 <= self._room():
                self.columns.append(name)

    def _names(self):
        return [name for name in _NAMES_LAST if name in self._all]

    def _widen(self, wanted):
        """Addresses up to these widths, the remote first."""
        for name in reversed(self._names()):
            more = min(wanted[name], self._full[name]) - self._widths[name]
            self._widths[name] += max(min(more, self._room()), 0)

    def _shorten(self, columns):
        """Addresses, the widest first, until there is room for these columns."""
        names = self._names()
        while names and self._limit is not None and \
                self._room() < sum(self._widths[name] + 1 for name in columns):
            widest = max(names, key=self._widths.get)
            if self._widths[widest] <= _SHORTEST:
                return
            self._widths[widest] -= 1

    def line(self, fields):
        """One line: numbers to the right, names to the left."""
        parts = []
        for name in self.columns:
            width = self._widths[name]
            text = fields[name]
            if name in _NAMES_LAST:
                parts.append(shorten(text, width).ljust(width))
            elif name in ("dir", "level"):
                parts.append(text.ljust(width))
            else:
                parts.append(text.rjust(width))
        return " ".join(parts).rstrip()

    def title(self):
        """The names of the columns."""
        return self.line({name: name for name in self.columns})

    def row(self, row):
        """One row."""
        return self.line({name: cell(row, name) for name in self.columns})
