# SPDX-License-Identifier: GPL-2.0-only
"""twstat --json: all that the file says, under the file's own names."""
import json


def document(table, callers=None, namespace=None):
    """What is printed for one namespace, as a dict."""
    doc = {}
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

    def show(self, namespace, table, callers):
        """One namespace."""
        table.rows = self._options.wanted.rows(table, callers)
        self._docs.append(document(table, callers if self._options.who else None,
                                   namespace if self._options.all else None))

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
        print(dump(self._docs if self._options.all else self._docs[0]),
              file=self._out)
        self._docs = []
