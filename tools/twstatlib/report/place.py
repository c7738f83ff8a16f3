# SPDX-License-Identifier: GPL-2.0-only
"""Where a word has room in an area whose borders go up and down."""

# More room above and below than this, in heights of a word, is as good as this.
_ENOUGH = 3


def room(bands, width, height):
    """The middle (x, y) of the best place of this width and height, None if there is none:
    the one that has room above and below, and is close to the middle of the drawing. `bands`
    are (x0, x1, top, bottom) from left to right, from 0 to 1; top is the smaller number."""
    best = None
    for number, (left, right, _, _) in enumerate(bands):
        # At its beginning, or in its middle if it is wide enough alone.
        for begin in {left, max(left, (left + right - width) / 2)}:
            found = _free(bands[number:], begin + width, height)
            if found:
                middle = begin + width / 2
                rank = min(found[1] - found[0], _ENOUGH * height), -abs(middle - 0.5)
                best = max(best or (rank, 0, 0), (rank, middle, sum(found) / 2))
    return best and best[1:]


def _free(bands, until, height):
    """The top and the bottom of what is free from the first band to `until`, None if that is
    less than `height`."""
    top, bottom, reached = float("-inf"), float("inf"), bands[0][0]
    for left, right, its_top, its_bottom in bands:
        if left > reached + 1e-9:
            return None                     # a hole
        top, bottom, reached = max(top, its_top), min(bottom, its_bottom), right
        if bottom - top < height:
            return None
        if reached >= until:
            return top, bottom
    return None
