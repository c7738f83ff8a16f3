# SPDX-License-Identifier: GPL-2.0-only
"""The one parser of /proc/net/tw_summary, tw_callers and tw_sources.

Names are those of the file. A number is an int or a float, `-` is None, yes and no are
True and False in the header, and everything else is a str. Keys and columns that are not
known yet are kept.
"""
import itertools
import re

from .errors import Failure, UnknownVersion

VERSION = 1
LEVELS = ("ok", "warn", "crit", "full")

# What is a name although it may look like a number.
_TEXT = {"dir", "level", "hidden_level", "bind_level", "local", "remote", "comm", "range"}
_INT = re.compile(r"-?\d+\Z")
_FLOAT = re.compile(r"-?\d+\.\d+\Z")


class Table:
    """One snapshot, as the file has it: `header` is a dict, `columns` a list of names,
    and `rows` a list of dicts by column."""

    def __init__(self, kind, header, columns, rows):
        self.kind = kind
        self.header = header
        self.columns = columns
        self.rows = rows

    def rows_of(self, direction):
        """The rows with this `dir`."""
        return [row for row in self.rows if row.get("dir") == direction]


def value_of(name, text):
    """One field or header value."""
    if text == "-":
        return None
    if name in _TEXT:
        return text
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def _header_line(line, header):
    for field in line.split()[2:]:
        key, equals, text = field.partition("=")
        if not equals:
            raise Failure(f"a header line is not understood: {line}")
        value = value_of(key, text)
        header[key] = {"yes": True, "no": False}.get(value, value)


def parse(text, kind="tw_summary"):
    """Parses a whole file. Raises UnknownVersion if it is not one of VERSION."""
    return parse_lines(text.splitlines(), kind)


def parse_lines(lines, kind, wanted=None):
    """Parses the lines of a file; of its rows the first ones as long as they are wanted:
    wanted(row, number). No further line is taken."""
    header, columns, rows = {}, [], []
    lines = iter(lines)
    first = next(lines, "").rstrip("\n")
    if first.split()[:2] != ["#", kind]:
        raise UnknownVersion(f"this is not a {kind} file: its first line is '{first}'")
    for line in itertools.chain([first], lines):
        if line.startswith("#"):
            _header_line(line, header)
        elif not columns:
            columns = line.split()
        else:
            fields = line.split()
            if len(fields) != len(columns):
                raise Failure(f"a row does not have {len(columns)} fields: {line}")
            row = {name: value_of(name, field) for name, field in zip(columns, fields)}
            if wanted and not wanted(row, len(rows)):
                break
            rows.append(row)
    if header.get("version") != VERSION:
        raise UnknownVersion(f"the interface has version {header.get('version')}; "
                             f"this twstat knows {VERSION}: update it")
    return Table(kind, header, columns, rows)


def split_address(text):
    """Splits what a `local` or `remote` column has: (address, device, port); device and
    port are None if there is none. `*` gives (None, None, None)."""
    port = None
    if text == "*":
        return None, None, None
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = int(rest[1:]) if rest.startswith(":") else None
    elif text.count(":") == 1:
        address, _, rest = text.partition(":")
        port = int(rest)
    else:
        address = text
    address, _, device = address.partition("%")
    return address, device or None, port


def unescape(comm):
    """The name of a program, without the file's \\ooo; for people."""
    raw = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), comm)
    name = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in name)
