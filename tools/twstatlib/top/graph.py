# SPDX-License-Identifier: GPL-2.0-only
"""The pictures of twstat --top: the ports of a destination as a bar, and how much of
them was used at each of the last times."""
import collections

from ..rows import pair_of

_SPARKS = " .:-=+*#%@"
# So many times are remembered, of so many destinations.
MOST_TIMES = 60
_REMEMBERED = 4096

LEGENDS = ("bar: # used, i freed by tcp_tw_reuse=1, r reusable now",
           "# used, i freed by reuse=1, r reusable")


def bar(row, total, width):
    """Ports of a destination as a bar: `#` used or bound and so not free, `r` free because
    connect() may take them over, `i` those that tcp_tw_reuse=1 would free, blank
    unused."""
    free = row.get("free")
    if free is None or not total or width < 1:
        return " " * max(width, 0)
    blocked = max(total - free, 0)
    if_on = min(row.get("reuse_if") or 0, blocked)
    reuse = min(row.get("reuse") or 0, free)
    text, end = "", 0
    for symbol, ports in (("#", blocked - if_on), ("i", if_on), ("r", reuse)):
        if not ports:
            continue
        end += ports
        # What is there is seen, however little; what is left is seen too.
        cells = max(round(end * width / total), 1)
        if free and symbol in "#i" and cells == width:
            cells = width - 1
        text += symbol * (cells - len(text))
    return text.ljust(width)[:width]


def spark(history, width):
    """A line of history: the later, the further to the right."""
    marks = [_SPARKS[min(int(part * len(_SPARKS)), len(_SPARKS) - 1)]
             for part in list(history)[-width:]] if width > 0 else []
    return "".join(marks).rjust(max(width, 0))


class History:
    """How much of its ports each destination has used at the last times."""

    def __init__(self):
        self._of = collections.OrderedDict()

    def add(self, rows):
        """One time more."""
        for row in rows:
            if row.get("use%") is None:
                continue
            key = pair_of(row)
            past = self._of.pop(key, None) or collections.deque(maxlen=MOST_TIMES)
            past.append(row["use%"] / 100)
            self._of[key] = past
        while len(self._of) > _REMEMBERED:
            self._of.popitem(last=False)

    def of(self, row):
        """The history of a row."""
        return self._of.get(pair_of(row), ())
