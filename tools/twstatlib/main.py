# SPDX-License-Identifier: GPL-2.0-only
"""Reads what is asked for, and prints it in the form that is asked for."""
import os
import sys
import time

from . import metrics, sources, thresholds
from .advise import Advise
from .errors import Failure, NotAllowed, NotLoaded
from .jsonout import Json
from .options import parse
from .output import replaced
from .people import People
from .version import VERSION


def _namespaces(options):
    if options.all and not options.metrics:     # these choose what they read (ranking.py)
        return sources.all_namespaces()
    return [sources.Namespace(None, None, pid="self")]


def _callers(options, namespace):
    """The table of callers. Who may not read it sees the rest; a program that asked for
    it must not take this for no callers."""
    try:
        return namespace.read(sources.CALLERS)
    except NotAllowed:
        if options.who and options.json:
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
    elif options.record:
        from .record import recorder    # pylint: disable=import-outside-toplevel
        recorder.run(options)
    elif options.report is not None:
        from .report import run         # pylint: disable=import-outside-toplevel
        run.run(options, out)
    elif options.load_thresholds:
        thresholds.load(options.load_thresholds)
    elif options.output:
        # What names programs is for who may know them.
        secret = options.who or options.history or options.at is not None
        with replaced(options.output, 0o600 if secret else 0o644) as file:
            _print(options, file)
    else:
        _print(options, out)


def _print(options, out):
    if options.verify:
        from . import verify    # pylint: disable=import-outside-toplevel
        verify.run(options, out)
    elif options.history or options.at is not None:
        from .record import shown   # pylint: disable=import-outside-toplevel
        (shown.show_history if options.history else shown.show_table)(options, out)
    elif options.top:
        from .top import terminal   # pylint: disable=import-outside-toplevel
        terminal.run(options)
    elif options.metrics:
        form = metrics.Metrics(options, out)
        try:
            _repeat(options, form, out)
        except Failure:
            if not form.written:
                out.write(metrics.down())
            raise
    else:
        form = Advise if options.advise else Json if options.json else People
        _repeat(options, form(options, out), out)


def _status(argv):
    """Runs it; the exit status."""
    try:
        _run(parse(argv), sys.stdout)
    except Failure as failure:
        sys.stdout.flush()
        print(f"twstat: {failure}", file=sys.stderr)
        return failure.status
    return 0


def _give_up_output():
    """What could not be written is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(argv):
    """Returns the exit status."""
    if sys.stdout is None:
        print("twstat: standard output is closed", file=sys.stderr)
        return 1
    try:
        status = _status(argv)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who reads the output has seen enough (head).
        _give_up_output()
        return 141
    except OSError as error:
        _give_up_output()
        print(f"twstat: {error.filename or 'standard output'}: {error.strerror}",
              file=sys.stderr)
        return Failure.status
