# SPDX-License-Identifier: GPL-2.0-only
"""twstat --history and --at: what was recorded, for people and as JSON."""
import time
from types import SimpleNamespace

from .. import order, sources
from ..errors import Failure, UsageError
from ..interface import Table
from ..jsonout import dump
from ..output import width_of
from ..people import People, shorten_line
from ..rows import cell, counted
from . import schema
from .episodes import episodes
from .read import History
from .times import iso, lasted, said

# Unless it says otherwise, --history is about the last day.
DAY = 86400
# So long before, in seconds, calls that failed are shown with --at --who.
_LATELY = 600
# So many callers and gaps are named.
_MOST = 5

WHY = {schema.STARTED: "the recorder did not run", schema.CLOCK: "the clock was set",
        schema.MODULE: "the module was not loaded", schema.DISK: "nothing could be written",
        schema.LATE: "the machine slept, or was too busy"}
_HOLDERS = ("tw", "fw2", "estab", "syn", "cwait", "other")
FAILED = {schema.CONNECT: "connect() found no port", schema.BIND: "bind() found no port",
           schema.CLASH: "connect() clashed"}


class _Units:
    """Names of control groups that are names already."""

    @staticmethod
    def name(unit):
        """As it was recorded."""
        return unit


# --at

def _callers(history, seen):
    """As tw_callers was, with the calls of the last minutes only."""
    rows = {}
    for failed in history.failures(seen.time - _LATELY, seen.time):
        if failed.destination.namespace != seen.namespace:
            continue
        who = failed.destination.id, failed.program, failed.unit, failed.cgroup
        row = rows.setdefault(who, {
            "fails": 0, "clashes": 0, "calls": None, "search_us": None,
            "comm": failed.program and failed.program.replace("\\", "\\134"),
            "cgroup": failed.unit or (failed.cgroup and f"id {failed.cgroup}"),
            "local": failed.destination.local, "remote": failed.destination.remote})
        row["clashes" if failed.kind == schema.CLASH else "fails"] += failed.count
        row["pid"], row["last"] = failed.pid, round(seen.time - failed.time)
    return Table("tw_callers", {}, [],
                 sorted(rows.values(), key=lambda row: (-row["fails"], -row["clashes"])))


def _ours(seen):
    """That of the namespace which this is; of a file from elsewhere that of its host."""
    own = sources.own_inode()
    return ([one for one in seen if one.namespace.inode == own] or
            [one for one in seen if one.namespace.name == "host"] or seen)[:1]


def _as_json(options, history, seen):
    docs = []
    for one in seen:
        rows = options.wanted.rows(one.table)
        if options.all and options.wanted and not rows:
            continue
        doc = {"time": iso(one.time), "name": one.namespace.name, "header": one.table.header,
               "rows": order.ordered(rows, one.table.columns, options.sort)}
        if options.who:
            doc["callers"] = {"rows": _callers(history, one).rows}
        docs.append(doc)
    return dump(docs if options.all else docs[0])


def _as_table(options, history, seen, out):
    form = People(options, out, _Units())
    for one in seen:
        shown = SimpleNamespace(name=one.namespace.name, inode=one.namespace.inode)
        if not options.all:
            shown.name = None
        form.show(shown, one.table, _callers(history, one) if options.who else None)
    form.end(last=True)


def show_table(options, out):
    """twstat --at."""
    wanted = options.at
    if wanted > time.time():
        raise UsageError(f"{said(wanted)} is still to come; write --at 'yesterday 03:12'")
    with History(options.file) as history:
        seen = history.seen_at(wanted)
        if not seen:
            bounds = history.bounds()
            raise Failure(f"nothing was recorded until {said(wanted)}" +
                          (f"; the record begins at {said(bounds[0])}" if bounds else ""))
        late = history.gaps(seen[0].time, wanted)
        seen = seen if options.all else _ours(seen)
        if options.json:
            print(_as_json(options, history, seen), file=out)
            return
        if not options.no_header:
            print(f"as recorded at {said(seen[0].time)}: what was not ok, and the worst",
                  file=out)
            if late:
                print(f"nothing was recorded from then to {said(wanted)}", file=out)
        _as_table(options, history, seen, out)


# --history

def _held(episode):
    """What held the ports when they were fewest."""
    if not episode.worst:
        return []
    row, header = episode.worst.row, episode.worst.header
    parts = [f"{name} {row[name]}" for name in _HOLDERS if row.get(name)]
    parts += [f"{name} {header[name]}" for name in ("bound", "reserved") if header.get(name)]
    ports = f" of {header['tried']} ports" if header.get("tried") else ""
    return [f"    at worst ({said(episode.worst.time)[11:]}){ports}: " +
            (", ".join(parts) or "none held")]


