# SPDX-License-Identifier: GPL-2.0-only
"""What a report is about: for each destination that was in trouble what was recorded of it,
the worst destination first, a bounded number of moments of each."""
from collections import Counter, namedtuple

from ..interface import LEVELS
from ..record.episodes import episodes
from .chart import Span
from .series import Series
from .stack import stack_of

# So many destinations are drawn; the others are in the overview, up to a number.
MOST_DRAWN = 12
MOST_LISTED = 200
# So many moments are drawn, and are in the table of numbers.
MOST_MOMENTS = 400
MOST_NUMBERS = 48
MOST_CHANGES = 40
# A destination whose worst episode is shorter than this part of the axis gets a drawing of
# that episode, too.
_CLOSER = 8
# What is drawn before and after the trouble, in seconds at least, and as a part of it.
_BEFORE, _PART = 60, 0.1

# What was seen of a destination; `stack` says where its ports were (stack.Stack, or None).
Moment = namedtuple("Moment", "time row header stack")
Change = namedtuple("Change", "time old new row")
Program = namedtuple("Program", "program unit counts")


class Incident:
    """A destination, with all its episodes."""

    def __init__(self, destination, its_episodes):
        self.destination = destination
        self.episodes = its_episodes
        self.level = max((one.level for one in its_episodes), key=LEVELS.index)
        worst = [one.worst for one in its_episodes if one.worst]
        self.worst = min(worst, key=lambda sample: sample.row["free"], default=None)
        self.header = self.worst.header if self.worst else {}
        self.failed = Counter()
        for one in its_episodes:
            self.failed.update(one.failed)
        self.programs = _programs(its_episodes)
        self.failures = []
        self.changes = []
        self.more_changes = 0
        self.whole = self.closer = self.numbers = None
        self._level = None

    def rank(self):
        """The worst first: the level, calls that failed, ports left."""
        free = self.worst.row["free"] if self.worst else float("inf")
        return (-LEVELS.index(self.level), -sum(self.failed.values()), free,
                self.destination.local, self.destination.remote)

    def lasted(self):
        """Seconds of trouble."""
        return sum(one.end - one.begin for one in self.episodes)

    def draws(self, span):
        """What is seen from now on is kept for a drawing of this span."""
        def series(span, most):
            return Kept(span, Series(span.since, span.until, most,
                                     lambda moment: moment.row["free"]))
        self.whole = series(span, MOST_MOMENTS)
        self.numbers = series(span, MOST_NUMBERS)
        worst = max(self.episodes, key=_weight)
        if worst.end - worst.begin < (span.until - span.since) / _CLOSER:
            around = _around([worst], span.since, span.until)
            if around.until - around.since < (span.until - span.since) / 2:
                self.closer = series(around, MOST_MOMENTS)

    def see(self, time, sample):
        """The next sample; None if nothing is known of it from then on."""
        row = sample.row if sample else None
        moment = row and Moment(time, row, sample.header, None)
        for kept in (self.whole, self.numbers, self.closer):
            if kept:
                kept.see(time, moment)
        if not sample:
            return
        level = row["level"] if row else None
        if level != self._level:
            if len(self.changes) < MOST_CHANGES:
                self.changes.append(Change(time, self._level, level, row))
            else:
                self.more_changes += 1
        self._level = level


class Kept:
    """Moments of a span."""

    def __init__(self, span, series):
        self.span = span
        self._series = series

    def see(self, time, moment):
        """What is after the span is not in it."""
        if time <= self.span.until:
            self._series.add(time, moment)

    def moments(self):
        """(time, Moment or None) by time."""
        return [(time, moment and moment._replace(stack=stack_of(moment.row, moment.header)))
                for time, moment in self._series.moments()]

    @property
    def step(self):
        """Seconds that each moment stands for, None if each has been kept."""
        return self._series.step if self._series.thinned else None


def _weight(episode):
    free = -episode.free if episode.free is not None else float("-inf")
    return LEVELS.index(episode.level), sum(episode.failed.values()), free


def _programs(its_episodes):
    """Those whose calls failed, the most first."""
    found = {}
    for one in its_episodes:
        for caller in one.callers:
            counts = found.setdefault((caller.program, caller.unit), Counter())
            counts[caller.kind] += caller.count
    programs = [Program(*who, counts) for who, counts in found.items()]
    return sorted(programs, key=lambda one: (-sum(one.counts.values()), str(one[:2])))


def _around(its_episodes, since, until):
    """The span of these episodes, with something before and after them."""
    begin = min(one.begin for one in its_episodes)
    end = max(one.end for one in its_episodes)
    more = max(_BEFORE, (end - begin) * _PART)
    return Span(max(begin - more, since), min(end + more, until))


def find(history, since, until, wanted):
    """(incidents, span): the worst first, those that are drawn with their moments; the span
    is that of all drawings, None if there is no incident."""
    by_destination = {}
    for one in episodes(history, since, until, wanted):
        by_destination.setdefault(one.destination.id, []).append(one)
    incidents = sorted((Incident(found[0].destination, found)
                        for found in by_destination.values()), key=Incident.rank)
    if not incidents:
        return [], None
    drawn = {one.destination.id: one for one in incidents[:MOST_DRAWN]}
    for one in drawn.values():
        if not one.worst:
            one.header = _header_at(history, one.destination, one.episodes[0].end)
    # Before the first look there is nothing to draw.
    span = _around([each for one in drawn.values() for each in one.episodes],
                   max(since, history.bounds()[0]), until)
    for one in drawn.values():
        one.draws(span)
    _see(history, span, drawn)
    for failed in history.failures(since, until):
        if failed.destination.id in drawn:
            drawn[failed.destination.id].failures.append(failed)
    return incidents, span


def _header_at(history, destination, time):
    """What was known of the namespace then."""
    return next((seen.table.header for seen in history.seen_at(time)
                 if seen.namespace.id == destination.namespace.id), {})


def _see(history, span, drawn):
    """Shows each sample to its incident, and where a stretch ends."""
    stretches = history.stretches(span.since, span.until)
    # The last look of a stretch shows what was until the next look.
    hold = (span.until - span.since) / MOST_MOMENTS
    at = 0
    for sample in history.samples(span.since, span.until,
                                  [one.destination for one in drawn.values()]):
        while sample.look > stretches[at][1]:
            _end(drawn, stretches[at][2], hold, sample.time)
            at += 1
        drawn[sample.destination.id].see(sample.time, sample)
    for _, _, end in stretches[at:]:
        _end(drawn, end, hold, span.until)


def _end(drawn, end, hold, before):
    """A stretch has ended; what comes next is not `before` then."""
    for one in drawn.values():
        one.see(min(end + hold, max(before, end)), None)
