# SPDX-License-Identifier: GPL-2.0-only
"""The command line."""
import argparse
import re
import time

from .errors import UsageError
from .filters import compile_filter
from .metrics import MOST_DESTINATIONS
from .ranking import MOST, MOST_EVER
from .record import schema, times

_DESCRIPTION = """\
Shows which destinations are running out of local ports, from /proc/net/tw_summary.
"""

_EPILOG = """\
filters, as in ss(8), with and, or, not and ( ):
  dst [=] ADDR[/LEN][:PORT]   src [=] ADDR[/LEN][:PORT]   dev [=] NAME
  dport [=|!=|<|<=|>|>=] PORT   sport [=|!=|<|<=|>|>=] PORT   (443, :443, https)
  level ok|warn|crit|full (this one or worse)   dir out|in|bound
  failed (a connect() of it found no port in the last 600 s)

exit status: 0 success, 1 another failure, 2 wrong usage, 3 the module is not loaded,
4 no permission, 5 an unknown version of the interface; of --verify also 6 a rule differs,
7 not proven
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        # The first is of "-tnp" up to Python 3.11, the second of later ones, and of "-p".
        if "ignored explicit argument" in message or \
                re.match(r"unrecognized arguments: -\w( |$)", message):
            message += ": options of one letter stand alone here, and they are not those of ss"
        raise UsageError(message)


def _up_to(most, least=1):
    """The type of an option that is a number from `least` to `most`."""
    def number(text):
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"'{text}' is not a number from {least} to {most}")
        return int(text)
    return number


def _time(text):
    """The type of an option that is a time."""
    return times.parse(text, time.time())


def _add_record(parser):
    """What was it at 03:12?"""
    parser.add_argument("--record", action="store_true",
                        help="write down, every INTERVAL seconds (5), what was not ok and the "
                        "worst of each network namespace, and who failed (root)")
    parser.add_argument("--history", action="store_true",
                        help="from when to when destinations were short of ports, as recorded")
    parser.add_argument("--report", metavar="FILE.html",
                        help="the same as a page for a ticket, with drawings, programs and "
                        "what would have helped; -: standard output")
    parser.add_argument("--since", type=_time, metavar="TIME",
                        help="with --history and --report: from then on, as journalctl "
                        "takes it: 03:12, yesterday, -3h; without it a day")
    parser.add_argument("--until", type=_time, metavar="TIME",
                        help="with --history and --report: until then; without it until "
                        "now")
    parser.add_argument("--at", type=_time, metavar="TIME",
                        help="the table as it was recorded")
    parser.add_argument("--file", metavar="FILE",
                        help=f"the record; without it {schema.FILE}")
    parser.add_argument("--keep-days", type=_up_to(366), metavar="N",
                        help=f"with --record: as long; without it {schema.KEEP_DAYS}")
    parser.add_argument("--keep-mb", type=_up_to(100_000, 20), metavar="N",
                        help="with --record: megabytes that the record has at most; without "
                        f"it {schema.KEEP_MB}")


def make_parser():
    """The parser of options; the words are parsed later."""
    parser = _Parser(prog="twstat", description=_DESCRIPTION, epilog=_EPILOG,
                     usage="twstat [OPTION]... [INTERVAL [COUNT]] [FILTER]...",
                     formatter_class=argparse.RawDescriptionHelpFormatter,
                     allow_abbrev=False)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("-j", "--json", action="store_true",
                      help="all that the file says, as JSON")
    form.add_argument("-m", "--metrics", action="store_true",
                      help="Prometheus' text format")
    form.add_argument("-t", "--top", action="store_true",
                      help="a live view; keys: ? shows them")
    form.add_argument("--advise", action="store_true",
                      help="what would help where ports are short; changes nothing")
    parser.add_argument("--verify", action="store_true",
                        help="compare what the module says with what connect() and bind() "
                        "do on this kernel, in network namespaces of its own (root)")
    parser.add_argument("--if-untested", action="store_true",
                        help="with --verify: only if the header says rules=untested")
    parser.add_argument("-a", "--all", action="store_true",
                        help="every network namespace")
    parser.add_argument("-w", "--who", action="store_true",
                        help="the programs behind each destination")
    parser.add_argument("-n", "--numeric", action="store_true",
                        help="control groups as ids, not as units (ports are always numbers)")
    parser.add_argument("-H", "--no-header", action="store_true",
                        help="rows only: no summary, no names of columns")
    parser.add_argument("--sort", metavar="COLUMN",
                        help="the rows by a column: highest first, but of free, eta and next "
                        "the lowest, of level the worst")
    parser.add_argument("--per-destination", type=_up_to(MOST_DESTINATIONS), default=0,
                        metavar="N",
                        help="with --metrics: series for the N worst destinations, at "
                        f"most {MOST_DESTINATIONS}")
    parser.add_argument("--most-namespaces", type=_up_to(MOST_EVER), metavar="N",
                        help="with --metrics --all: read N network namespaces, those with "
                        f"most sockets; without it {MOST}")
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="print to a file, whose readers see it whole; -: standard output")
    parser.add_argument("--load-thresholds", metavar="FILE",
                        help="replace the rules of /proc/net/tw_thresholds by those of "
                        "a file")
    _add_record(parser)
    parser.add_argument("--width", type=int, metavar="N",
                        help="as wide as this, not as the terminal; 0: all columns")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto",
                        help="auto: on a terminal")
    parser.add_argument("-V", "--version", action="store_true",
                        help="print the version")
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _times(words):
    """INTERVAL and COUNT at the beginning of the words."""
    interval = count = None
    if words and words[0].replace(".", "", 1).isdigit():
        interval = float(words.pop(0))
        if not 0.1 <= interval <= 86400:
            raise UsageError("the interval is in seconds, from 0.1 to 86400")
        if words and words[0].isdigit():
            count = int(words.pop(0))
            if not count:
                raise UsageError("the count is at least 1")
    return interval, count


def _check_verify(options):
    if options.if_untested and not options.verify:
        raise UsageError("--if-untested goes with --verify")
    others = ("all", "who", "filtered", "metrics", "top", "advise", "interval", "sort",
              "no_header", "load_thresholds")
    if options.verify and any(getattr(options, name) for name in others):
        raise UsageError("--verify goes with --json and --output only")


def _check_metrics(options):
    if options.metrics and (options.who or options.filtered):
        raise UsageError("--metrics goes with --all and --per-destination only: "
                         "its series are always the same")
    if options.per_destination and not options.metrics:
        raise UsageError("--per-destination goes with --metrics")
    if options.most_namespaces and not (options.metrics and options.all):
        raise UsageError("--most-namespaces goes with --metrics --all")
    options.most_namespaces = options.most_namespaces or MOST


def _check_record(options):
    span = options.history or options.report is not None
    read = span or options.at is not None
    if (options.record + options.history + (options.at is not None) +
            (options.report is not None)) > 1:
        raise UsageError("--record, --history, --report and --at: one of them")
    if (options.since is not None or options.until is not None) and not span:
        raise UsageError("--since and --until go with --history and --report")
    if (options.keep_days or options.keep_mb) and not options.record:
        raise UsageError("--keep-days and --keep-mb go with --record")
    if options.file and not (options.record or read):
        raise UsageError("--file goes with --record, --history, --report and --at")
    others = ["metrics", "top", "advise", "verify", "load_thresholds"]
    if options.record:
        others += ["all", "who", "json", "filtered", "sort", "no_header", "output"]
    elif read:
        others.append("interval")
    if span:
        others += ["who", "sort"]
    if options.report is not None:
        others += ["all", "json", "no_header", "output"]
    if (options.record or read) and any(getattr(options, name) for name in others):
        raise UsageError("--record goes with INTERVAL, COUNT, --file, --keep-days and "
                         "--keep-mb only" if options.record else
                         "--report goes with a filter, --since, --until and --file only"
                         if options.report is not None else
                         "--history and --at go with a filter, with --json, and --at with "
                         "what the table takes")
    options.file = options.file or schema.FILE
    options.keep_days = options.keep_days or schema.KEEP_DAYS
    options.keep_mb = options.keep_mb or schema.KEEP_MB


def _joined(argv):
    """--since -3h: the time is no option."""
    found = []
    for word in argv:
        if found and found[-1] in ("--since", "--until", "--at") and word[:1] == "-" and \
                word[1:2].isdigit():
            word = f"{found.pop()}={word}"
        found.append(word)
    return found


def parse(argv):
    """The options. Raises UsageError."""
    options = make_parser().parse_intermixed_args(_joined(argv))
    words = list(options.words)
    options.interval, options.count = _times(words)
    options.filtered = bool(words)
    options.wanted = compile_filter(words)
    if options.output == "-":
        options.output = None           # standard output, as everywhere
    _check_record(options)
    _check_metrics(options)
    if options.top and options.all:
        raise UsageError("--top shows one namespace: nsenter -t PID -n twstat --top")
    if options.advise and (options.all or options.who or options.interval):
        raise UsageError("--advise goes with a filter only; for another namespace: "
                         "nsenter -t PID -n twstat --advise")
    if options.output and (options.top or options.interval):
        raise UsageError("--output is for one snapshot")
    if options.sort and (options.metrics or options.top or options.advise):
        raise UsageError("--sort goes with the table and with --json")
    if options.no_header and (options.json or options.metrics or options.top or
                              options.advise):
        raise UsageError("--no-header goes with the table")
    if options.load_thresholds and len(argv) > 2:
        raise UsageError("--load-thresholds goes alone")
    _check_verify(options)
    if options.width is not None and options.width < 0:
        raise UsageError("a width is at least 0")
    return options
