# SPDX-License-Identifier: GPL-2.0-only
"""The table for people: no wider than the terminal.

First columns are left out, the least important first; then addresses are shortened.
"""
from . import cgroups, who
from .interface import LEVELS
from .output import is_colored, width_of

# What a row is about is always shown. The others: the most important first.
_ALWAYS = ("level", "free", "local", "remote")
_BY_WORTH = ("use%", "tw", "eta", "fail", "next", "reuse_if", "used", "estab", "close/s",
             "grow/s", "syn", "cwait", "fw2", "other", "fw2_held", "clash", "reuse", "dir")
_NAMES_LAST = ("local", "remote")
# No address is made shorter than this.
_SHORTEST = 9

_COLORS = {"warn": "33", "crit": "31", "full": "1;31"}


def shorten(text, width):
    """Leaves out the middle, so that both the network and the port stay."""
    if len(text) <= width:
        return text
    if width < 3:
        return text[:width]
    tail = (width - 1) * 2 // 3
    head = width - 1 - tail
    return text[:head] + "~" + text[len(text) - tail:]


def cell(row, column):
    """A field as people read it: as in the file."""
    value = row.get(column)
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


class Layout:
    """Which columns are shown, and how wide each is."""

    def __init__(self, columns, rows, width):
        self.columns = [name for name in columns if name in _ALWAYS]
        self._widths = {name: max([len(name)] + [len(cell(row, name)) for row in rows])
                        for name in columns}
        # Columns that are not known yet come last.
        new = tuple(name for name in columns if name not in _BY_WORTH + _ALWAYS)
        for name in _BY_WORTH + new:
            if name in columns and (width is None or
                                    self._total() + self._widths[name] + 1 <= width):
                self.columns.append(name)
        self.columns.sort(key=columns.index)
        self._shorten(width)

    def _total(self):
        return sum(self._widths[name] + 1 for name in self.columns) - 1

    def _shorten(self, width):
        while width is not None and self._total() > width:
            widest = max(_NAMES_LAST, key=lambda name: self._widths.get(name, 0))
            if self._widths.get(widest, 0) <= _SHORTEST:
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


def _plural(number, one):
    return f"{number} {one}{'' if number == 1 else 's'}"


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
            lines.append(f"{_plural(header[key], one)} {what}{_last(header.get(last))}")
    return lines


def _counts(table):
    out = table.rows_of("out")
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


def _level(table):
    """The namespace's level may be worse than that of any row: ports that bind() has taken
    are lost to a destination that nobody has used yet, too."""
    worst = table.header.get("level")
    text = f"level {worst or 'not known'}: {_counts(table)}"
    levels = [row.get("level") for row in table.rows_of("out")]
    if worst in LEVELS[1:] and worst not in levels:
        text += f"; bind() has left {table.header.get('usable')} ports to any other one"
    return text


def _overflow(header):
    """Closed connections that got no TIME_WAIT."""
    return (f"{_plural(header['timewait_dropped'], 'TIME_WAIT')} not made, because of "
            f"tcp_max_tw_buckets={header.get('timewait_max')} or for want of memory")


def summary(table):
    """The header in some sentences, a line each."""
    header = table.header
    lines = [_ports(header), _level(table)]
    if header.get("bind_level") in LEVELS[1:]:
        lines.append(f"bind() with port 0: level {header['bind_level']}; "
                     "/proc/net/tw_sources says of which address")
    if header.get("hidden_min"):
        lines.append(f"at least {_plural(header['hidden_min'], 'row')} more did not fit "
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


def render(table, rows, width, colored=False, below=None, more=()):
    """The lines of one snapshot. `below` gives further lines for a row, and `more` are
    further lines of the summary."""
    lines = [shorten_line(line, width) for line in [*summary(table), *more]]
    if not rows:
        return lines
    layout = Layout(table.columns, rows, width)
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

    def __init__(self, options, out):
        self._options = options
        self._out = out
        self._names = cgroups.Names()

    def show(self, namespace, table, callers):
        """One namespace."""
        if namespace.name:
            print(f"{namespace.name} (netns {namespace.inode})", file=self._out)
        rows = self._options.wanted.rows(table, callers)
        programs = who.Callers(callers, self._names) if callers else None
        detailed = programs if self._options.who else None
        lines = render(table, rows, width_of(self._options, self._out),
                       is_colored(self._options, self._out),
                       detailed.of if detailed else None,
                       programs.search() if programs else ())
        lines += detailed.binders() + detailed.users() if detailed else []
        print("\n".join(lines), file=self._out)

    def end(self, last):
        """After all namespaces of one time."""
        if not last:
            print(file=self._out)
