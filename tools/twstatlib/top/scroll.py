# SPDX-License-Identifier: GPL-2.0-only
"""A list that may be longer than the screen: which part of it is seen, and which of its
lines is chosen."""

_STEPS = {"KEY_UP": -1, "k": -1, "KEY_DOWN": 1, "j": 1}


class Scroll:
    """`at` is the line that is chosen, `first` the first one that is seen. In a text no
    line is chosen: both are the same then."""

    def __init__(self, text=False):
        self._text = text
        self.at = 0
        self.first = 0
        self._count = 0
        self._page = 1

    def fit(self, count, page):
        """The list has so many lines now, and so many of them are seen at a time."""
        self._count, self._page = count, max(page, 1)
        if self._text:
            self.at = self.first = min(max(self.at, 0), max(count - self._page, 0))
            return
        self.at = min(max(self.at, 0), max(count - 1, 0))
        # No line is left empty while there is something to show.
        self.first = min(max(self.first, self.at - self._page + 1), self.at,
                         max(count - self._page, 0))

    def seen(self):
        """The numbers of the lines that are seen."""
        return range(self.first, min(self.first + self._page, self._count))

    def press(self, key):
        """A key. Returns whether it is one that moves."""
        if key in _STEPS:
            self.at += _STEPS[key]
        elif key in ("KEY_PPAGE", "KEY_NPAGE"):
            step = self._page if key == "KEY_NPAGE" else -self._page
            self.at += step
            self.first = max(self.first + step, 0)
        elif key in ("KEY_HOME", "g"):
            self.at = 0
        elif key in ("KEY_END", "G"):
            self.at = self._count - 1
        else:
            return False
        self.fit(self._count, self._page)
        return True

    def position(self):
        """Which lines are seen, for people: a long and a short form."""
        seen = self.seen()
        if not seen:
            return "no rows", ""
        return (f"rows {seen[0] + 1}-{seen[-1] + 1} of {self._count}",
                f"{self.at + 1}/{self._count}")
