# SPDX-License-Identifier: GPL-2.0-only
"""From when to when a destination was in trouble: not ok, or with calls that found no port.

Troubles of one destination that are less than JOIN seconds apart are one episode, so that a
level that comes and goes, or a recorder that is started again, does not make many of it.
"""
from collections import Counter, namedtuple

from ..interface import LEVELS
from . import schema

JOIN = 60

# `begin` and `end` are seconds since 1970. `before` says that it had begun before what was
# asked for; `lasts` that it had not ended at the last look. `level` is the worst one, and
# `levels` has the seconds of each that was not ok ({"warn": 5.0, ...}). `worst` is the Sample
# with the fewest ports free (None if only failures are known, as of bind()), `free` what it
# had; `closing` and `growing` are the highest close/s and grow/s. `failed` has the calls by
# kind ({"connect": 7}), and `callers` a list of Caller, the most failures first.
Episode = namedtuple("Episode", "destination begin end before lasts level levels worst free "
                     "closing growing failed callers")
Caller = namedtuple("Caller", "program unit kind count")

_FIELDS = ("level", "free", "close/s", "grow/s", "fail_last")


def _highest(one, other):
    return other if one is None else one if other is None else max(one, other)


class _Span:
    """A time of trouble: a level that was not ok, or a call that failed."""

    def __init__(self, begin):
        self.begin = self.end = begin
        self.lasts = self.matches = False
        self.levels = Counter()
        self.fewest = None              # (free, look)
        self.closing = self.growing = None
        self.failures = []

    def hold(self, look, free, closing, growing):
        """A sample that was not ok."""
        if free is not None and (self.fewest is None or free < self.fewest[0]):
            self.fewest = free, look
        self.closing = _highest(self.closing, closing)
        self.growing = _highest(self.growing, growing)

    def join(self, other):
        """One that comes later."""
        self.end = max(self.end, other.end)
        self.lasts = self.lasts or other.lasts
        self.matches = self.matches or other.matches
        self.levels += other.levels
        self.fewest = min((each.fewest for each in (self, other) if each.fewest), default=None)
        self.closing = _highest(self.closing, other.closing)
        self.growing = _highest(self.growing, other.growing)
        self.failures += other.failures


class _Troubles:
    """Those of one destination, as they come."""

    def __init__(self, destination, wanted, since):
        self.destination = destination
        self.spans = []
        self._wanted = wanted
        self._since = since
        self._now = None                # (time, level)

    def _matches(self, level, fail_last):
        return self._wanted({"dir": "out", "local": self.destination.local,
                             "remote": self.destination.remote, "level": level,
                             "fail_last": fail_last})

    def see(self, time, look, fields):
        """The next sample: of _FIELDS."""
        level, free, closing, growing, fail_last = fields
        self.end(time)
        if not level:
            return
        self._now = time, LEVELS[level]
        if not self.spans or not 0 <= time - self.spans[-1].end <= JOIN:
            self.spans.append(_Span(time))
        span = self.spans[-1]
        span.lasts = False
        span.hold(look, free, closing, growing)
        span.matches = span.matches or self._matches(
            LEVELS[level], None if fail_last is None else fail_last / 10)

    def end(self, time, lasts=False):
        """What there was is over, or its sample is."""
        if self._now:
            span, (begin, level) = self.spans[-1], self._now
            span.end = max(time, span.end)
            span.lasts = lasts
            span.levels[level] += max(time - max(begin, self._since), 0.0)
        self._now = None

    def fail(self, failed):
        """Calls. Those that clash make no episode: no port was missing."""
        held = any(span.begin <= failed.time <= span.end for span in self.spans)
        if failed.kind == schema.CLASH and not held:
            return
        span = _Span(failed.time)
        span.failures.append(failed)
        span.matches = self._matches(None, 0.0)
        self.spans.append(span)

    def joined(self):
        """The spans that are one episode each."""
        found = []
        for span in sorted(self.spans, key=lambda each: each.begin):
            if found and span.begin - found[-1].end <= JOIN:
                found[-1].join(span)
            else:
                found.append(span)
        return found


def _callers(failures):
    counts = Counter()
    for failed in failures:
        counts[failed.program, failed.unit, failed.kind] += failed.count
    return [Caller(*who, count) for who, count in
            sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))]


def _episode(history, destination, span, since):
    failed = Counter()
    for one in span.failures:
        failed[one.kind] += one.count
    worst = history.sample(span.fewest[1], destination) if span.fewest else None
    return Episode(
        destination, max(span.begin, since), span.end, span.begin < since, span.lasts,
        max(span.levels, key=LEVELS.index, default="ok"), dict(span.levels), worst,
        worst.row["free"] if worst else None,
        None if span.closing is None else span.closing / 10,
        None if span.growing is None else span.growing / 10,
        dict(failed), _callers(span.failures))


def _troubles(history, since, until, wanted):
    """{id of a destination: _Troubles}, of all that had any."""
    troubles, now = {}, set()
    stretches, at = history.stretches(since, until), 0
    for look, time, ident, *fields in history.fields(since, until, _FIELDS):
        while look > stretches[at][1]:
            for each in now:
                troubles[each].end(stretches[at][2])
            now.clear()
            at += 1
        if not fields[0] and ident not in now:
            continue                    # it was well, and is
        if ident not in troubles:
            destination = history.destination(ident)
            if not destination:
                continue
            troubles[ident] = _Troubles(destination, wanted, since)
        troubles[ident].see(time / 1000, look, fields)
        (now.add if fields[0] else now.discard)(ident)
    for each in now:
        troubles[each].end(stretches[at][2], lasts=at == len(stretches) - 1)
    return troubles


def episodes(history, since, until, wanted=lambda row: True):
    """A list of Episode by their beginnings. `wanted` is asked about each row: its dir, local,
    remote, level and fail_last."""
    troubles = _troubles(history, since, until, wanted)
    for failed in history.failures(since, until):
        its = failed.destination
        troubles.setdefault(its.id, _Troubles(its, wanted, since)).fail(failed)
    found = [_episode(history, each.destination, span, since)
             for each in troubles.values() for span in each.joined() if span.matches]
    return sorted(found, key=lambda one: (one.begin, one.destination.id))
