# SPDX-License-Identifier: GPL-2.0-only
"""The metrics, and the command line."""
import io
import os
import re
import tempfile
import unittest
from unittest import mock

import promtool
import samples
import traffic
from twstatlib import errors, interface, main, metrics, named, options, sources


def series(text):
    """{name with labels: value}"""
    return dict(line.rsplit(" ", 1) for line in text.splitlines()
                if not line.startswith("#"))


class Metrics(unittest.TestCase):
    """Prometheus' text format."""

    def text(self, rows, **header):
        """What Prometheus reads, of a table."""
        return metrics.exposition(interface.parse(samples.table(rows, **header)), "1.2")

    def of(self, rows, **header):
        """The series of a table."""
        return series(self.text(rows, **header))

    def test_promtool(self):
        """It has nothing to say of the text, and sees a mistake in it."""
        text = self.text([{"level": "full", "free": 0, "use%": "100.0", "eta": "0.0"},
                          {"level": "ok", "free": 9, "use%": "10.0"}])
        promtool.run(self, "check", "metrics", text=text)
        with self.assertRaises(AssertionError):
            promtool.run(self, "check", "metrics", text=text.replace("_total", "_count"))

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
        found = series(metrics.exposition(table, "1.2", (), callers))
        self.assertEqual(found[name], "0.0044")
        callers.rows = []
        found = series(metrics.exposition(table, "1.2", (), callers))
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
        found = series(metrics.exposition(table, "1.2", (), None,
                                          interface.parse(text, "tw_sources")))
        self.assertEqual(found["ephemeral_ports_worst_bind_free"], "80")
        self.assertEqual(found["ephemeral_ports_wildcard_bind_free"], "70")
        self.assertNotIn("ephemeral_ports_worst_bind_free", self.of([]))

    def test_levels(self):
        """Numbers that a rule can compare, and the outlook of each level."""
        found = self.of([{"level": "warn", "free": 5000, "close/s": "600.0"},
                         {"level": "crit", "free": 1000, "close/s": "1.0"},
                         {"free": 28232, "close/s": "10.0"}],
                        level="crit", bind_level="-")
        for name, value in (("worst_level", "2"), ("bind_level", "0"),
                            ('worst_projected_ratio{level="warn"}', "2.098"),
                            ('worst_projected_ratio{level="crit"}', "0.967"),
                            ('worst_projected_ratio{level="ok"}', "0.021"),
                            ('worst_projected_ratio{level="full"}', "0.0"),
                            ("worst_lasting_ratio", "0.965")):
            with self.subTest(name):
                self.assertEqual(found["ephemeral_ports_" + name], value)
        self.assertEqual(self.of([], bind_level="full")["ephemeral_ports_bind_level"], "3")
        for header in ({"level": "-"}, {"bind_level": "-", "fails": "-"}, {}):
            found = self.of([], **header)
            self.assertNotIn("ephemeral_ports_" + ("worst" if "level" in header else "bind")
                             + "_level", found)
        # bind() has taken half of the ports, and nobody has connected yet.
        self.assertEqual(self.of([], tried=100, usable=50)[
            "ephemeral_ports_worst_lasting_ratio"], "0.5")

    def test_on_the_way(self):
        """The outlook is above 1 long before the level is."""
        machine = traffic.Machine()
        seen = [series(metrics.exposition(interface.parse(text), "1.2"))
                for text in traffic.looks(machine, lambda _: (500,), 45)]
        self.assertEqual([found['ephemeral_ports_worst_projected_ratio{level="ok"}']
                          for found in seen], ["0.0", "1.063", "1.063", "1.063"])


