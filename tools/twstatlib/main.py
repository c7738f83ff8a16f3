# SPDX-License-Identifier: GPL-2.0-only
"""Reads what is asked for, and prints it in the form that is asked for."""
import os
import re
import shutil
import sys
import time

from . import advise, cgroups, jsonout, metrics, people, settings, sources, thresholds, \
    who
from .errors import Failure, NotAllowed, NotLoaded
from .options import parse
from .output import replaced
from .version import VERSION


def _width(options, out):
    """Columns that a line may have, None for any number."""
    if options.width is not None:
        return options.width or None
    if out.isatty():
        return shutil.get_terminal_size((80, 24)).columns
    return 80


def _colored(options, out):
    if options.color == "auto":
        return out.isatty() and "NO_COLOR" not in os.environ
    return options.color == "always"


def _namespaces(options):
    if options.all:
        return sources.all_namespaces()
    return [sources.Namespace(None, None, pid="self")]


def _kernel_kills(release):
    """Whether `ss -K` ends TIME_WAITs: since 6.1 it does (net/ipv4/tcp.c:tcp_abort)."""
    match = re.match(r"(\d+)\.(\d+)", release)
    return bool(match) and (int(match.group(1)), int(match.group(2))) >= (6, 1)


def _if_there(namespace, kind):
    """A file that older modules have not, or that this user may not read: None then."""
    try:
        return namespace.read(kind)
    except (NotLoaded, NotAllowed):
        return None


class People:
    """The table for people."""

    def __init__(self, options, out):
        self._options = options
        self._out = out
        self._names = cgroups.Names()

    def show(self, namespace, table, callers):
        """One namespace."""
        if namespace.name:
            print(f"{namespace.name} (netns {namespace.inode})", file=self._out)
        rows = [row for row in table.rows if self._options.wanted(row)]
        programs = who.Callers(callers, self._names) if callers else None
        detailed = programs if self._options.who else None
        lines = people.render(table, rows, _width(self._options, self._out),
                              _colored(self._options, self._out),
                              detailed.of if detailed else None,
                              programs.search() if programs else ())
        lines += detailed.binders() + detailed.users() if detailed else []
        print("\n".join(lines), file=self._out)

    def end(self, last):
        """After all namespaces of one time."""
        if not last:
            print(file=self._out)


class Json:
    """One line of JSON for each time: an object, or with --all a list of them."""

    def __init__(self, options, out):
        self._options = options
        self._out = out
        self._docs = []

    def show(self, namespace, table, callers):
        """One namespace."""
        table.rows = [row for row in table.rows if self._options.wanted(row)]
        self._docs.append(jsonout.document(table, callers if self._options.who else None,
                                           namespace if self._options.all else None))

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
        print(jsonout.dump(self._docs if self._options.all else self._docs[0]),
              file=self._out)
        self._docs = []


class Advise:
    """What would help."""

    def __init__(self, options, out):
        self._options = options
        self._out = out

    def show(self, namespace, table, callers):
        """The namespace."""
        advice = advise.Advice(table, settings.Settings(table.header), callers,
                               _if_there(namespace, sources.SOURCES),
                               _kernel_kills(os.uname().release))
        rows = [row for row in table.rows if self._options.wanted(row)]
        print("\n".join(advice.lines(rows, _width(self._options, self._out))),
              file=self._out)

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""


class Metrics:
    """Prometheus' text format."""

    def __init__(self, options, out):
        self._options = options
        self._out = out

    def show(self, namespace, table, callers):
        """The namespace."""
        self._out.write(metrics.exposition(table, VERSION, self._options.per_destination,
                                           callers, _if_there(namespace, sources.SOURCES)))

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""


def _callers(options, namespace):
    """The table of callers. Who may not read it sees the rest, unless he asked for it."""
    try:
        return namespace.read(sources.CALLERS)
    except NotAllowed:
        if options.who:
            raise
        return None


def _show_all(options, form):
    """Shows each namespace. One that has ended meanwhile is passed over."""
    shown = 0
    for namespace in _namespaces(options):
        try:
            table = namespace.read(sources.SUMMARY)
            callers = _callers(options, namespace)
        except NotLoaded:
            if not options.all:
                raise
            continue
        if options.all and shown and isinstance(form, People):
            print()
        form.show(namespace, table, callers)
        shown += 1
    if not shown:
        raise NotLoaded(sources.path_of(sources.SUMMARY))


def _repeat(options, form, out):
    left = options.count if options.interval else 1
    while True:
        if left is not None:
            left -= 1
        _show_all(options, form)
        form.end(last=left == 0)
        out.flush()
        if left == 0:
            return
        time.sleep(options.interval)


def _run(options, out):
    if options.version:
        print(f"twstat {VERSION}", file=out)
    elif options.load_thresholds:
        thresholds.load(options.load_thresholds)
    elif options.output:
        with replaced(options.output) as file:
            _print(options, file)
    else:
        _print(options, out)


def _print(options, out):
    if options.top:
        from . import top       # pylint: disable=import-outside-toplevel
        top.run(options)
    elif options.metrics:
        try:
            _repeat(options, Metrics(options, out), out)
        except Failure:
            out.write(metrics.down())
            raise
    else:
        form = Advise if options.advise else Json if options.json else People
        _repeat(options, form(options, out), out)


def main(argv):
    """Returns the exit status."""
    try:
        _run(parse(argv), sys.stdout)
        sys.stdout.flush()
    except Failure as failure:
        sys.stdout.flush()
        print(f"twstat: {failure}", file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who reads the output has seen enough (head).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0
