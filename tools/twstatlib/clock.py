# SPDX-License-Identifier: GPL-2.0-only
"""When a snapshot was taken, so that a night's log can be read."""
import datetime


def taken_at(header=None, now=None, timespec="seconds"):
    """ISO 8601 with the zone. The header says how old the snapshot was when it was read,
    which has just been; without one it is now."""
    now = now or datetime.datetime.now().astimezone()
    age = datetime.timedelta(milliseconds=(header or {}).get("age_ms") or 0)
    return (now - age).isoformat(timespec=timespec)