class Named(unittest.TestCase):
    """Series of destinations."""

    ROWS = [{"remote": f"10.0.9.{number}:443", "used": 1000 - number}
            for number in range(30)]

    def of(self, rows, most, before=()):
        """The series, and the text for the next time."""
        table = interface.parse(samples.table(rows, usable=28000))
        text = metrics.exposition(table, "1.2",
                                  named.chosen(table, most, dict(before)))
        return series(text), text

    @staticmethod
    def ages(found):
        """{remote: seconds since it was among the worst}"""
        return {re.search('remote="([^"]*)"', name).group(1): value
                for name, value in found.items() if name.startswith(named.AGE)}

    def remembered(self, text, seconds=0):
        """What a file with this text says after so many seconds."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tw_summary.prom")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.utime(path, (1000000, 1000000))
            with mock.patch("time.time", lambda: 1000000.0 + seconds):
                return named.remembered(path)

    def test_few(self):
        """Only on demand, the worst ones."""
        for asked in (0, 3, 10):
            self.assertEqual(len(self.ages(self.of(self.ROWS, asked)[0])), asked)
        found, _ = self.of(self.ROWS, 1)
        for name, value in (("free", "0"), ("timewait", "0"), ("reusable_if", "0"),
                            ("used_ratio", "0.0"), ("failures_total", "0"),
                            ("projected_ratio", "1.0"), ("worst_age_seconds", "0.0")):
            self.assertEqual(found['ephemeral_ports_destination_' + name + '{local='
                                   '"10.0.0.1",remote="10.0.9.0",port="443"}'], value)

    def test_worth_a_name(self):
        """A crawler's destinations have no names: a hundredth of the ports, a level, or
        calls that failed."""
        rows = [{"remote": "10.0.9.1:443", "used": 282},
                {"remote": "10.0.9.2:443", "used": 283},
                {"remote": "10.0.9.3:443", "used": 1, "level": "warn"},
                {"remote": "10.0.9.4:443", "fail": 1}]
        self.assertEqual(set(self.ages(self.of(rows, 10)[0])),
                         {"10.0.9.2", "10.0.9.3", "10.0.9.4"})

    def test_ten_minutes(self):
        """It stays after it was among the worst, with its own row or as a new one."""
        _, text = self.of(self.ROWS[:2], 2)
        for seconds, there in ((15, True), (599, True), (600, True), (601, False)):
            found, _ = self.of(self.ROWS[1:4], 2, self.remembered(text, seconds))
            self.assertEqual(self.ages(found).get("10.0.9.0"),
                             f"{seconds}.0" if there else None)
            self.assertEqual(self.ages(found)["10.0.9.1"], "0.0")
        found, text = self.of(self.ROWS[1:4], 2, self.remembered(text, 15))
        gone = '{local="10.0.0.1",remote="10.0.9.0",port="443"}'
        self.assertEqual(found["ephemeral_ports_destination_free" + gone], "28000")
        self.assertNotIn("ephemeral_ports_destination_failures_total" + gone, found)
        # The next time it is 15 s older; and it is new again when it is among the worst.
        ages = self.remembered(text, 15)
        self.assertEqual(self.ages(self.of(self.ROWS[1:4], 2, ages)[0])["10.0.9.0"], "30.0")
        self.assertEqual(self.ages(self.of(self.ROWS, 2, ages)[0])["10.0.9.0"], "0.0")

    def test_bounded(self):
        """However fast they change: those stay that were there last."""
        text = ""
        for number in range(0, 600, 5):
            rows = [{"remote": f"10.1.{number}.{of}:80", "fail": 1} for of in range(5)]
            found, text = self.of(rows, 5, self.remembered(text, 1))
        self.assertEqual(len(self.ages(found)), 50)
        self.assertIn("10.1.595.4", self.ages(found))
        self.assertIn("10.1.550.0", self.ages(found))
        self.assertNotIn("10.1.545.0", self.ages(found))

    def test_devices(self):
        """Two destinations that differ in the device only."""
        rows = [{"local": local, "used": 900} for local in ("10.0.0.1%eth1", "10.0.0.1")]
        _, text = self.of(rows, 5)
        found, _ = self.of([], 5, self.remembered(text, 15))
        self.assertEqual(len([name for name in found if named.AGE in name]), 2)
        self.assertIn(named.AGE + '{local="10.0.0.1",remote="10.0.9.1",port="443",'
                      'device="eth1"}', found)

    def test_what_was_not_written_by_twstat(self):
        """Is passed over."""
        self.assertEqual(named.remembered("/nonexistent"), {})
        self.assertEqual(named.remembered("/dev/zero"), {})
        good = named.AGE + '{local="a",remote="b",port="1"} 5.0'
        self.assertEqual(self.remembered(good), {("a", "b", "1", None): 5.0})
        self.assertEqual(self.remembered(good, -9), {("a", "b", "1", None): 5.0})
        for text in ("", "\0\x01", good + "e9", good[:-3], good.replace("local", "x"),
                     good.replace("5.0", "-5"), good.replace("5.0", "NaN"),
                     good.replace("a", 'a",x="'), "# " + good):
            with self.subTest(text):
                self.assertEqual(self.remembered(text), {})


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

    def test_remembers(self):
        """What the file had, as the timer's unit runs it."""
        texts = [samples.table([{"remote": f"10.0.9.{number}:443", "fail": 1}])
                 for number in (1, 2)]

        def read(path, kind):
            if not path.endswith("tw_summary"):
                raise errors.NotAllowed(path)
            return interface.parse(texts.pop(0), kind)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tw_summary.prom")
            for _ in range(2):
                got, _, err = self.run_main(["--metrics", "--per-destination", "1",
                                             "--output", path], read)
                self.assertEqual((got, err), (0, ""))
            with open(path, encoding="utf-8") as file:
                found = Named.ages(series(file.read()))
        self.assertEqual(set(found), {"10.0.9.1", "10.0.9.2"})

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
