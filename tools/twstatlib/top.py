# SPDX-License-Identifier: GPL-2.0-only
"""twstat --top: a live view. For each destination a bar of its ports, and a line of
history: how much was used at each of the last times."""
import collections
import curses
import time

from . import people, sources
from .errors import Failure
from .interface import LEVELS

# How the rows are ordered; the file's order is that of danger.
_ORDERS = (
    ("danger", None),
    ("used", lambda row: -(row.get("used") or 0)),
    ("close/s", lambda row: -(row.get("close/s") or 0.0)),
    ("fail", lambda row: -(row.get("fail") or 0)),
    ("remote", lambda row: row["remote"]),
)
_SPARKS = " .:-=+*#%@"
_HISTORY = 60
# Destinations whose history is kept.
_REMEMBERED = 4096

_KEYS = """\
 q       ends
 s       sorts by the next column: danger, used, close/s, fail, remote
 l       shows only rows of this level or worse: ok, warn, crit, full
 a       shows in and bound rows too
 space   stops the view, and goes on
 up, down, page up, page down, home    move
 ?       shows this
"""


def ports_of(header):
    """The ports that a destination can have if bind() takes none: what use% counts."""
    return max((header.get("tried") or 0) - (header.get("reserved") or 0), 0)


def bar(row, total, width):
    """Ports of a destination as a bar: `#` used or bound and so not free, `r` free because
    connect() may take them over, `i` those that tcp_tw_reuse=1 would free, blank
    unused."""
    free = row.get("free")
    if free is None or not total or width < 1:
        return " " * max(width, 0)
    blocked = max(total - free, 0)
    if_on = min(row.get("reuse_if") or 0, blocked)
    reuse = min(row.get("reuse") or 0, free)
    text, end = "", 0
    for symbol, ports in (("#", blocked - if_on), ("i", if_on), ("r", reuse)):
        if not ports:
            continue
        end += ports
        # What is there is seen, however little; what is left is seen too.
        cells = max(round(end * width / total), 1)
        if free and symbol in "#i" and cells == width:
            cells = width - 1
        text += symbol * (cells - len(text))
    return text.ljust(width)[:width]


def spark(history, width):
    """A line of history: the later, the further to the right."""
    marks = [_SPARKS[min(int(part * len(_SPARKS)), len(_SPARKS) - 1)]
             for part in list(history)[-width:]] if width > 0 else []
    return "".join(marks).rjust(max(width, 0))


class History:
    """How much of its ports each destination has used at the last times."""

    def __init__(self):
        self._of = collections.OrderedDict()

    @staticmethod
    def _key(row):
        return row["local"], row["remote"]

    def add(self, rows):
        """One time more."""
        for row in rows:
            if row.get("use%") is None:
                continue
            key = self._key(row)
            past = self._of.pop(key, None) or collections.deque(maxlen=_HISTORY)
            past.append(row["use%"] / 100)
            self._of[key] = past
        while len(self._of) > _REMEMBERED:
            self._of.popitem(last=False)

    def of(self, row):
        """The history of a row."""
        return self._of.get(self._key(row), ())