def _levels(episode):
    parts = [f"{level} {lasted(seconds)}" for level, seconds in episode.levels.items()]
    return ["    " + ", ".join(parts)] if len(parts) > 1 else []


def _who(caller):
    return (caller.program or "a program that is not known") + \
        (f" of {caller.unit}" if caller.unit else "")


def _failures(episode):
    lines = []
    for kind, count in episode.failed.items():
        callers = [caller for caller in episode.callers if caller.kind == kind]
        names = [f"{_who(caller)} {caller.count}" for caller in callers[:_MOST]]
        if len(callers) > _MOST:
            names.append(f"{len(callers) - _MOST} more")
        lines.append(f"    {FAILED[kind]}: {counted(count, 'call')}: {', '.join(names)}")
    return lines


def _span(episode):
    begin, end = said(episode.begin), said(episode.end)
    return ("earlier" if episode.before else begin,
            "goes on" if episode.lasts else end[11:] if begin[:10] == end[:10] else end)


_COLUMNS = ("from", "to", "lasted", "level", "free", "close/s", "grow/s", "failed", "local",
            "remote")


def _fields(episode, named):
    values = {"free": episode.free, "close/s": episode.closing, "grow/s": episode.growing,
              "failed": sum(count for kind, count in episode.failed.items()
                            if kind != schema.CLASH)}
    begin, end = _span(episode)
    fields = [begin, end, lasted(episode.end - episode.begin), episode.level,
              *(cell(values, name) for name in values),
              episode.destination.local, episode.destination.remote]
    return fields + ([episode.destination.namespace.name] if named else [])


def _table(found):
    """The lines: numbers to the right; the namespace where one is not the host's."""
    named = any(episode.destination.namespace.name != "host" for episode in found)
    rows = [list(_COLUMNS) + (["namespace"] if named else [])] + \
           [_fields(episode, named) for episode in found]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    right = {_COLUMNS.index(name) for name in ("free", "close/s", "grow/s", "failed")}
    return ["  ".join(field.rjust(width) if at in right else field.ljust(width)
                      for at, (field, width) in enumerate(zip(row, widths))).rstrip()
            for row in rows]


def _head(found, since, until, gaps):
    lines = [f"{counted(len(found), 'episode')} from {said(since)} to {said(until)}"]
    for gap in gaps[:_MOST]:
        lines.append(f"nothing was recorded from {said(gap.begin)} to {said(gap.end)}: "
                     f"{WHY.get(gap.why, gap.why)}")
    if len(gaps) > _MOST:
        lines.append(f"nor in {counted(len(gaps) - _MOST, 'other gap')}")
    return lines


def _history_lines(options, found, since, until, gaps):
    lines = [] if options.no_header else _head(found, since, until, gaps)
    title, *rows = _table(found)
    if found and not options.no_header:
        lines.append(title)
    for episode, row in zip(found, rows):
        lines += [row, *_held(episode), *_levels(episode), *_failures(episode)]
    return lines


def _named(namespace):
    return {"netns": namespace.inode, "name": namespace.name, "pod_uid": namespace.pod_uid,
            "container_id": namespace.container_id}


def _episode_doc(episode):
    worst = episode.worst
    return {**_named(episode.destination.namespace), "local": episode.destination.local,
            "remote": episode.destination.remote, "from": iso(episode.begin),
            "to": iso(episode.end), "before": episode.before, "lasts": episode.lasts,
            "level": episode.level, "seconds": episode.levels, "free": episode.free,
            "close/s": episode.closing, "grow/s": episode.growing, "failed": episode.failed,
            "callers": [caller._asdict() for caller in episode.callers],
            "worst": worst and {"time": iso(worst.time), "header": worst.header,
                                "row": worst.row}}


def span_of(options, now):
    """(since, until) of the options."""
    until = options.until or now
    since = options.since if options.since is not None else until - DAY
    if since > now:
        raise UsageError(f"{said(since)} is still to come; write --since 'yesterday "
                         f"{said(since)[11:16]}'")
    if since >= until:
        raise UsageError(f"{said(since)} is not before {said(until)}")
    return since, until


def show_history(options, out):
    """twstat --history."""
    since, until = span_of(options, time.time())
    with History(options.file) as record:
        found = episodes(record, since, until, options.wanted)
        gaps = record.gaps(since, min(until, time.time()))
    if options.json:
        print(dump({"since": iso(since), "until": iso(until),
                    "gaps": [{"from": iso(gap.begin), "to": iso(gap.end), "why": gap.why}
                             for gap in gaps],
                    "episodes": [_episode_doc(episode) for episode in found]}), file=out)
        return
    width = width_of(options, out)
    for line in _history_lines(options, found, since, until, gaps):
        print(shorten_line(line, width), file=out)
