# SPDX-License-Identifier: GPL-2.0-only
"""Writes the report. Only its owner may read the file, as with the record: it names
programs."""
import os
import time

from ..advise import kernel_kills
from ..output import replaced
from ..record import read, shown
from ..version import VERSION
from . import axis, incidents, page, remedies


def _facts(machines, since, until, now):
    """Whose page it is: of what was recorded, in the order of time."""
    def then(names):
        return ", then ".join(dict.fromkeys(names)) or "not recorded"
    return [("host", then(one.host for one in machines)),
            ("kernel", then(f"Linux {one.kernel}" for one in machines)),
            ("module", then(f"tw_summary {one.module or 'not loaded'}" for one in machines)),
            ("time", axis.span(since, until)),
            ("made", f"{axis.full(now)} by twstat {VERSION}")]


def text(history, since, until, wanted, now):
    """The page."""
    found = incidents.find(history, since, until, wanted)
    programs = [each for one in found[0] for each in one.programs]
    machines = history.machines(since, until)
    kernel = machines[-1].kernel if machines else os.uname().release
    kills = kernel_kills(kernel)
    whose = f" of {machines[-1].host}" if machines else ""
    title = f"Local ports{whose}, {axis.full(since, seconds=False)}"
    return page.page(title, _facts(machines, since, until, now), found,
                     history.gaps(since, until),
                     (since, until),
                     lambda one: remedies.of_incident(one, kills, programs), bool(wanted))


def run(options, out):
    """twstat --report."""
    now = time.time()
    since, until = shown.span_of(options, now)
    until = min(until, now)
    with read.History(options.file) as history:
        said = text(history, since, until, options.wanted, now)
    if options.report == "-":
        out.write(said)
        return
    with replaced(options.report, 0o600) as file:
        file.write(said)
