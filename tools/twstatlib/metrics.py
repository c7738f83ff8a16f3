# SPDX-License-Identifier: GPL-2.0-only
"""twstat --metrics: Prometheus' text format, for node_exporter's textfile collector.

The series are few and always the same; destinations are named only on demand (named.py).

With --all, other network namespaces have the same series under other names, netns_...: so
what is asked of a host's series, a sum or an alert, has the same answer with it and without.
"""
import math

from . import named, outlook, ranking, sources, who
from .errors import NotAllowed
from .interface import LEVELS
from .version import VERSION

PREFIX = "ephemeral_ports_"
MOST_DESTINATIONS = 10

STATES = (("time_wait", "timewait"), ("fin_wait2", "fin_wait2"),
          ("established", "established"), ("syn_sent", "syn_sent"),
          ("close_wait", "close_wait"), ("other", "other"))


def _escape(text):
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value):
    if value == math.inf:
        return "+Inf"
    return str(int(value)) if isinstance(value, (bool, int)) else repr(value)


class Exposition:
    """Collects series and prints them."""

    def __init__(self):
        self._metrics = {}

    def add(self, name, kind, text, samples):
        """One metric, or more samples of it. `samples` has pairs (labels, value); those
        without a value are left out, and a metric without samples too."""
        known = [(labels, value) for labels, value in samples if value is not None]
        if known:
            # The samples of one metric have to stand together.
            self._metrics.setdefault(PREFIX + name, (kind, text, []))[2].extend(known)

    def text(self):
        """All of it."""
        lines = []
        for name, (kind, text, samples) in self._metrics.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            for labels, value in samples:
                inner = ",".join(f'{key}="{_escape(str(label))}"'
                                 for key, label in labels.items())
                braces = f"{{{inner}}}" if inner else ""
                lines.append(f"{name}{braces} {_number(value)}")
        return "".join(line + "\n" for line in lines)


class _OfNamespace:
    """Adds series of another network namespace to an Exposition."""

    def __init__(self, exp, namespace):
        self._exp = exp
        labels = {"netns": namespace.inode, "name": namespace.name,
                  "pod_uid": namespace.pod_uid, "container_id": namespace.container_id}
        self._labels = {key: label for key, label in labels.items() if label}

    def add(self, name, kind, text, samples):
        """As that of an Exposition."""
        self._exp.add("netns_" + name, kind, "Another network namespace: " + text,
                      [({**self._labels, **labels}, value) for labels, value in samples])


def _one(value):
    return [({}, value)]


def _used_ratio(row):
    return None if row.get("use%") is None else round(row["use%"] / 100, 3)


def _least(values):
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _most(values):
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _worst_free(header, out):
    """With no row at all, what is usable is what is free."""
    return _least([row.get("free") for row in out] + [header.get("usable")])


def _fresh_used(header):
    """Of a destination that nobody has used yet: what bind() has taken, from everybody.
    Rounded down, as the file rounds."""
    usable = header.get("usable")
    if usable is None:
        return 0.0
    ports = outlook.ports_of(header)
    return (ports - usable) * 1000 // ports / 1000 if ports > 0 else 1.0


def _worst_used(header, out):
    return _most([_used_ratio(row) for row in out] + [_fresh_used(header)])


def _first_full(out):
    first = _least([row.get("eta") for row in out])
    return math.inf if first is None else first


def _age(header, key):
    """Of the last one; nothing if they are not counted."""
    if header.get(key) is None:
        return None
    last = header.get(key + "_last")
    return math.inf if last is None else last


def _fastest_growth(table):
    """A pool that drains grows not at all. None if the module does not tell."""
    if "grow/s" not in table.columns:
        return None
    return _most([row.get("grow/s") for row in table.rows_of("out")] + [0.0])


def _level(header, key):
    """A number, so that a rule can compare; nothing if it is not known."""
    return LEVELS.index(header[key]) if header.get(key) in LEVELS else None


def _bind_level(header):
    """While calls are counted and no program binds, none is short."""
    if header.get("bind_level") is None and "bind_level" in header and \
            header.get("fails") is not None:
        return 0
    return _level(header, "bind_level")


def _worst_lasting(header, out):
    return _most([outlook.lasting(row, header) for row in out] + [_fresh_used(header)])


def _worst_projected(table, level):
    """Of the destinations that are on a level; 0 if none is."""
    wanted = outlook.coming(table)
    return _most([outlook.projected(row, table.header, wanted)
                  for row in table.rows_of("out") if row.get("level") == level] + [0.0])


