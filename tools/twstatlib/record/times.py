# SPDX-License-Identifier: GPL-2.0-only
"""A time as journalctl takes it (systemd.time(7)): local, without a zone of its own."""
import datetime
import re

from ..errors import UsageError

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600,
          "hr": 3600, "hour": 3600, "d": 86400, "day": 86400, "w": 604800, "week": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?\Z", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_ZONE = re.compile(r"(.*?\d)\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2}))\Z", re.ASCII)

# A year that datetime knows in every zone
_LAST = 250_000_000_000
_EXAMPLES = "03:12, 'yesterday 03:12', 2026-11-29 03:12:30, 3h, '10 min ago', @1796000000"


def _wrong(text):
    return UsageError(f"'{text}' is not a time: {_EXAMPLES}")


def _span(text):
    """Seconds of `1h 30min`; None if it is no span."""
    seconds, at = 0.0, 0
    while at < len(text):
        match = _SPAN.match(text, at)
        unit = match and (_UNITS.get(match.group(2)) or _UNITS.get(match.group(2).rstrip("s")))
        if not unit:
            return None
        seconds += float(match.group(1)) * unit
        at = match.end()
    return seconds if text else None


def _relative(text, now):
    """-3h, 3h, 3h ago, +10min, now; None if it is none of these."""
    if text == "now":
        return now
    sign = -1
    if text.startswith(("+", "-")):
        sign = 1 if text[0] == "+" else -1
        text = text[1:]
    elif text.endswith(" ago"):
        text = text[:-4]
    span = _span(text.strip())
    return None if span is None else now + sign * span


def _zone(text):
    """(text without the zone, the zone or None)"""
    match = _ZONE.match(text)
    if not match or not (":" in match.group(1)):
        return text, None
    if match.group(2):
        return match.group(1), datetime.timezone.utc
    minutes = int(match.group(4)) * 60 + int(match.group(5))
    offset = datetime.timedelta(minutes=-minutes if match.group(3) == "-" else minutes)
    return match.group(1), datetime.timezone(offset)


def _day(text, today):
    if text in _DAYS:
        return today + datetime.timedelta(days=_DAYS[text])
    match = _DATE.match(text)
    return datetime.date(*map(int, match.groups())) if match else None


def _clock(text):
    match = _CLOCK.match(text)
    if not match:
        return None
    return datetime.time(int(match.group(1)), int(match.group(2)), int(match.group(3) or 0),
                         round(float(match.group(4) or 0) * 1e6))


def _absolute(text, now):
    """A day, a time of day, or both; None if it is none of these."""
    text, zone = _zone(text)
    today = datetime.datetime.fromtimestamp(now, zone).date()
    words = text.replace("T", " ").split()
    day = _day(words[0], today) if words else None
    if day and len(words) == 1:
        clock = datetime.time()
    else:
        clock = _clock(words[-1]) if words and len(words) == (2 if day else 1) else None
    if clock is None:
        return None
    # Of an hour that there is twice it is the first, as mktime(3) has it.
    return datetime.datetime.combine(day or today, clock, zone).timestamp()


def parse(text, now):
    """Seconds since 1970. Raises UsageError."""
    words = text.strip()
    try:
        if re.fullmatch(r"@\d{1,11}(\.\d{1,6})?", words, re.ASCII):
            return float(words[1:])
        found = _relative(words, now)
        if found is None:
            found = _absolute(words, now)
    except (ValueError, OverflowError, OSError):
        found = None                        # 25:00, 2026-02-30
    if found is None or not 0 <= found < _LAST:
        raise _wrong(text)
    return found


def said(time):
    """As people here read it."""
    return datetime.datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")


def iso(time):
    """With its zone."""
    local = datetime.datetime.fromtimestamp(time).astimezone()
    return local.isoformat(timespec="milliseconds")


def lasted(seconds):
    """A span in two words at most."""
    whole = round(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"),
             (whole % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "0 s"
