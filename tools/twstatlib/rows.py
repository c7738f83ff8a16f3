# SPDX-License-Identifier: GPL-2.0-only
"""What several forms of output ask of a row, and the words that they have in common."""
from .interface import LEVELS


def pair_of(row):
    """Whom a row of tw_summary or tw_callers is about."""
    return row["local"], row["remote"]


def matters(row):
    """Whether somebody may be in trouble because of it."""
    return row.get("level") in LEVELS[1:] or bool(row.get("fail"))


def cell(row, column):
    """A field as people read it: as in the file."""
    value = row.get(column)
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def counted(number, one):
    """So many of them."""
    return f"{number} {one}{'' if number == 1 else 's'}"