def _add_outlook(exp, table):
    header, out = table.header, table.rows_of("out")
    exp.add("worst_level", "gauge", "The level of the worst destination, or of one that "
            "nobody has used yet: 0 ok, 1 warn, 2 crit, 3 full.",
            _one(_level(header, "level")))
    exp.add("bind_level", "gauge", "The same of the worst local address that programs "
            "bind with port 0.", _one(_bind_level(header)))
    exp.add("worst_lasting_ratio", "gauge", "Part of the ports that no timer gives back: "
            "open connections, leaks, what bind() has taken.",
            _one(_worst_lasting(header, out)))
    exp.add("worst_projected_ratio", "gauge", "Part of the ports that the present rate of "
            "closing leads to, for the worst destination of each level; above 1 there are "
            "not so many.",
            [({"level": level}, _worst_projected(table, level)) for level in LEVELS])


def _add_bind(exp, table):
    """From tw_sources. Addresses and wildcards apart: every port in use counts for a
    wildcard, so it has few left where no program that binds is short of ports."""
    rows = table.rows if table else []
    wildcards = ("0.0.0.0", "[::]")
    for name, text, chosen in (
            ("worst_bind_free", "bind() calls with port 0 that will succeed from the local "
             "address that has fewest left.",
             [row for row in rows if row["local"] not in wildcards]),
            ("wildcard_bind_free", "bind() calls with port 0 that will succeed from the "
             "wildcard address.", [row for row in rows if row["local"] in wildcards])):
        exp.add(name, "gauge", text, _one(_least([row.get("bind_free")
                                                  for row in chosen])))


def _add_machine(exp, header, version):
    exp.add("up", "gauge", "Whether the module tw_summary could be read.", _one(1))
    exp.add("build_info", "gauge", "The interface's version and whether the project "
            "tests this kernel.",
            [({"interface": header["version"], "rules": header.get("rules", ""),
               "twstat": version}, 1)])


def _add_fixed(exp, table):
    header, out = table.header, table.rows_of("out")
    exp.add("snapshot_complete", "gauge",
            "Whether all sockets were counted.", _one(header.get("complete")))
    exp.add("usable", "gauge", "Ports that connections to one destination can have.",
            _one(header.get("usable")))
    exp.add("bound", "gauge", "Ports of the range that bind() or listen() has taken "
            "from all destinations.", _one(header.get("bound")))
    exp.add("sockets", "gauge", "Sockets of the namespace by state.",
            [({"state": state}, header.get(key)) for state, key in STATES])
    exp.add("destinations", "gauge", "Destinations by level.",
            [({"level": level}, sum(row.get("level") == level for row in out))
             for level in LEVELS])
    exp.add("destinations_hidden", "gauge", "Destinations that found no room under "
            "max_rows, at least.", _one(header.get("hidden_min")))
    exp.add("worst_free", "gauge", "Connections that will succeed to the destination "
            "that has fewest left.", _one(_worst_free(header, out)))
    exp.add("worst_used_ratio", "gauge", "Part of the ports that are not reserved which "
            "is used or bound, for the worst destination; without any, for a new one.",
            _one(_worst_used(header, out)))
    exp.add("worst_exhaustion_seconds", "gauge", "Time until the first destination has "
            "no port left; +Inf if none will be full.",
            _one(_first_full(out)))
    exp.add("worst_growth_per_second", "gauge", "Ports that the destination which grows "
            "fastest takes per second, those in TIME_WAIT aside.",
            _one(_fastest_growth(table)))
    exp.add("timewait_dropped_total", "counter", "Closed connections that got no TIME_WAIT "
            "(tcp_max_tw_buckets, or no memory).", _one(header.get("timewait_dropped")))
    exp.add("connect_failures_total", "counter", "connect() calls that found no port.",
            _one(header.get("fails")))
    exp.add("bind_failures_total", "counter", "bind() calls with port 0 that found "
            "none.", _one(header.get("bind_fails")))
    exp.add("bind_failure_age_seconds", "gauge", "Time since the last of these; +Inf "
            "before the first.", _one(_age(header, "bind_fails")))
    exp.add("connect_clashes_total", "counter", "connect() calls with a port of their "
            "own, to where it was connected already.", _one(header.get("clashes")))
    exp.add("mispredicted_total", "counter", "connect() calls that proved a snapshot "
            "wrong.", _one(header.get("mispredicted")))
    exp.add("snapshot_seconds", "gauge", "How long taking the snapshot took.",
            _one((header.get("walk_us") or 0) / 1e6))


