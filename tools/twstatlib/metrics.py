# SPDX-License-Identifier: GPL-2.0-only
"""twstat --metrics: Prometheus' text format, for node_exporter's textfile collector.

The series are few and always the same, because a label with an address in it makes a new
series for each destination. Destinations are shown only on demand, and few.
"""
import math

from . import sources, who
from .interface import LEVELS, split_address
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
        self._lines = []

    def add(self, name, kind, text, samples):
        """One metric. `samples` has pairs (labels, value); those without a value are
        left out, and a metric without samples too."""
        known = [(labels, value) for labels, value in samples if value is not None]
        if not known:
            return
        name = PREFIX + name
        self._lines.append(f"# HELP {name} {text}")
        self._lines.append(f"# TYPE {name} {kind}")
        for labels, value in known:
            inner = ",".join(f'{key}="{_escape(str(label))}"'
                             for key, label in labels.items())
            braces = f"{{{inner}}}" if inner else ""
            self._lines.append(f"{name}{braces} {_number(value)}")

    def text(self):
        """All of it."""
        return "".join(line + "\n" for line in self._lines)


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
    ports = (header.get("tried") or 0) - (header.get("reserved") or 0)
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


def _add_fixed(exp, table, version):
    header, out = table.header, table.rows_of("out")
    exp.add("up", "gauge", "Whether the module tw_summary could be read.", _one(1))
    exp.add("build_info", "gauge", "The interface's version and whether the project "
            "tests this kernel.",
            [({"interface": header["version"], "rules": header.get("rules", ""),
               "twstat": version}, 1)])
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
    exp.add("snapshot_seconds", "gauge", "How long taking the snapshot took.",
            _one((header.get("walk_us") or 0) / 1e6))


def _labels(row):
    address, _, port = split_address(row["remote"])
    local, device, _ = split_address(row["local"])
    labels = {"local": local, "remote": address, "port": port}
    if device:
        labels["device"] = device
    return labels


def _add_destinations(exp, table, most):
    # The file's order: the worst first.
    worst = table.rows_of("out")[:most]
    for name, column, text in (
            ("destination_free", "free", "Connections that will succeed."),
            ("destination_timewait", "tw", "Sockets in TIME_WAIT."),
            ("destination_reusable_if", "reuse_if",
             "By how much free rises if tcp_tw_reuse is set to 1.")):
        exp.add(name, "gauge", text, [(_labels(row), row.get(column)) for row in worst])
    exp.add("destination_used_ratio", "gauge", "Part of the ports that are not reserved "
            "which is used or bound.",
            [(_labels(row), _used_ratio(row)) for row in worst])
    exp.add("destination_failures_total", "counter",
            "connect() calls that found no port.",
            [(_labels(row), row.get("fail")) for row in worst])


def _add_search(exp, callers):
    """Of the programs, if they may be read: how long the slowest one looks for a port."""
    if callers:
        row = who.slowest(callers)
        exp.add("worst_search_seconds", "gauge", "Mean time in which the slowest "
                "program's calls find a port, or find none.",
                _one(row["search_us"] / 1e6 if row else 0.0))


def exposition(table, version, per_destination=0, callers=None, addresses=None):
    """The text for one snapshot; `addresses` is tw_sources, if the module has it."""
    exp = Exposition()
    _add_fixed(exp, table, version)
    _add_search(exp, callers)
    _add_bind(exp, addresses)
    _add_destinations(exp, table, min(per_destination, MOST_DESTINATIONS))
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

    def show(self, namespace, table, callers):
        """The namespace."""
        self._out.write(exposition(table, VERSION, self._options.per_destination,
                                   callers, namespace.read_if_there(sources.SOURCES)))

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
