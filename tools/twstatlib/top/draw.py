# SPDX-License-Identifier: GPL-2.0-only
"""The lines of twstat --top for a screen of some size. A line is a pair: a text, and a
style that terminal.py knows. A row has its level as style, `chosen` before it if it is the
chosen one."""
import textwrap

from .. import people
from ..interface import LEVELS
from ..layout import shorten
from ..rows import cell
from . import screentext
from .columns import Layout
from .graph import LEGENDS
from .programs import short

_HELP = """\
Any key but up and down closes this.

Enter          the programs of the chosen destination
up down PgUp PgDn Home End    move, as k j g G do
s > F6   <     sort by the next, the previous column
r R            reverse the order
/ F4           filter, as on the command line
l              only this level or worse: warn, crit, full
a              in and bound rows too
w              a column with the programs (root)
space          stop, and go on
Ctrl-L         draw the screen anew
q F10          end, or back

bar      # used  i freed by tcp_tw_reuse=1
         r in use, but connect() may take it over
history  use% at the last times, from . to @
A row that you have moved to stays chosen wherever it goes;
Home chooses the first one again.
"""
_KEYS = ("? keys  / filter  s sort  r reverse  l level  Enter programs  space stop  q quit",
         "? keys  / filter  s sort  r reverse  Enter programs  q quit",
         "? keys  / filter  Enter programs  q quit", "? keys  / filter  q quit",
         "? keys  q quit", "? keys")
_INNER_KEYS = ("Esc q Enter back  up down move  ? keys", "Esc back")


