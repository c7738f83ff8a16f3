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
