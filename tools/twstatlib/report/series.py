# SPDX-License-Identifier: GPL-2.0-only
"""Moments of a destination in the order of time, of which a bounded number is kept.

A moment holds until the next one. If there are more than can be kept, the time is cut into
steps, and each step shows the moment with the fewest ports free that it has, or that held
when it began: what was worst is never smoothed away.
"""
import math


class Series:
    """At most `most` moments. They are added in the order of time; None is the end of what
    is known."""

    def __init__(self, since, until, most, free):
        self._since = since
        self._most = most
        self._free = free
        # So that the last step ends with `until`.
        self.step = max(until - since, 1e-3) / (most - 1)
        self.thinned = False
        self._all = []
        self._worst = {}        # by step
        self._last = None, None

    def add(self, time, moment):
        """What is before the time of the series is taken for its beginning."""
        time = max(time, self._since)
        if not self.thinned:
            self._all.append((time, moment))
            if len(self._all) <= self._most:
                return
            self.thinned = True
            for each in self._all:
                self._put(*each)
            self._all = []
            return
        self._put(time, moment)

    def _put(self, time, moment):
        at = int((time - self._since) / self.step)
        before, held = self._last
        if before is not None and at > before:
            self._meet(before + 1, held)
            self._meet(at, held)
        self._meet(at, moment)
        self._last = at, moment

    def _meet(self, at, moment):
        """The step has seen this one too."""
        if at not in self._worst or self._rank(moment) < self._rank(self._worst[at]):
            self._worst[at] = moment

    def _rank(self, moment):
        free = self._free(moment) if moment is not None else None
        return math.inf if free is None else free

    def moments(self):
        """A list of (time, moment), each other than the one before."""
        if not self.thinned:
            return list(self._all)
        found = dict(self._worst)
        at, held = self._last
        # After its last step the last moment holds, if there is a step after it.
        if at < self._most - 1:
            found.setdefault(at + 1, held)
        moments = []
        for at, moment in sorted(found.items()):
            if not moments or moment is not moments[-1][1]:
                moments.append((self._since + at * self.step, moment))
        return moments


def runs(moments, until):
    """The same as lists of (begin, end, moment) without a hole between them."""
    found, run = [], []
    ends = [time for time, _ in moments[1:]] + [until]
    for (begin, moment), end in zip(moments, ends):
        if moment is None:
            if run:
                found.append(run)
            run = []
        elif end > begin:
            run.append((begin, end, moment))
    return found + [run] if run else found
