# SPDX-License-Identifier: GPL-2.0-only
"""twstat --top: a live view. This part has the terminal; view.py is the state, and
draw.py makes its lines."""
import contextlib
import curses
import os
import select
import signal
import sys
import time

from .. import cgroups, sources
from ..clock import taken_at
from ..errors import Failure, UsageError
from ..interface import LEVELS
from ..output import is_colored
from . import screentext
from .draw import Drawing
from .programs import Units
from .view import View

_PLAIN = {"status": curses.A_BOLD, "title": curses.A_REVERSE, "chosen": curses.A_REVERSE,
          "full": curses.A_BOLD, "error": curses.A_BOLD, "only": curses.A_BOLD}
# Foreground and background of those that have colours, -1 for the terminal's own.
_COLORS = {"warn": (curses.COLOR_YELLOW, -1), "crit": (curses.COLOR_RED, -1),
           "full": (curses.COLOR_WHITE, curses.COLOR_RED),
           "chosen": (curses.COLOR_BLACK, curses.COLOR_CYAN),
           "title": (curses.COLOR_BLACK, curses.COLOR_GREEN),
           "error": (curses.COLOR_RED, -1)}


class _Ended(Exception):
    """The terminal is gone, or a signal asks to end. `status` is that of twstat."""

    def __init__(self, status):
        super().__init__()
        self.status = status


def _styles(colored):
    """The attribute of each style."""
    styles = dict(_PLAIN)
    if not colored:
        return styles
    curses.start_color()
    if curses.has_colors():
        curses.use_default_colors()
        for number, (style, pair) in enumerate(_COLORS.items(), 1):
            curses.init_pair(number, *pair)
            styles[style] = curses.color_pair(number) | \
                (curses.A_BOLD if style in ("full", "error") else 0)
    return styles


def _show_cursor(shown):
    with contextlib.suppress(curses.error):     # this terminal cannot
        curses.curs_set(1 if shown else 0)


@contextlib.contextmanager
def _stops_afterwards():
    """While curses writes it ignores Ctrl-Z (ncurses: doupdate()), which would be lost."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTSTP,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTSTP,))


class _Terminal:
    """The screen and the keys."""

    def __init__(self, screen, colored):
        self._screen = screen
        self._colored = colored
        self._styles = _styles(colored)
        # What another locale than UTF-8 cannot show would come out as something else.
        self._encoding = screen.encoding

    def _put(self, y, x, text, style):
        attribute = self._styles.get(style, 0)
        text = screentext.encodable(text, self._encoding)
        # curses says that it failed where the cursor cannot move on from the last cell.
        with contextlib.suppress(curses.error):
            self._screen.addstr(y, x, text, attribute)

    def draw(self, drawing):
        """Draws the whole screen; curses sends what differs."""
        height, width = self._screen.getmaxyx()
        self._screen.erase()
        lines, cursor = drawing.lines(height, width)
        for y, (text, style) in enumerate(lines):
            style, _, level = (style or "").partition(" ")
            if style in ("title", "chosen"):
                text = screentext.left(text, width)
            self._put(y, 0, text, style)
            # The chosen row has its colour too.
            if level in LEVELS[1:] and self._colored and level in text:
                self._put(y, text.index(level), level, level)
        _show_cursor(cursor)
        if cursor:
            self._screen.move(cursor[0], min(cursor[1], width - 1))
        with _stops_afterwards():
            self._screen.refresh()

    def redraw(self):
        """What others have written onto the screen goes."""
        self._screen.clearok(True)

    def key(self, seconds):
        """A key, or None if there is none within so many seconds."""
        self._screen.timeout(max(int(seconds * 1000), 0))
        try:
            key = self._screen.get_wch()
        except curses.error:
            poll = select.poll()
            poll.register(sys.stdin, select.POLLHUP)
            if poll.poll(0):
                raise _Ended(129) from None     # the terminal is gone
            return None
        return key if isinstance(key, str) else curses.keyname(key).decode()


def _read(view):
    """A new snapshot, and the callers where they are shown."""
    try:
        table = sources.read(sources.path_of(sources.SUMMARY), sources.SUMMARY)
        view.take(table, taken_at(table.header))
    except Failure as failure:
        view.lose(str(failure), taken_at())
        return
    if view.wants_programs:
        _read_programs(view)


def _read_programs(view):
    try:
        path = sources.path_of(sources.CALLERS)
        view.now.take_programs(sources.read(path, sources.CALLERS))
    except Failure as failure:
        view.now.lose_programs(str(failure))


def _until(due, terminal, view, drawing):
    """Draws, and does what keys say, until it is time. Returns False at the end."""
    while True:
        if view.lacks_programs:
            _read_programs(view)
        terminal.draw(drawing)
        key = terminal.key(due - time.monotonic())
        if key == "\f":
            terminal.redraw()
        elif key and not view.press(key):
            return False
        if not key and time.monotonic() >= due:
            return True


def _loop(terminal, view, left):
    drawing = Drawing(view)
    while left is None or left > 0:
        if not view.paused:
            _read(view)
            left = None if left is None else left - 1
        if not _until(time.monotonic() + view.interval, terminal, view, drawing):
            return


def _end(number, _frame):
    raise _Ended(128 + number)


@contextlib.contextmanager
def _screen():
    """A screen of curses; whatever happens, the terminal is as before afterwards."""
    # A key that begins with Esc comes at once: nobody wants to wait a second for Esc.
    os.environ.setdefault("ESCDELAY", "100")
    before = {number: signal.signal(number, _end)
              for number in (signal.SIGTERM, signal.SIGHUP)
              if signal.getsignal(number) != signal.SIG_IGN}
    screen = curses.initscr()
    try:
        curses.noecho()
        curses.cbreak()
        screen.keypad(True)
        yield screen
    finally:
        with contextlib.suppress(curses.error):
            _show_cursor(True)
            curses.endwin()
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_terminal():
    """Says why it can't be shown before anything is changed."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--top needs a terminal for its keys and its screen; "
                         "twstat 2 prints a table every two seconds")
    name = os.environ.get("TERM") or "unknown"
    try:
        curses.setupterm(name, sys.stdout.fileno())
    except curses.error:
        raise Failure(f"--top does not know the terminal TERM={name}") from None
    if not curses.tigetstr("cup"):
        raise Failure(f"--top can't move the cursor of this terminal (TERM={name}); "
                      "twstat 2 prints a table every two seconds")


def run(options):
    """Shows the view until `q`."""
    _check_terminal()
    # A failure at the beginning ends it, as without --top.
    sources.read(sources.path_of(sources.SUMMARY), sources.SUMMARY)
    units = Units(lambda: cgroups.Names(numeric=options.numeric))
    view = View(options.wanted, options.interval or 2.0, options.who, units)
    try:
        with _screen() as screen:
            _loop(_Terminal(screen, is_colored(options, sys.stdout)), view,
                  options.count)
    except _Ended as ended:
        raise SystemExit(ended.status) from None
    except curses.error as error:
        raise Failure(f"this terminal can't show it: {error}") from None
