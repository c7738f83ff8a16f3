# SPDX-License-Identifier: GPL-2.0-only
"""twstat --json: all that the file says, under the file's own names."""
import json

from . import cgroups, clock, order
from .rows import pair_of


def document(table, callers=None, namespace=None):
    """What is printed for one namespace, as a dict."""
    doc = {"time": clock.taken_at(table.header, timespec="milliseconds")}
    if namespace:
        doc["name"] = namespace.name
    doc["header"] = table.header
    doc["rows"] = table.rows
    if callers:
        doc["callers"] = {"header": callers.header, "rows": callers.rows}
    return doc


def dump(what):
    """The text, in one line: with an interval, one line for each snapshot."""
    return json.dumps(what, allow_nan=False)


class Json:
    """One line of JSON for each time: an object, or with --all a list of them."""

    def __init__(self, options, out):
        self._options = options
        self._out = out
        self._docs = []
        self._names = cgroups.Names(numeric=options.numeric)

    def _shown_callers(self, table, callers):
        """Those of the rows that are shown, if not all are wanted, each with the name of
        its control group."""
        if self._options.wanted:
            pairs = set(map(pair_of, table.rows_of("out")))
            callers.rows = [caller for caller in callers.rows if pair_of(caller) in pairs]
        if not self._options.numeric:
            for caller in callers.rows:
                ident = caller.get("cgroup")
                caller["unit"] = None if ident is None else self._names.name(ident)
        return callers

    def show(self, namespace, table, callers):
        """One namespace; of many, only those that have something to show."""
        rows = self._options.wanted.rows(table)
        if self._options.all and self._options.wanted and not rows:
            return
        table.rows = order.ordered(rows, table.columns, self._options.sort)
        if self._options.who:
            callers = self._shown_callers(table, callers)
        self._docs.append(document(table, callers if self._options.who else None,
                                   namespace if self._options.all else None))

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
        print(dump(self._docs if self._options.all else self._docs[0]),
              file=self._out)
        self._docs = []
