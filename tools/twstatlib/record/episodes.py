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

# A level that was not ok; `lasts` if nothing has ended it.
_Held = namedtuple("_Held", "begin end sample lasts")


class _Troubles:
    """Those of one destination, as they come."""

    def __init__(self, destination):
        self.destination = destination
        self.held = []
        self.failures = []
        self.now = None

    def see(self, sample):
        """The next sample."""
        self.end(sample.time)
        if sample.row and sample.row["level"] in LEVELS[1:]:
            self.now = sample

    def end(self, time, lasts=False):
        """What there was is over, or its sample is."""
        if self.now:
            self.held.append(_Held(self.now.time, max(time, self.now.time), self.now, lasts))
        self.now = None

    def groups(self):
        """The parts of each episode: (what was held, failures)."""
        parts = sorted([(held.begin, held.end, held, None) for held in self.held] +
                       [(failed.time, failed.time, None, failed) for failed in self.failures
                        if failed.kind != schema.CLASH or self._in_held(failed.time)],
                       key=lambda part: part[:2])
        group, end = [], None
        for part in parts:
            if group and part[0] - end > JOIN:
                yield group
                group, end = [], None
            group.append(part)
            end = part[1] if end is None else max(end, part[1])
        if group:
            yield group

    def _in_held(self, time):
        """Calls that clash make no episode: no port was missing."""
        return any(held.begin <= time <= held.end for held in self.held)


def _callers(failures):
    counts = Counter()
    for failed in failures:
        counts[failed.program, failed.unit, failed.kind] += failed.count
    return [Caller(*who, count) for who, count in
            sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))]


def _most(held, column):
    return max((one.sample.row[column] for one in held
                if one.sample.row[column] is not None), default=None)


def _episode(destination, group, since):
    held = [part[2] for part in group if part[2]]
    failures = [part[3] for part in group if part[3]]
    levels, failed = Counter(), Counter()
    for one in held:
        levels[one.sample.row["level"]] += one.end - max(one.begin, since)
    for one in failures:
        failed[one.kind] += one.count
    known = [one.sample for one in held if one.sample.row["free"] is not None]
    worst = min(known, key=lambda sample: sample.row["free"], default=None)
    begin, end = group[0][0], max(part[1] for part in group)
    return Episode(
        destination, max(begin, since), end, begin < since,
        any(one.lasts for one in held),
        max(levels, key=LEVELS.index, default="ok"), dict(levels), worst,
        worst.row["free"] if worst else None, _most(held, "close/s"), _most(held, "grow/s"),
        dict(failed), _callers(failures))


def _wanted(destination, group, wanted):
    """Whether one of its rows is. Where there is none, its name is asked for."""
    name = {"dir": "out", "local": destination.local, "remote": destination.remote}
    return any(wanted({**name, **(held.sample.row if held else {"fail_last": 0.0})})
               for _, _, held, _ in group)


def episodes(history, since, until, wanted=lambda row: True):
    """A list of Episode by their beginnings. `wanted` is asked about each row."""
    troubles = {}

    def of(destination):
        return troubles.setdefault(destination.id, _Troubles(destination))

    stretches = history.stretches(since, until)
    at = 0
    for sample in history.samples(since, until):
        while sample.look > stretches[at][1]:
            for each in troubles.values():
                each.end(stretches[at][2])
            at += 1
        of(sample.destination).see(sample)
    for each in troubles.values():
        each.end(stretches[at][2], lasts=at == len(stretches) - 1)
    for failed in history.failures(since, until):
        of(failed.destination).failures.append(failed)
    found = [_episode(each.destination, group, since)
             for each in troubles.values() for group in each.groups()
             if _wanted(each.destination, group, wanted)]
    return sorted(found, key=lambda one: (one.begin, one.destination.id))
