# SPDX-License-Identifier: GPL-2.0-only
"""What has changed since it was written last. No more than that is written."""
from operator import itemgetter

from . import schema

# What has not changed is written again after so many looks. Each namespace is looked at again
# within SLOWEST looks, so what holds is never older than schema.REPEAT.
AGAIN = 60
SLOWEST = schema.REPEAT - AGAIN


def _compared(names):
    """What is compared of fields: what changes by itself is no change, but that it is known
    is."""
    moving = schema.GROWING | schema.SHRINKING
    plain = itemgetter(*(at for at, name in enumerate(names) if name not in moving))
    known = itemgetter(*(at for at, name in enumerate(names) if name in moving))
    return lambda fields: (plain(fields), tuple(field is None for field in known(fields)))


class _Memory:
    """What was written of each thing, and in which look."""

    def __init__(self, names):
        self._names = names
        self._compared = _compared(names)
        self._written = {}

    def changed(self, look, what, values):
        """The fields to write, None if they are known."""
        fields = schema.to_fields(values, self._names)
        compared = self._compared(fields)
        before = self._written.get(what)
        if before and before[1] == compared and look - before[0] < AGAIN:
            return None
        self._written[what] = look, compared
        return fields

    def things(self):
        """All that was there."""
        return self._written.keys()

    def gone(self, what):
        """The fields that say so."""
        del self._written[what]
        return (None,) * len(self._names)


class Changes:
    """Between two of forget(): one stretch. Namespaces and destinations are what identifies
    them: a namespace by anything, a destination by (namespace, local, remote)."""

    def __init__(self):
        self.forget()

    def forget(self):
        """Nothing is known of what was written: all will be."""
        self._headers = _Memory(schema.HEADER)
        self._rows = _Memory(schema.ROW)

    def header(self, look, namespace, header):
        """The fields to write of a header, or None."""
        return self._headers.changed(look, namespace, header)

    def rows(self, look, namespace, rows):
        """[(destination, fields)] to write of a namespace; those that had a row and have none
        now are gone."""
        found, there = [], set()
        for row in rows:
            destination = namespace, row["local"], row["remote"]
            there.add(destination)
            fields = self._rows.changed(look, destination, row)
            if fields:
                found.append((destination, fields))
        gone = [each for each in self._rows.things() if each[0] == namespace
                and each not in there]
        return found + [(each, self._rows.gone(each)) for each in gone]

    def ended(self, namespaces):
        """([(namespace, fields)], [(destination, fields)]) of namespaces that are not among
        these any more."""
        gone = [each for each in self._headers.things() if each not in namespaces]
        rows = [each for each in self._rows.things() if each[0] not in namespaces]
        return ([(each, self._headers.gone(each)) for each in gone],
                [(each, self._rows.gone(each)) for each in rows])