class View:
    """What is chosen, and what is shown: without curses, so that it can be tested."""

    def __init__(self, wanted, interval):
        self._wanted = wanted
        self._order = 0
        self._least = 0
        self._all = False
        self.first = 0
        self.paused = False
        self.help = False
        self._interval = interval
        self._history = History()
        self._table = None

    def take(self, table):
        """A new snapshot."""
        self._table = table
        self._history.add(table.rows_of("out"))

    def rows(self):
        """The rows that are shown, in their order."""
        rows = [row for row in self._table.rows if self._wanted(row)]
        if not self._all:
            rows = [row for row in rows if row["dir"] == "out"]
        if self._least:
            rows = [row for row in rows if row.get("level") in LEVELS[self._least:]]
        key = _ORDERS[self._order][1]
        return sorted(rows, key=key) if key else rows

    def press(self, key, page):
        """A key. Returns False if it ends the view."""
        if key == "q":
            return False
        if key == "s":
            self._order = (self._order + 1) % len(_ORDERS)
        elif key == "l":
            self._least = (self._least + 1) % len(LEVELS)
        elif key == "a":
            self._all = not self._all
        elif key == " ":
            self.paused = not self.paused
        elif key in ("?", "h"):
            self.help = not self.help
        else:
            self._move(key, page)
        return True

    def _move(self, key, page):
        steps = {"KEY_UP": -1, "k": -1, "KEY_DOWN": 1, "j": 1, "KEY_PPAGE": -page,
                 "KEY_NPAGE": page, "KEY_HOME": -self.first}
        last = max(len(self.rows()) - page, 0) if self._table else 0
        self.first = min(max(self.first + steps.get(key, 0), 0), last)

    def status(self):
        """The line that says what is shown."""
        parts = [f"every {self._interval:g} s", f"sorted by {_ORDERS[self._order][0]}"]
        if self._least:
            parts.append(f"level {LEVELS[self._least]} or worse")
        if self.paused:
            parts.append("STOPPED")
        return ", ".join(parts) + "; ? for keys"

    def _line(self, row, widths, width, ports):
        level, free, name, number = widths
        parts = [(row.get("level") or "-").ljust(level), people.cell(row, "free").rjust(free)]
        text = " ".join(parts + [people.shorten(
            f"{row['local']} > {row['remote']}", name).ljust(name)])
        text += " " + people.cell(row, "close/s").rjust(number)
        left = width - len(text) - 3
        history = max(min(left // 3, _HISTORY), 0)
        return (f"{text} [{bar(row, ports, left - history - 1)}]"
                f"{spark(self._history.of(row), history)}")

    def lines(self, height, width):
        """The lines of the screen: pairs of a text and a level."""
        if self.help:
            return [(line[:width], None) for line in _KEYS.splitlines()][:height]
        head = [(people.shorten_line(line, width), None)
                for line in people.summary(self._table) + [self.status()]]
        rows = self.rows()
        names = [len(f"{row['local']} > {row['remote']}") for row in rows] or [14]
        name = max(14, min(max(names), width - 52))
        widths = (5, 6, name, 8)
        head.append(("level   free " + "local > remote".ljust(name) +
                     "  close/s [# used  i freed by reuse=1  r reused]  history"[:width],
                     None))
        head = [(text[:width], level) for text, level in head]
        ports = ports_of(self._table.header)
        body = [(self._line(row, widths, width, ports)[:width], row.get("level"))
                for row in rows[self.first:self.first + max(height - len(head), 0)]]
        return (head + body)[:height]


_ATTRIBUTES = {"warn": (2, 0), "crit": (1, 0), "full": (1, curses.A_BOLD)}


def _colors():
    if curses.has_colors():
        curses.use_default_colors()
        curses.init_pair(1, curses.COLOR_RED, -1)
        curses.init_pair(2, curses.COLOR_YELLOW, -1)


def _attribute(level):
    pair, more = _ATTRIBUTES.get(level, (0, 0))
    return more | (curses.color_pair(pair) if curses.has_colors() else 0)


def _draw(screen, view):
    height, width = screen.getmaxyx()
    screen.erase()
    # The last cell of the screen cannot be written without moving the cursor off it.
    for y, (text, level) in enumerate(view.lines(height, width - 1)):
        screen.addstr(y, 0, text, _attribute(level))
    screen.refresh()


def _key(screen, seconds):
    screen.timeout(max(int(seconds * 1000), 0))
    try:
        return screen.getkey()
    except curses.error:
        return None             # nobody has pressed one


def _loop(screen, options):
    interval = options.interval or 2.0
    view = View(options.wanted, interval)
    left = options.count
    _colors()
    try:
        curses.curs_set(0)
    except curses.error:
        pass                    # this terminal always shows its cursor
    while left is None or left > 0:
        if not view.paused:
            view.take(sources.read(sources.path_of(sources.SUMMARY), sources.SUMMARY))
            left = None if left is None else left - 1
        due = time.monotonic() + interval
        while True:
            _draw(screen, view)
            key = _key(screen, due - time.monotonic())
            if key and not view.press(key, max(screen.getmaxyx()[0] - 6, 1)):
                return
            if not key and time.monotonic() >= due:
                break


def run(options):
    """Shows the view until `q`."""
    # Before the screen is changed: a failure must stay readable.
    sources.read(sources.path_of(sources.SUMMARY), sources.SUMMARY)
    try:
        curses.wrapper(_loop, options)
    except curses.error as error:
        raise Failure(f"this terminal can't show it: {error}") from None
