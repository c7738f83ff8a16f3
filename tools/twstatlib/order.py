# SPDX-License-Identifier: GPL-2.0-only
"""--sort COLUMN: the rows by a column, what an administrator looks for first."""
import ipaddress

from .errors import UsageError
from .interface import LEVELS, split_address

# Little of these is what hurts; of all other numbers it is much.
_LEAST_FIRST = {"free": "fewest", "eta": "soonest", "next": "soonest"}
_TEXTS = ("dir", "local", "remote")


def _address(text):
    """Addresses and ports by their numbers; * last."""
    address, device, port = split_address(text)
    if address is None:
        return 9, 0, 0, ""
    number = ipaddress.ip_address(address)
    return number.version, int(number), port or 0, device or ""


def _key(column):
    if column in ("local", "remote"):
        return lambda row: _address(row[column])
    if column == "level":
        return lambda row: -LEVELS.index(row[column])
    if column in _LEAST_FIRST or column in _TEXTS:
        return lambda row: row[column]
    return lambda row: -row[column]


def ordered(rows, columns, column):
    """The rows in this order; those without a value last, those with the same value in
    the file's order. Without a column it is the file's."""
    if not column:
        return rows
    if column not in columns:
        raise UsageError(f"there is no column '{column}' to sort by: {', '.join(columns)}")
    key = _key(column)
    return (sorted((row for row in rows if row[column] is not None), key=key) +
            [row for row in rows if row[column] is None])


def said(column):
    """The order in words."""
    first = "worst" if column == "level" else "lowest" if column in _TEXTS else \
        _LEAST_FIRST.get(column, "highest")
    return f"sorted by {column}, the {first} first"
