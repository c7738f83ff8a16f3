# SPDX-License-Identifier: GPL-2.0-only
"""One line of text that the user of twstat --top edits."""
from . import screentext


class Prompt:
    """The text, and where its cursor is."""

    def __init__(self, text):
        self.text = text
        self.error = None
        self._at = len(text)

    def _remove(self, start, end):
        self.text = self.text[:start] + self.text[end:]
        self._at = start

    def _word(self):
        """Where the word before the cursor begins."""
        return self.text[:self._at].rstrip().rfind(" ") + 1

    def press(self, key):
        """A key that edits. What it does not know does nothing."""
        moves = {"KEY_LEFT": max(self._at - 1, 0),
                 "KEY_RIGHT": min(self._at + 1, len(self.text)),
                 "KEY_HOME": 0, "\x01": 0, "KEY_END": len(self.text),
                 "\x05": len(self.text)}
        if key in moves:
            self._at = moves[key]
        elif key in ("KEY_BACKSPACE", "\x7f", "\b"):
            self._remove(max(self._at - 1, 0), self._at)
        elif key == "KEY_DC":
            self._remove(self._at, self._at + 1)
        elif key == "\x15":                         # Ctrl-U
            self._remove(0, self._at)
        elif key == "\x17":                         # Ctrl-W
            self._remove(self._word(), self._at)
        elif len(key) == 1 and key.isprintable():
            self.text = self.text[:self._at] + key + self.text[self._at:]
            self._at += 1

    def shown(self, label, width):
        """The line, and the cell of its cursor: of a long text the part before the
        cursor is seen."""
        label = label if len(label) + 8 <= width else ""
        room = max(width - len(label) - 1, 1)
        start = max(self._at - room, 0)
        while screentext.cells(self.text[start:self._at]) > room:
            start += 1
        line = label + screentext.cut(self.text[start:], room + 1)
        return line, min(len(label) + screentext.cells(self.text[start:self._at]), width - 1)
