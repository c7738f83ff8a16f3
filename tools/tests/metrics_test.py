# SPDX-License-Identifier: GPL-2.0-only
"""The metrics, and the command line."""
import io
import re
import unittest
from unittest import mock

import samples
from twstatlib import errors, interface, main, metrics, options, sources


def series(text):
    """{name with labels: value}"""
    return dict(line.rsplit(" ", 1) for line in text.splitlines()
                if not line.startswith("#"))


class Metrics(unittest.TestCase):
    """Prometheus' text format."""

    def of(self, rows, per_destination=0, **header):
        """The series of a table."""
        table = interface.parse(samples.table(rows, **header))
        return series(metrics.exposition(table, "1.2", per_destination))

    def test_values(self):
        """As in the table."""
        found = self.of([{"level": "full", "free": 0, "use%": "100.0", "eta": "0.0"},
                         {"level": "ok", "free": 9, "use%": "10.0"}],
                        timewait=28229, fails=113, clashes=7, bind_fails=2,
                        bind_fails_last="1.5", bound=3, usable=28229, walk_us=812)
        for name, value in {"up": "1", "usable": "28229", "bound": "3",
                            'sockets{state="time_wait"}': "28229",
                            'destinations{level="full"}': "1",
                            'destinations{level="warn"}': "0",
                            "worst_free": "0", "worst_used_ratio": "1.0",
                            "worst_exhaustion_seconds": "0.0",
                            "connect_failures_total": "113",
                            "bind_failures_total": "2",
                            "bind_failure_age_seconds": "1.5",
                            "connect_clashes_total": "7",
                            "snapshot_complete": "1",
                            "snapshot_seconds": "0.000812"}.items():
            with self.subTest(name):
                self.assertEqual(found["ephemeral_ports_" + name], value)

    def test_always_the_same_series(self):
        """With a row or without, but for what is not known."""
        full = self.of([{"level": "full", "free": 0, "eta": "0.0"}])
        self.assertEqual(set(full), set(self.of([])))
        self.assertEqual(self.of([])["ephemeral_ports_worst_exhaustion_seconds"], "+Inf")
        self.assertEqual(self.of([])["ephemeral_ports_bind_failure_age_seconds"], "+Inf")
        self.assertNotIn("ephemeral_ports_connect_failures_total",
                         self.of([], fails="-"))

    def test_search(self):
        """Of the slowest program; 0 while none is known, and nothing without the right."""
        name = "ephemeral_ports_worst_search_seconds"
        table = interface.parse(samples.table([]))
        callers = interface.parse(samples.callers(), "tw_callers")
        found = series(metrics.exposition(table, "1.2", 0, callers))
        self.assertEqual(found[name], "0.0044")
        callers.rows = []
        found = series(metrics.exposition(table, "1.2", 0, callers))
        self.assertEqual(found[name], "0.0")
        self.assertNotIn(name, self.of([]))

    def test_used_without_a_row(self):
        """What bind() has taken is lost to every destination, and reserved ports are none."""
        for header, ratio in (({"usable": 0}, "1.0"), ({"tried": 0, "usable": 0}, "1.0"),
                              ({"tried": 210, "reserved": 10, "usable": 30}, "0.85"),
                              ({"tried": 300, "usable": 1}, "0.996"), ({}, "0.0"),
                              ({"usable": "-"}, "0.0")):
            with self.subTest(header):
                self.assertEqual(
                    self.of([], **header)["ephemeral_ports_worst_used_ratio"], ratio)
        self.assertEqual(self.of([{"use%": "99.5"}], tried=200, usable=30)[
            "ephemeral_ports_worst_used_ratio"], "0.995")

    def test_what_older_modules_have_not(self):
        """Its series are there if the file has them."""
        self.assertNotIn("ephemeral_ports_timewait_dropped_total", self.of([]))
        self.assertEqual(self.of([], timewait_dropped=1050)[
            "ephemeral_ports_timewait_dropped_total"], "1050")
        name = "ephemeral_ports_worst_growth_per_second"
        self.assertNotIn(name, self.of([{}]))
        for growth, said in ((("20.0", "-3.0"), "20.0"), (("-5.0", "-"), "0.0")):
            found = self.of([{"grow/s": value} for value in growth])
            self.assertEqual(found[name], said)

    def test_addresses(self):
        """The worst address; wildcards apart, for which every port in use counts."""
        table = interface.parse(samples.table([]))
        text = ("# tw_sources version=1 tried=200\nbind_free use% local\n80 60.0 127.0.0.6\n"
                "70 65.0 0.0.0.0\n70 65.0 [::]\n- - 10.0.0.7\n200 0.0 other\n")
        found = series(metrics.exposition(table, "1.2", 0, None,
                                          interface.parse(text, "tw_sources")))
        self.assertEqual(found["ephemeral_ports_worst_bind_free"], "80")
        self.assertEqual(found["ephemeral_ports_wildcard_bind_free"], "70")
        self.assertNotIn("ephemeral_ports_worst_bind_free", self.of([]))

    def test_few_destinations(self):
        """Only on demand, the worst ones, at most ten."""
        rows = [{"remote": f"10.0.9.{number}:443"} for number in range(30)]
        free = re.compile(r"ephemeral_ports_destination_free\{")
        for asked, shown in ((0, 0), (3, 3), (99, 10)):
            names = [name for name in self.of(rows, asked) if free.match(name)]
            self.assertEqual(len(names), shown)
        self.assertIn('ephemeral_ports_destination_free{local="10.0.0.1",'
                      'remote="10.0.9.0",port="443"}', self.of(rows, 1))


