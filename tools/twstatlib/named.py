# SPDX-License-Identifier: GPL-2.0-only
"""Which destinations twstat --metrics names.

A label with an address in it makes a new series for each destination, so only the worst
are named, and not each that is among them for a moment: one that holds a hundredth of the
ports, is not ok, or had calls that failed. It stays for ten minutes after it was among
them last, so that a line on a dashboard does not fall to pieces.

The memory for this is what was written before: one of the series says how long ago each
one was among the worst.
"""
import os
import re
import time

from .interface import split_address

KEEP_SECONDS = 600
# So many are remembered for each one that is asked for
KEEP_TIMES = 10

AGE = "ephemeral_ports_destination_worst_age_seconds"

_LABELS = ("local", "remote", "port", "device")
_LABEL = re.compile(r'(\w+)="([^"\\]*)"(?:,|\Z)')
_LINE = re.compile(rf"{AGE}{{([^{{}}]*)}} (\d+(?:\.\d+)?)\Z", re.ASCII)
# Many times what twstat writes
_MOST_BYTES = 1 << 20


def labels_of(row):
    """The labels of a row's series."""
    address, _, port = split_address(row["remote"])
    local, device, _ = split_address(row["local"])
    labels = {"local": local, "remote": address, "port": str(port)}
    if device:
        labels["device"] = device
    return labels


def _key(labels):
    return tuple(labels.get(name) for name in _LABELS)


def _is_worth_a_name(row, header):
    if row.get("level") != "ok" or row.get("fail"):
        return True
    return (row.get("used") or 0) * 100 >= (header.get("tried") or 0)


def _parsed(text):
    """{key: seconds since it was among the worst}; a line that twstat has not written is
    passed over."""
    ages = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            labels = dict(_LABEL.findall(match.group(1)))
            if set(_LABELS[:3]) <= set(labels) <= set(_LABELS):
                ages[_key(labels)] = float(match.group(2))
    return ages


def remembered(path):
    """What the file says that twstat has written before, aged until now. A clock that was
    set back does not make it younger."""
    try:
        if not os.path.isfile(path):
            return {}           # there is none yet, or it is a pipe
        with open(path, encoding="utf-8", errors="replace") as file:
            passed = max(time.time() - os.stat(file.fileno()).st_mtime, 0.0)
            return {key: age + passed
                    for key, age in _parsed(file.read(_MOST_BYTES)).items()}
    except OSError:
        return {}


class Destination:
    """One that is named: its labels, its row if the table has one, and how long ago it
    was among the worst."""

    def __init__(self, labels, row, age):
        self.labels = labels
        self.row = row
        self.age = age


def chosen(table, most, before):
    """The destinations to name: the `most` worst, then of `before` those that were among
    them last."""
    out = table.rows_of("out")
    rows = {_key(labels_of(row)): row for row in out}
    ages = {key: age for key, age in before.items() if age <= KEEP_SECONDS}
    # The file's order: the worst first.
    for row in [row for row in out if _is_worth_a_name(row, table.header)][:most]:
        ages[_key(labels_of(row))] = 0.0
    latest = sorted(ages, key=lambda key: (ages[key], str(key)))[:most * KEEP_TIMES]
    return [Destination({name: label for name, label in zip(_LABELS, key) if label},
                        rows.get(key), ages[key]) for key in latest]
