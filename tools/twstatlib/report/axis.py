# SPDX-License-Identifier: GPL-2.0-only
"""Times and numbers: where an axis has its marks, and what is written there."""
import datetime
import math

from ..record.times import lasted

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE,
          15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
          _DAY, 2 * _DAY, 7 * _DAY, 30 * _DAY, 365 * _DAY)


def local(time):
    """A time since 1970 as the clock on the wall shows it, with its zone."""
    return datetime.datetime.fromtimestamp(time).astimezone()


def full(time, seconds=True):
    """Date and time, without the zone."""
    return local(time).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def clock(time, beside=None):
    """The time alone if it is of the same day as `beside`."""
    if beside is not None and local(time).date() == local(beside).date():
        return local(time).strftime("%H:%M:%S")
    return full(time)


def zone(time):
    """CET (+01:00)"""
    moment = local(time)
    offset = moment.strftime("%z")
    offset = f"{offset[:3]}:{offset[3:5]}"
    name = moment.strftime("%Z")
    return f"UTC{offset}" if name.lstrip("+-").isdigit() or not name else f"{name} ({offset})"


def span(begin, end):
    """From when to when, with the zone, or both where the clocks were changed between."""
    zones = zone(begin), zone(end)
    if zones[0] == zones[1]:
        return f"{full(begin)} to {clock(end, begin)} {zones[0]}"
    return f"{full(begin)} {zones[0]} to {full(end)} {zones[1]}"


def lasting(seconds):
    """How long: 48 s, 5 min 3 s, 2 h 4 min, 3 d 1 h"""
    if seconds < 10 and seconds != round(seconds):
        return f"{round(seconds, 1):g} s"
    return lasted(seconds)


def time_marks(since, until, most=8):
    """At most so many marks at round times of the clock: (time, text, date or None). The
    date stands where a new one begins, if there are several."""
    step = next((step for step in _STEPS if (until - since) / step <= most - 1), _STEPS[-1])
    offset = local(since).utcoffset().total_seconds()
    time = math.ceil((since + offset) / step) * step - offset
    form = "%H:%M:%S" if step < _MINUTE else "%H:%M"
    dated = local(since).date() != local(until).date()
    marks, day = [], None
    while time <= until and len(marks) < most:
        moment = local(time)
        new = dated and moment.date() != day
        marks.append((time, moment.strftime(form), moment.strftime("%m-%d") if new else None))
        day = moment.date()
        time += step
    return marks


def number_marks(most, about=4):
    """Round numbers from 0 to `most`, some `about` of them, without those that are close to
    the last, which is `most` itself."""
    rough = max(most, 1) / about
    unit = 10 ** math.floor(math.log10(rough))
    step = max(next(unit * by for by in (1, 2, 5, 10) if unit * by >= rough), 1)
    step = int(step)
    return [at for at in range(0, most, step) if most - at >= step * 0.6] + [most]