class Options(unittest.TestCase):
    """The command line."""

    def test_understood(self):
        """Numbers first, then conditions; options anywhere."""
        parsed = options.parse(["-w", "5", "10", "dst", "10.0.0.0/8", "--width", "0"])
        self.assertEqual((parsed.interval, parsed.count, parsed.who, parsed.width),
                         (5.0, 10, True, 0))
        self.assertTrue(parsed.filtered)
        self.assertEqual(options.parse(["0.5"]).interval, 0.5)

    def test_refused(self):
        """With a sentence, and status 2."""
        for text in ("-x", "0", "5 0", "1 2 3", "dst", "--metrics dst 1.2.3.4",
                     "--metrics --json", "--per-destination 3", "--top --all",
                     "--metrics --per-destination 11", "--width -1", "--width x"):
            with self.subTest(text), self.assertRaises(errors.UsageError):
                options.parse(text.split())


class Main(unittest.TestCase):
    """Statuses, and what is printed."""

    def run_main(self, argv, read):
        """(status, standard output, standard error)"""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(sources, "read", read), \
                mock.patch("sys.stdout", out), mock.patch("sys.stderr", err):
            status = main.main(argv)
        return status, out.getvalue(), err.getvalue()

    def test_statuses(self):
        """One sentence for each failure, and a status of its own."""
        for failure, status in ((errors.NotLoaded("/f"), 3), (errors.NotAllowed("/f"), 4),
                                (errors.UnknownVersion("v"), 5), (errors.Failure("x"), 1)):
            got, out, err = self.run_main([], mock.Mock(side_effect=failure))
            self.assertEqual((got, out), (status, ""))
            self.assertRegex(err, r"\Atwstat: [^\n]+\n\Z")

    def test_down(self):
        """Metrics say so as well."""
        got, out, _ = self.run_main(["--metrics"],
                                    mock.Mock(side_effect=errors.NotLoaded("/f")))
        self.assertEqual(got, 3)
        self.assertEqual(series(out), {"ephemeral_ports_up": "0"})

    def test_module_without_sources(self):
        """Metrics need tw_summary only."""
        def read(path, _kind):
            if path.endswith("tw_sources"):
                raise errors.NotLoaded(path)
            return interface.parse(samples.readme())
        got, out, err = self.run_main(["--metrics"], read)
        self.assertEqual((got, err), (0, ""))
        self.assertEqual(series(out)["ephemeral_ports_up"], "1")

    def test_filtered_and_repeated(self):
        """Three times the one row that is wanted."""
        table = lambda *_: interface.parse(samples.readme())  # noqa: E731
        got, out, _ = self.run_main(["--json", "0.1", "3", "level", "crit"], table)
        self.assertEqual(got, 0)
        self.assertEqual(out.count("10.0.9.1:8080"), 3)
        self.assertEqual(out.count("5432"), 0)
