# SPDX-License-Identifier: GPL-2.0-only
"""What people see: the header in sentences, and the table."""
from . import cgroups, clock, order, who
from .interface import LEVELS
from .layout import Layout
from .output import is_colored, width_of
from .rows import counted

# Else "tw 1210, used 1238, use% 1.4" reads as a mistake.
_REUSED = "tw and used include the ports of reuse, which are free"

# Who sees no bold sees that full is another thing than crit.
_COLORS = {"warn": "33", "crit": "31", "full": "1;7;31"}


def _last(seconds):
    return f", the last {seconds} s ago" if seconds is not None else ""


def _failures(header):
    """What has failed, of each sort a line."""
    lines = []
    for key, one, what, last in (
            ("fails", "connect() call", "found no port", "fails_last"),
            ("bind_fails", "bind() call", "found no port", "bind_fails_last"),
            ("clashes", "connect() call",
             "clashed: with a port of their own, to where it is connected already",
             "clashes_last")):
        if header.get(key):
            lines.append(f"{counted(header[key], one)} {what}{_last(header.get(last))}")
    return lines


def _counts(rows):
    """How many destinations have each level."""
    out = [row for row in rows if row.get("dir") == "out"]
    parts = []
    for level in reversed(LEVELS):
        number = sum(row.get("level") == level for row in out)
        if number:
            parts.append(f"{number} {level}")
    return ", ".join(parts) or "no destination"


def _ports(header):
    usable = header.get("usable")
    if usable is None:
        return f"range {header.get('range')}; which ports are usable is not known"
    lost = [f"{header[key]} {key}" for key in ("reserved", "bound") if header.get(key)]
    return (f"{usable} of {header.get('tried')} ports usable" +
            (f" ({', '.join(lost)})" if lost else "") +
            f"; tcp_tw_reuse={header.get('tw_reuse')}")


def _level(table, rows):
    """The namespace's level may be worse than that of any row: ports that bind() has taken
    are lost to a destination that nobody has used yet, too. What is counted are the rows
    that a filter has left, if there is one."""
    worst = table.header.get("level")
    text = f"level {worst or 'not known'}"
    if rows is None:
        text += f": {_counts(table.rows)}"
    elif rows:
        text += f"; of the rows that match: {_counts(rows)}"
    levels = [row.get("level") for row in table.rows_of("out")]
    if worst in LEVELS[1:] and worst not in levels:
        text += f"; bind() has left {table.header.get('usable')} ports to any other one"
    return text


def _overflow(header):
    """Closed connections that got no TIME_WAIT."""
    return (f"{counted(header['timewait_dropped'], 'TIME_WAIT')} not made, because of "
            f"tcp_max_tw_buckets={header.get('timewait_max')} or for want of memory")


def summary(table, rows=None):
    """The header in some sentences, a line each. `rows` are those that a filter has left,
    None if there is none."""
    header = table.header
    lines = [_ports(header), _level(table, rows)]
    if header.get("bind_level") in LEVELS[1:]:
        lines.append(f"bind() with port 0: level {header['bind_level']}; "
                     "/proc/net/tw_sources says of which address")
    if header.get("hidden_min"):
        lines.append(f"at least {counted(header['hidden_min'], 'row')} more did not fit "
                     f"under max_rows, with {header['hidden_sockets']} sockets")
    lines += _failures(header)
    if header.get("timewait_dropped"):
        lines.append(_overflow(header))
    if header.get("complete") is False:
        lines.append("not complete: memory ran out, or the walk was ended; "
                     "what is shown is a lower bound")
    return lines


def color(text, level):
    """The text in the colour of a level."""
    code = _COLORS.get(level)
    return f"\033[{code}m{text}\033[0m" if code else text


def table_lines(table, rows, width, colored=False, below=None, title=True):
    """The lines of the table. `below` gives further lines for a row."""
    layout = Layout(table.columns, rows, width)
    lines = []
    if title and any(row.get("reuse") for row in rows):
        lines.append(shorten_line(_REUSED, width))
    if title:
        lines.append(layout.title())
    for row in rows:
        text = layout.row(row)
        lines.append(color(text, row.get("level")) if colored else text)
        for extra in below(row) if below else ():
            lines.append(shorten_line(extra, width))
    return lines


def shorten_line(text, width):
    """A line of words: what does not fit is cut off."""
    if width is None or len(text) <= width:
        return text
    return text[:width - 1] + "~"


class People:
    """The table for people."""

    def __init__(self, options, out, names=None):
        self._options = options
        self._out = out
        self._names = names or cgroups.Names(numeric=options.numeric)
        self._shown = 0

    def show(self, namespace, table, callers):
        """One namespace; of many, only those that have something to show."""
        options = self._options
        rows = order.ordered(options.wanted.rows(table), table.columns,
                             options.sort)
        if (options.all and options.wanted and not rows and
                not options.wanted.concerns(table.header)):
            return
        lines = []
        programs = who.Callers(callers, self._names) if callers else None
        detailed = programs if options.who else None
        width = width_of(options, self._out)
        if not options.no_header:
            lines += self._head(namespace, table)
            lines += [shorten_line(line, width)
                      for line in self._sentences(table, rows, programs)]
        if rows:
            lines += table_lines(table, rows, width, is_colored(options, self._out),
                                 detailed.of if detailed else None, not options.no_header)
        lines += detailed.binders() + detailed.users() if detailed else []
        self._shown += 1
        self._print(lines)

    def _head(self, namespace, table):
        """What stands above everything else: the time once, the name of each namespace."""
        lines = [""] if self._shown else []
        if self._options.interval and not self._shown:
            lines.append(clock.taken_at(table.header))
        if namespace.name:
            lines.append(f"{namespace.name} (netns {namespace.inode})")
        return lines

    def _sentences(self, table, rows, programs):
        lines = summary(table, rows if self._options.wanted else None)
        if programs:
            lines += programs.search()
        elif self._options.who:
            lines.append("no programs: /proc/net/tw_callers may be read by root only")
        if self._options.sort and rows:
            lines.append(order.said(self._options.sort))
        if self._options.wanted and not rows:
            lines.append("no row matches")
        return lines

    def _print(self, lines):
        self._out.write("".join(f"{line}\n" for line in lines))

    def end(self, last):
        """After all namespaces of one time."""
        if not self._options.no_header:
            if not self._shown:
                self._print([clock.taken_at()] if self._options.interval else [])
                self._print(["no row matches"])
            self._print([] if last else [""])
        self._shown = 0
