# SPDX-License-Identifier: GPL-2.0-only
"""A table as wide as the screen. Whoever makes one says how wide each column may be at
most and at least, and which of them matter most; what does not fit is left out."""
from . import screentext


class Column:
    """A column: its name, how wide it would be, how wide it is at least, and how wide it
    would be for the rows that matter."""

    def __init__(self, name, need, least=None, urgent=None, number=True):
        self.name = name
        self.need = need
        self.least = need if least is None else min(least, need)
        self.urgent = need if urgent is None else max(urgent, self.least)
        self.number = number
        self.width = 0                      # not shown

    def put(self, text):
        """A field of it."""
        return (screentext.right if self.number else screentext.left)(text, self.width)


class Fitter:
    """Gives the cells of a line to columns. A blank stands before each but the first."""

    def __init__(self, width):
        self.room = width + 1

    def show(self, *columns, reserve=0):
        """Shows columns with what they need at least, all or none, where so many cells
        are still left then. Returns whether they are shown."""
        wanted = sum(column.least + 1 for column in columns)
        if wanted + reserve > self.room:
            return False
        for column in columns:
            column.width = column.least
        self.room -= wanted
        return True

    def widen(self, *columns, to=None, need=lambda column: column.need):
        """Gives columns that are shown more, the narrowest first, up to what they need or
        up to so many cells together."""
        columns = [column for column in columns if column.width]
        while self.room > 0 and (to is None or
                                 sum(column.width for column in columns) < to):
            short = [column for column in columns if column.width < need(column)]
            if not short:
                return
            min(short, key=lambda column: column.width).width += 1
            self.room -= 1


def line(columns, texts):
    """One line of those columns that are shown."""
    return " ".join(column.put(texts[column.name]) for column in columns if column.width)
