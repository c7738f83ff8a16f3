# SPDX-License-Identifier: GPL-2.0-only
"""How much of its ports a destination will use if connections close as they do now.

TIME_WAITs are what most ports are lost to, and they show a rate of closing only a minute
later: by then they are as many as they will be. So take what no timer gives back, and add
what the rate of closing leads to. That is known as soon as `close/s` is.
"""

# TCP_TIMEWAIT_LEN (include/net/tcp.h)
HOLD = 60
# From this age on connect() takes over a TIME_WAIT (net/ipv4/tcp_ipv4.c:tcp_twsk_unique)
HOLD_WITH_REUSE = 1


def ports_of(header):
    """The ports that a destination can have if bind() takes none: what use% counts."""
    return max((header.get("tried") or 0) - (header.get("reserved") or 0), 0)


def _waiting(row):
    """TIME_WAITs that keep connect() from their port. Those that may be taken over are
    inside `free`."""
    return max((row.get("tw") or 0) - (row.get("reuse") or 0), 0)


def _hold(row):
    """How long a TIME_WAIT of the row keeps its port, in seconds. Not each one that is
    old enough may be taken over: without timestamps none is, nor one on a port that
    bind() has taken. So it is the mean of both kinds, as the row has them now."""
    reuse = row.get("reuse") or 0
    old_enough = (row.get("tw") or 0) - (row.get("close/s") or 0) * HOLD_WITH_REUSE
    share = reuse / max(old_enough, reuse, 1)
    return HOLD - (HOLD - HOLD_WITH_REUSE) * share


def _coming(row):
    """TIME_WAITs that will keep a port, at this rate of closing."""
    return (row.get("close/s") or 0) * _hold(row)


def coming(table):
    """The same of the namespace, servers' too. What is not known, or hidden, is not in
    it."""
    return sum(_coming(row) for row in table.rows)


def _room(header, wanted):
    """Which part of the TIME_WAITs to come there will be: the kernel makes timewait_max
    of a namespace at most, and each row gets its share by its rate."""
    most = header.get("timewait_max")
    return 1.0 if most is None or wanted <= most else most / wanted


def _part(ports, header):
    total = ports_of(header)
    return round(max(ports, 0) / total, 3) if total > 0 else 1.0


def lasting(row, header):
    """The part of the ports that no timewait timer gives back: open connections, leaks,
    what bind() has taken. None if it is not known."""
    if row.get("free") is None:
        return None
    timed = _waiting(row) + (row.get("fw2") or 0) - (row.get("fw2_held") or 0)
    return _part(ports_of(header) - row["free"] - timed, header)


def projected(row, header, wanted):
    """The part of the ports that the present rate of closing leads to, above 1 if there
    are not so many; `wanted` is coming() of the namespace. What else holds ports stays as
    it is, FIN_WAIT2 too. If the rate is not known, because the kernel drops TIME_WAITs,
    there will be as many as there are."""
    if row.get("free") is None:
        return None
    waiting = _waiting(row)
    later = waiting
    if row.get("close/s") is not None:
        later = _coming(row) * _room(header, wanted)
    return _part(ports_of(header) - row["free"] - waiting + later, header)
