# SPDX-License-Identifier: GPL-2.0-only
"""How twstat --top sorts its rows."""
from .. import order


class Order:
    """One way to sort: its name, the column that shows it, and words for each of its
    directions. The key is that of --sort; danger is the order of the file."""

    def __init__(self, name, forward, backward, column=None):
        self.name = name
        self.column = column or name
        self._by = None if column else name
        self._words = forward, backward

    def sorted(self, table, rows, reverse):
        """The rows in this order; those without a value are last in both directions."""
        by = self._by if self._by in table.columns else None
        rows = order.ordered(rows, table.columns, by)
        known = sum(row[by] is not None for row in rows) if by else len(rows)
        return (rows[:known][::-1] if reverse else rows[:known]) + rows[known:]

    def text(self, reverse):
        """For people."""
        return f"{self.name}, {self._words[reverse]}"


_MOST = ("most first", "least first")
ORDERS = (
    Order("danger", "worst first", "worst last", column="level"),
    Order("used", *_MOST),
    Order("close/s", *_MOST),
    Order("fail", *_MOST),
    Order("eta", "soonest first", "latest first"),
    Order("remote", "lowest first", "highest first"),
)
