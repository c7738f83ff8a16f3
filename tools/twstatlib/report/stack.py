# SPDX-License-Identifier: GPL-2.0-only
"""Where the ports of a destination were at a moment: each port in one part only, so that
the parts can stand on one another and are together what there is."""
from collections import namedtuple

from ..outlook import ports_of

# From the bottom to the top of the drawing. `free` are those without a socket, `reuse` those
# in TIME_WAIT that connect() takes over: both are free.
PARTS = ("bound", "open", "other", "timewait", "reuse", "free")
NAMES = {"bound": "lost to bind()", "open": "open", "other": "FIN_WAIT2, other",
         "timewait": "TIME_WAIT", "reuse": "TIME_WAIT, reusable", "free": "free"}

Stack = namedtuple("Stack", PARTS)

_OTHER = ("fw2", "syn", "cwait", "other")


def stack_of(row, header):
    """The parts of a row. None if they are not known."""
    total, free = ports_of(header), row.get("free")
    if free is None or not total:
        return None
    left = max(total - free, 0)
    reuse = min(row.get("reuse") or 0, free)
    parts = {}
    for name, ports in (("timewait", (row.get("tw") or 0) - reuse),
                        ("open", row.get("estab") or 0),
                        ("other", sum(row.get(state) or 0 for state in _OTHER))):
        # Sockets of two devices may have the same port.
        parts[name] = min(max(ports, 0), left)
        left -= parts[name]
    # What is taken and has no socket of the destination is what connect() skips.
    return Stack(bound=left, reuse=reuse, free=free - reuse, **parts)