class Drawing:
    """Makes the lines of a view. It remembers which columns there are, until the rows or
    the width change."""

    def __init__(self, view):
        self._view = view
        self._made_for = self._layout = None

    def lines(self, height, width):
        """The lines, and where the cursor is: (y, x), or None if there is none."""
        view = self._view
        if view.page == "help":
            return self._help(height, width), None
        prompt, cursor = self._prompt(width)
        room = max(height - max(len(prompt), 1), 0)
        make = self._destinations if view.page == "table" else self._programs
        body = make(room, width)[:room]
        body += [("", None)] * (room - len(body))
        lines = body + (prompt or [(self._keys(width), "keys")])
        return lines[-height:], (height - 1, cursor) if prompt else None

    def _help(self, height, width):
        text = _HELP.splitlines()
        self._view.inner.fit(len(text), height)
        return [(screentext.cut(text[at], width), None) for at in self._view.inner.seen()]

    def _prompt(self, width):
        """What is typed, what is wrong with it above, and the cell of the cursor."""
        prompt = self._view.prompt
        if not prompt:
            return [], None
        line, cursor = prompt.shown("filter: ", width)
        error = textwrap.wrap(prompt.error or "", width, max_lines=3, placeholder="~")
        return [(text, "error") for text in error] + [(line, None)], cursor

    def _keys(self, width):
        """The last line: keys, and what the bars mean, where there are some."""
        if self._view.page == "programs":
            return screentext.first_fitting(_INNER_KEYS, width)
        legends = ()
        if self._layout and "ports" in self._layout.shown():
            legends = LEGENDS if width >= 120 else LEGENDS[1:]
        legend = screentext.first_fitting(legends, width - len(_KEYS[-1]) - 2)
        keys = screentext.first_fitting(_KEYS, width - len(legend) - 2 if legend else width)
        return keys + legend.rjust(width - len(keys)) if legend else keys

    def _status(self, width, scroll):
        """The first line: when, how often, in which order, and which rows."""
        view = self._view
        when = view.now.when
        short_when = when[11:19]
        often = "STOPPED" if view.paused else f"every {view.interval:g} s"
        order = view.order.text(view.reverse)
        lefts = [f"{when}  {often}, sorted by {order}", f"{when} {often}, by {order}",
                 f"{short_when} {often}, by {order}",
                 f"{short_when} {often}, by {view.order.name}"]
        if view.page == "programs":
            lefts = [f"{when}  {often}"]
        rows, at = ("", "") if view.now.error else scroll.position()
        pairs = [(left, rows) for left in [*lefts, f"{short_when} {often}"]]
        last = "STOPPED" if view.paused else short_when
        pairs += [(last, rows), (last, at), (last, "")]
        for left, right in pairs:
            if len(left) + 2 + len(right) <= width:
                return left + right.rjust(width - len(left))
        return last[:width]

    def _only(self, width):
        """What leaves rows out, if something does."""
        view = self._view
        parts = [f"level {LEVELS[view.least]} or worse"] if view.least else []
        parts += [view.wanted.text] if view.wanted.text else []
        return [(screentext.cut("only " + ", and ".join(parts), width), "only")] \
            if parts else []

    def _head(self, height, width):
        """What stands between the status and the title. At least half of the screen is
        for the rows."""
        view = self._view
        only = self._only(width)
        if view.now.error:
            why = f"{view.now.error}. It is looked for every {view.interval:g} s."
            return only + [(line, "error") for line in textwrap.wrap(why, width)]
        head = people.summary(view.now.table, view.rows() if only else None)
        if view.who and view.now.programs_error:
            head.insert(0, f"no programs: {view.now.programs_error}")
        room = max((height - 2 - len(only)) // 2, 0)
        return [(screentext.cut(line, width), None) for line in head[:room]] + only

    def _destinations(self, height, width):
        view = self._view
        rows = view.rows()
        head = self._head(height, width)
        view.scroll.fit(len(rows), height - len(head) - 2)
        lines = [(self._status(width, view.scroll), "status")] + head
        if not rows:
            self._layout = None
            return lines if view.now.error else \
                lines + [(screentext.cut(self._why_no_rows(), width), None)]
        layout = self._layout_for(rows, width)
        return lines + [(layout.title(), "title")] + [
            (layout.row(rows[at], view.now.history.of(rows[at])),
             ("chosen " if at == view.scroll.at else "") + (rows[at].get("level") or "-"))
            for at in view.scroll.seen()]

    def _layout_for(self, rows, width):
        programs = self._view.now.programs if self._view.who else None
        # Lists are compared by what they are: to look into thousands of rows would take
        # as long as to make a layout.
        old = self._made_for
        if not (self._layout and old[0] is rows and old[1] is programs and
                old[2] == width):
            self._made_for = rows, programs, width
            self._layout = Layout(self._view.now.table, rows, width,
                                  self._view.order.column,
                                  (lambda row: short(programs.of(row)))
                                  if programs else None)
        return self._layout

    def _why_no_rows(self):
        others = self._view.other_rows()
        if others:
            return f"no destination; {others} in and bound rows: a shows them"
        return "no row matches" if self._view.now.table.rows else "no row"

    def _programs(self, height, width):
        view, row = self._view, self._view.row
        about = ", ".join(f"{name} {cell(row, name)}" for name in
                          ("level", "free", "used", "fail", "fail_last") if name in row)
        if view.now.table and not view.find(row):
            about = "no longer in the table"
        head = [(shorten(f"{row['local']} > {row['remote']}", width), "only"),
                (screentext.cut(about, width), None)][:2 if height > 6 else 1]
        title, body = self._program_lines(row, width)
        view.inner.fit(len(body), height - len(head) - len(title) - 1)
        return ([(self._status(width, view.inner), "status")] + head + title +
                [body[at] for at in view.inner.seen()])

    def _program_lines(self, row, width):
        """The title, if there is a table, and the lines below it; or a sentence."""
        now = self._view.now
        why = now.error or now.programs_error
        style = "error" if why else None
        if not why and now.programs and not now.programs.of(row):
            why = now.programs.why_none(row)
        if why or not now.programs:
            return [], [(line, style) for line in textwrap.wrap(why or "", width)]
        title, lines = now.programs.lines(row, width)
        return [(title, "title")], [(line, None) for line in lines]
