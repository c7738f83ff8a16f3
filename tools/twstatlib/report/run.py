# SPDX-License-Identifier: GPL-2.0-only
"""Writes the report. Only its owner may read the file, as with the record: it names
programs."""
import os
import time

from ..advise import kernel_kills
from ..errors import UsageError
from ..output import replaced
from ..record import read, shown, times
from ..version import VERSION
from . import axis, incidents, page, remedies

_MODULE = "/sys/module/tw_summary/version"


def _module():
    try:
        with open(_MODULE, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "not loaded"


def _facts(since, until, now):
    machine = os.uname()
    return [("host", machine.nodename), ("kernel", f"Linux {machine.release}"),
            ("module", f"tw_summary {_module()}"), ("time", axis.span(since, until)),
            ("made", f"{axis.full(now)} by twstat {VERSION}")]


def text(history, since, until, wanted, now):
    """The page."""
    found = incidents.find(history, since, until, wanted)
    programs = [each for one in found[0] for each in one.programs]
    kills = kernel_kills(os.uname().release)
    title = f"Local ports of {os.uname().nodename}, {axis.full(since, seconds=False)}"
    return page.page(title, _facts(since, until, now), found, history.gaps(since, until),
                     (since, until),
                     lambda one: remedies.of_incident(one, kills, programs), bool(wanted))


def run(options, out):
    """twstat --report."""
    now = time.time()
    until = min(options.until or now, now)
    since = options.since if options.since is not None else until - shown.DAY
    if since >= until:
        raise UsageError(f"{times.said(since)} is not before {times.said(until)}")
    with read.History(options.file) as history:
        said = text(history, since, until, options.wanted, now)
    if options.report == "-":
        out.write(said)
        return
    with replaced(options.report, 0o600) as file:
        file.write(said)