def _add_destinations(exp, table, destinations):
    """Of one that has no row any more: what a new one has. The number of its failures is
    not known then."""
    header, wanted = table.header, outlook.coming(table)
    fresh = {"free": header.get("usable"), "tw": 0, "reuse_if": 0, "use%":
             100 * _fresh_used(header)}

    def add(name, kind, text, value):
        exp.add("destination_" + name, kind, text,
                [(each.labels, value(each.row or fresh)) for each in destinations])

    add("free", "gauge", "Connections that will succeed.", lambda row: row.get("free"))
    add("timewait", "gauge", "Sockets in TIME_WAIT.", lambda row: row.get("tw"))
    add("reusable_if", "gauge", "By how much free rises if tcp_tw_reuse is set to 1.",
        lambda row: row.get("reuse_if"))
    add("used_ratio", "gauge", "Part of the ports that are not reserved which is used or "
        "bound.", _used_ratio)
    add("projected_ratio", "gauge", "Part of the ports that the present rate of closing "
        "leads to.", lambda row: outlook.projected(row, header, wanted))
    add("failures_total", "counter", "connect() calls that found no port.",
        lambda row: row.get("fail"))
    exp.add("destination_worst_age_seconds", "gauge", "Time since it was among the worst; "
            "0 while it is.",
            [(each.labels, round(each.age, 1)) for each in destinations])


def _add_search(exp, callers):
    """Of the programs, if they may be read: how long the slowest one looks for a port."""
    if callers:
        row = who.slowest(callers)
        exp.add("worst_search_seconds", "gauge", "Mean time in which the slowest "
                "program's calls find a port, or find none.",
                _one(row["search_us"] / 1e6 if row else 0.0))


def _add_namespace(exp, table, callers, addresses):
    """What each namespace has."""
    _add_fixed(exp, table)
    _add_outlook(exp, table)
    _add_search(exp, callers)
    _add_bind(exp, addresses)


def _add_others(exp, others):
    """The other network namespaces: those that were read, and the sum of the rest."""
    for each in others.read:
        _add_namespace(_OfNamespace(exp, each.namespace), each.table, each.callers,
                       each.addresses)
    exp.add("netns_shown", "gauge", "Other network namespaces that have series of their "
            "own.", _one(len(others.read)))
    exp.add("netns_rest", "gauge", "Other network namespaces with sockets that have none, "
            "because others have more sockets.", _one(len(others.rest)))
    exp.add("netns_rest_sockets", "gauge", "The sockets of all these.",
            [({"state": "in_use"}, sum(one.in_use for one in others.rest)),
             ({"state": "time_wait"}, sum(one.timewait for one in others.rest))])
    exp.add("netns_unread", "gauge", "Other network namespaces that could not be read.",
            _one(others.unread))


# The parts of one text; but for the first they may be missing.
# pylint: disable-next=too-many-arguments
def exposition(table, version, destinations=(), callers=None, addresses=None, others=None):
    """The text for one snapshot: `destinations` are those to name (named.chosen),
    `addresses` is tw_sources, if the module has it, `others` are other network namespaces
    (ranking.others)."""
    exp = Exposition()
    _add_machine(exp, table.header, version)
    _add_namespace(exp, table, callers, addresses)
    _add_destinations(exp, table, destinations)
    if others:
        _add_others(exp, others)
    return exp.text()


def down():
    """The text when the module can't be read: that alone."""
    exp = Exposition()
    exp.add("up", "gauge", "Whether the module tw_summary could be read.", _one(0))
    return exp.text()


class Metrics:
    """Prometheus' text format."""

    def __init__(self, options, out):
        self._options = options
        self._out = out
        self.written = False        # the series of this time

    def show(self, namespace, table, callers):
        """The namespace; and the others. Who may not look for these gets it alone, and the
        failure."""
        options = self._options
        before = named.remembered(options.output) if options.output else {}
        others = failure = None
        if options.all:
            try:
                others = ranking.others(options.most_namespaces)
            except NotAllowed as refused:
                failure = refused
        self._out.write(exposition(
            table, VERSION, named.chosen(table, options.per_destination, before),
            callers, namespace.read_if_there(sources.SOURCES), others))
        self.written = True
        if failure:
            raise failure

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
        self.written = False
