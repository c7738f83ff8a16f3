# SPDX-License-Identifier: GPL-2.0-only
"""The state of twstat --top: what has been read, what is chosen, and what keys do. It
knows of no terminal, so that it can be tested; draw.py makes lines of it."""
from ..errors import UsageError
from ..filters import compile_filter
from ..interface import LEVELS
from .graph import History
from .orders import ORDERS
from .programs import Programs, Units
from .prompt import Prompt
from .scroll import Scroll

_ALIASES = {"KEY_F(1)": "?", "h": "?", "KEY_F(4)": "/", "KEY_F(6)": "s", ">": "s",
            "R": "r", "I": "r", "KEY_F(10)": "q", "KEY_ENTER": "\n", "\r": "\n"}


def key_of(row):
    """What a row is about."""
    return row["dir"], row["local"], row["remote"]


class Snapshot:
    """What was read last. `error` says why there is no table; then `programs_error` is
    about the programs, which are None where nobody has asked for them."""

    def __init__(self, units=None):
        self.table = self.when = self.error = None
        self.programs = self.programs_error = None
        self.history = History()
        self._units = units or Units()

    def take(self, table, when):
        """A new table, and its time, in words."""
        self.table, self.when, self.error = table, when, None
        self.history.add(table.rows_of("out"))

    def lose(self, why, when):
        """There is no table. What is shown is true now, so the old one goes."""
        self.table, self.when, self.error = None, when, why
        self.forget_programs()

    def take_programs(self, table):
        """New callers."""
        self.programs, self.programs_error = Programs(table, self._units), None

    def lose_programs(self, why):
        """The callers cannot be read."""
        self.forget_programs()
        self.programs_error = why

    def forget_programs(self):
        """They are to be read anew."""
        self.programs = self.programs_error = None


class View:
    """What the user has chosen. `wanted` is the filter."""

    def __init__(self, wanted, interval, who=False, units=None):
        self.now = Snapshot(units)
        self.wanted = wanted
        self.interval = interval
        self.order, self.reverse = ORDERS[0], False
        self.least = 0                      # the lowest level that is shown
        self.who = who                      # a column with programs
        self.paused = False
        self.prompt = None                  # a filter that is being typed
        self.page = self._below = "table"   # or "help", "programs"
        self.scroll = Scroll()              # of the table
        self.inner = Scroll(text=True)      # of another page
        self.row = None                     # whose programs are shown
        self._all = False                   # in and bound rows too
        self._chosen = None                 # the row that is followed
        self._rows = None

    # What is read

    def take(self, table, when):
        """A new snapshot, and its time."""
        self.now.take(table, when)
        self._rows = None
        if self.row:
            self.row = self.find(self.row) or self.row

    def lose(self, why, when):
        """There is no snapshot."""
        self.now.lose(why, when)
        self._rows = None

    @property
    def wants_programs(self):
        """Whether the callers are shown, which costs the kernel a file more."""
        return self.who or self.page == "programs"

    @property
    def lacks_programs(self):
        """Whether they are to be read at once."""
        return (self.wants_programs and self.now.table is not None and
                self.now.programs is None and self.now.programs_error is None)

    # What is shown of it

    def find(self, row):
        """The row of the table that is about the same, or None."""
        rows = self.now.table.rows if self.now.table else []
        return next((new for new in rows if key_of(new) == key_of(row)), None)

    def _left(self):
        """The rows that are left by the filter and the level."""
        rows = self.wanted.rows(self.now.table) if self.now.table else []
        if self.least:
            rows = [row for row in rows if row.get("level") in LEVELS[self.least:]]
        return rows

    def rows(self):
        """The rows that are shown, in their order. The same list until it changes."""
        if self._rows is None:
            rows = [row for row in self._left() if self._all or row["dir"] == "out"]
            self._rows = self.order.sorted(self.now.table, rows, self.reverse) \
                if rows else rows
            self._follow()
        return self._rows

    def _follow(self):
        """The chosen row stays chosen wherever it is now."""
        if self._chosen:
            for at, row in enumerate(self._rows):
                if key_of(row) == self._chosen:
                    self.scroll.at = at
                    return

    def other_rows(self):
        """How many rows are not shown only because they are in or bound rows."""
        return 0 if self._all else sum(row["dir"] != "out" for row in self._left())

    def _from_the_top(self):
        self._chosen, self._rows, self.scroll = None, None, Scroll()

    # Keys

    def press(self, key):
        """A key. Returns False if it ends the view."""
        if self.prompt:
            self._press_prompt(key)
            return True
        key = _ALIASES.get(key, key)
        if key == " ":
            self.paused = not self.paused
        elif self.page != "table":
            self._press_page(key)
        elif key == "q":
            return False
        elif not self._open(key) and not self._switch(key):
            self._move(key)
        return True

    def _press_prompt(self, key):
        if key == "\x1b":
            self.prompt = None
        elif key in ("\n", "\r", "KEY_ENTER"):
            try:
                self.wanted = compile_filter(self.prompt.text.split())
            except UsageError as error:
                self.prompt.error = str(error)
                return
            self.prompt = None
            self._from_the_top()
        else:
            self.prompt.press(key)

    def _press_page(self, key):
        """In the help, or in the programs of a destination."""
        if self.page == "programs" and key == "?":
            self._turn_to("help")
        elif not self.inner.press(key) and (self.page == "help" or
                                            key in ("q", "\n", "\x1b")):
            self.page, self._below = self._below, "table"

    def _turn_to(self, page):
        self.page, self._below = page, self.page
        self.inner = Scroll(text=True)

    def _open(self, key):
        """A key that opens something. Returns whether it is one."""
        if key == "?":
            self._turn_to("help")
        elif key == "/":
            self.prompt = Prompt(self.wanted.text)
        elif key == "\n":
            if self.rows():
                self.row = self.rows()[self.scroll.at]
                self.now.forget_programs()
                self._turn_to("programs")
        else:
            return False
        return True

    def _switch(self, key):
        """A key that changes which rows are shown, and how. Returns whether it is one."""
        if key in ("s", "<"):
            step = 1 if key == "s" else -1
            self.order = ORDERS[(ORDERS.index(self.order) + step) % len(ORDERS)]
            self.reverse = False
        elif key == "r":
            self.reverse = not self.reverse
        elif key == "l":
            self.least = (self.least + 1) % len(LEVELS)
        elif key == "a":
            self._all = not self._all
        elif key == "w":
            self.who = not self.who
            self.now.forget_programs()
        else:
            return False
        if key != "w":
            self._from_the_top()
        return True

    def _move(self, key):
        rows = self.rows()
        if self.scroll.press(key):
            self._chosen = key_of(rows[self.scroll.at]) if self.scroll.at else None
