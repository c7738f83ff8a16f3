# SPDX-License-Identifier: GPL-2.0-only
"""What the forms of output print, from the command line to the last line."""
import datetime
import io
import json
import os
import subprocess
import unittest
from unittest import mock

import samples
from twstatlib import cgroups, errors, interface, jsonout, main, options, output, people, \
    sources

TWSTAT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "twstat")
ROWS = [{"level": "full", "free": 0, "used": 28232, "tw": 28232, "eta": "0.0", "fail": 113},
        {"level": "crit", "free": 700, "used": 27532, "tw": 9, "eta": "-",
         "remote": "10.0.9.30:443"},
        {"level": "ok", "free": 28000, "used": 232, "tw": 232, "eta": "77.5", "fail": 2,
         "remote": "10.0.9.4:443"},
        {"dir": "in", "level": "-", "free": "-", "used": "-", "tw": 5000, "eta": "-",
         "fail": "-", "local": "10.0.0.1:80", "remote": "*"}]
CALLERS = """\
# tw_callers version=1 rows=4
fails last calls search_us pid comm cgroup local remote
2 9.0 320 40 123 report 66 10.0.0.1 10.0.9.1:443
0 - 64 40 124 nginx 47 10.0.0.1 10.0.9.1:443
0 - 64 40 125 crawler - 10.0.0.1 10.0.9.4:443
7 9.0 64 40 126 binder 66 10.0.0.1 *
"""


def all_three():
    """Namespaces: the second has nothing but a row that is well."""
    return [sources.Namespace(number, name, pid=number)
            for number, name in ((1, "host"), (2, "quiet"), (3, "pod"))]


class Forms(unittest.TestCase):
    """With a module that is not there."""

    def setUp(self):
        self.rows, self.header, self.callers = ROWS, {"level": "full", "age_ms": 0}, CALLERS
        patches = (mock.patch.object(sources, "read", self.read),
                   mock.patch.object(sources, "all_namespaces", all_three),
                   mock.patch.object(cgroups.Names, "_read", self.no_groups))
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    @staticmethod
    def no_groups(names):
        """One of the two control groups is still there."""
        names._paths = {66: "/system.slice/report.service"}  # pylint: disable=protected-access

    def read(self, path, kind):
        """Any file."""
        if kind == sources.SUMMARY:
            rows = [{}] if path.startswith("/proc/2/") else self.rows
            return interface.parse(samples.table(rows, **self.header))
        if self.callers is None:
            raise errors.NotAllowed(path)
        return interface.parse(self.callers, kind)

    def run_main(self, *argv, tty=False):
        """(status, lines, what is said beside them)"""
        out, err = io.StringIO(), io.StringIO()
        out.isatty = lambda: tty
        with mock.patch("sys.stdout", out), mock.patch("sys.stderr", err):
            status = main.main(argv)
        return status, out.getvalue().splitlines(), err.getvalue()

    def lines(self, *argv, tty=False):
        """The lines of a run that succeeds in silence."""
        status, lines, said = self.run_main(*argv, tty=tty)
        self.assertEqual((status, said), (0, ""))
        return lines

    def remotes(self, *argv):
        """The last column of the rows."""
        return [line.split()[-1] for line in self.lines("-H", *argv)]

    def test_filter_is_counted(self):
        """Rows that match, and the level of the namespace beside them."""
        self.assertIn("level full: 1 full, 1 crit, 1 ok", self.lines())
        self.assertIn("level full; of the rows that match: 1 crit, 1 ok",
                      self.lines("not", "level", "full"))

    def test_no_row_matches(self):
        """It is said, and it is no failure."""
        lines = self.lines("dst", "10.1.1.1")
        self.assertEqual(lines[-1], "no row matches")
        self.assertIn("level full", lines)
        self.assertEqual(self.lines("-H", "dst", "10.1.1.1"), [])
        self.rows = []
        self.assertNotIn("no row matches", self.lines())

    def test_all(self):
        """A namespace without a match is not shown."""
        lines = self.lines("--all", "level", "crit")
        self.assertEqual([line for line in lines if "netns" in line],
                         ["host (netns 1)", "pod (netns 3)"])
        self.assertEqual(lines.count(""), 1)
        self.assertEqual(len([line for line in self.lines("--all") if "netns" in line]), 3)
        self.assertEqual(self.lines("--all", "dst", "10.1.1.1"), ["no row matches"])
        self.assertEqual([doc["name"] for doc in
                          json.loads(self.lines("-j", "--all", "level", "crit")[0])],
                         ["host", "pod"])
        self.assertEqual(self.lines("-j", "--all", "dst", "10.1.1.1"), ["[]"])

    def test_all_with_binds(self):
        """bind() calls that failed lately have no row, and are found all the same."""
        self.rows = [{}]
        for last, found in (("3.0", True), ("600.0", True), ("600.1", False), ("-", False)):
            self.header = {"bind_fails": 5, "bind_fails_last": last}
            lines = self.lines("--all", "--who", "failed")
            self.assertEqual("pod (netns 3)" in lines, found, last)
            self.assertEqual("bind() with port 0 found no port:" in lines, found, last)
        self.header["bind_fails_last"] = "3.0"
        self.assertEqual(self.lines("--all", "not", "failed", "level", "crit"),
                         ["no row matches"])

    def test_options_of_ss(self):
        """A habit from ss gets a sentence."""
        status, _, said = self.run_main("-tnp")
        self.assertEqual(status, 2)
        self.assertIn("not those of ss", said)

    def test_only_rows(self):
        """Nothing but rows."""
        self.assertEqual(self.remotes(), ["10.0.9.1:443", "10.0.9.30:443", "10.0.9.4:443",
                                          "*"])
        self.assertEqual(len(self.lines("-H", "--all", "0.1", "2")), 2 * (4 + 1 + 4))

    def test_sort(self):
        """Each column by what hurts; without a value last; it is said."""
        first, second, third = "10.0.9.1:443", "10.0.9.30:443", "10.0.9.4:443"
        for column, remotes in {"free": [first, second, third, "*"],
                                "tw": [first, "*", third, second],
                                "used": [first, second, third, "*"],
                                "eta": [first, third, second, "*"],
                                "fail": [first, third, second, "*"],
                                "level": [first, second, third, "*"],
                                "remote": [first, third, second, "*"],
                                "dir": ["*", first, second, third]}.items():
            with self.subTest(column):
                self.assertEqual(self.remotes("--sort", column), remotes)
        self.assertIn("sorted by eta, the soonest first", self.lines("--sort", "eta"))
        doc = json.loads(self.lines("-j", "--sort", "tw", "dir", "out")[0])
        self.assertEqual([row["remote"] for row in doc["rows"]], [first, third, second])
        status, lines, said = self.run_main("--sort", "color")
        self.assertEqual((status, lines), (2, []))
        self.assertIn("no column 'color' to sort by: dir, level, free", said)

    def test_who_without_the_right(self):
        """People get the table and a line; a program must not take it for no callers."""
        self.callers = None
        lines = self.lines("--who")
        self.assertEqual(sum("tw_callers may be read by root only" in line
                             for line in lines), 1)
        self.assertTrue(any(line.endswith("10.0.9.1:443") for line in lines))
        self.assertFalse(any("tw_callers" in line for line in self.lines()))
        status, lines, said = self.run_main("--who", "--json")
        self.assertEqual((status, lines), (4, []))
        self.assertIn("root only", said)

    def test_who_as_json(self):
        """Callers of the rows that match, with the names of their units."""
        def callers(*argv):
            doc = json.loads(self.lines("--json", "--who", *argv)[0])
            return [(row["comm"], row.get("unit", "no name"))
                    for row in doc["callers"]["rows"]]
        self.assertEqual(callers("level", "full"),
                         [("report", "report.service"), ("nginx", "id 47")])
        self.assertEqual(callers("-n", "dst", "10.0.9.4"), [("crawler", "no name")])
        self.assertEqual([comm for comm, _ in callers()],
                         ["report", "nginx", "crawler", "binder"])
        self.assertEqual(callers()[2], ("crawler", None))
        self.assertEqual(callers("dst", "10.1.1.1"), [])

    def test_numeric(self):
        """Control groups by their ids."""
        self.assertTrue(any("report[123] of report.service:" in line
                            for line in self.lines("-w")))
        self.assertTrue(any("report[123] of id 66:" in line for line in self.lines("-wn")))

    def test_time(self):
        """Above each snapshot and in each document: when it was taken, not when it was
        read."""
        lines = self.lines("0.1", "2")
        stamps = [line for line in lines if line[:2] == "20"]
        self.assertEqual(len(stamps), 2)
        self.assertEqual(lines[0], stamps[0])
        self.assertEqual(lines[lines.index("") + 1], stamps[1])
        self.assertIsNotNone(datetime.datetime.fromisoformat(stamps[0]).tzinfo)
        self.assertEqual(self.lines("--all", "0.1", "1", "dst", "10.1.1.1")[0][:2], "20")
        self.assertFalse([line for line in self.lines() if line[:2] == "20"])
        self.header["age_ms"] = 5000
        before = datetime.datetime.now().astimezone()
        docs = [json.loads(line) for line in self.lines("--json", "0.1", "2")]
        times = [datetime.datetime.fromisoformat(doc["time"]) for doc in docs]
        self.assertLess(times[0], times[1])
        self.assertLess(abs((before - times[0]).total_seconds() - 5), 1)

    def test_width(self):
        """A terminal's, but in a pipe all columns, however long they are."""
        with mock.patch.dict(os.environ, COLUMNS="80"):
            self.assertLessEqual(max(map(len, self.lines("--color", "never", tty=True))), 80)
            title = [line for line in self.lines() if line.startswith("dir ")][0]
        self.assertEqual(title.split(), samples.COLUMNS)

    def test_no_color(self):
        """NO_COLOR has to have a value (no-color.org)."""
        class Screen(io.StringIO):
            """A terminal."""
            def isatty(self):
                return True
        for value, colored in ((None, True), ("", True), ("1", False)):
            environment = {} if value is None else {"NO_COLOR": value}
            with self.subTest(value), mock.patch.dict("os.environ", environment, clear=True):
                self.assertEqual(output.is_colored(options.parse([]), Screen()), colored)

    def test_output(self):
        """`-` is standard output."""
        self.assertEqual(self.lines("-o", "-"), self.lines())


class FullDevice(unittest.TestCase):
    """What cannot be written is no success."""

    def test_status(self):
        """One sentence, and nothing of Python."""
        with open("/dev/full", "w", encoding="ascii") as full:
            run = subprocess.run([TWSTAT, "--version"], stdout=full, stderr=subprocess.PIPE,
                                 text=True, check=False)
        self.assertEqual((run.returncode, run.stderr),
                         (1, "twstat: standard output: No space left on device\n"))


class Widths(unittest.TestCase):
    """Which columns a terminal gets, and how much of the addresses."""

    LOCAL = "2001:db8:1111:2222:3333:4444:5555:7777"
    REMOTE = "[2001:db8:1111:2222:3333:4444:5555:6666]:44300"
    BAD = {"level": "crit", "free": 50, "used": 28182, "use%": "99.8", "tw": 28000,
           "next": "55.1", "eta": "4.0", "fail": 1130}

    def table(self, rows, width):
        """The names of the columns, and the lines of the rows."""
        parsed = interface.parse(samples.table(rows))
        lines = people.table_lines(parsed, parsed.rows, width)
        self.assertLessEqual(max(map(len, lines)), width)
        return lines[0].split(), lines[1:]

    def test_idle_row_is_shortened(self):
        """It takes no column from the row that matters, nor from its addresses."""
        alone, _ = self.table([self.BAD], 80)
        names, lines = self.table([self.BAD, {"local": self.LOCAL, "remote": self.REMOTE}],
                                  80)
        for name in ("use%", "tw", "eta", "fail", "next", "used"):
            self.assertIn(name, alone)
            self.assertIn(name, names)
        self.assertIn("10.0.0.1        10.0.9.1:443", lines[0])
        self.assertRegex(lines[1], r" 2001:\S*~\S+ +\[2001:\S*~\S+:44300$")

    def test_bad_row_is_readable(self):
        """Where there is room for its addresses, columns that matter less go."""
        bad = {**self.BAD, "local": self.LOCAL, "remote": self.REMOTE}
        names, lines = self.table([bad, {}], 130)
        self.assertIn(self.LOCAL, lines[0])
        self.assertIn(self.REMOTE, lines[0])
        self.assertNotIn("syn", names)
        for name in ("use%", "tw", "eta", "fail"):
            self.assertIn(name, names)

    def test_room_for_all(self):
        """What is left when all columns are there goes to the addresses of idle rows."""
        for width, whole in ((150, False), (210, True)):
            names, lines = self.table([self.BAD, {"local": self.LOCAL,
                                                  "remote": self.REMOTE}], width)
            self.assertEqual(names, samples.COLUMNS)
            self.assertEqual(self.LOCAL in lines[1] and self.REMOTE in lines[1], whole)

    def test_narrow(self):
        """The columns that say how bad it is stay, also at 60."""
        for rows in ([{**self.BAD, "local": self.LOCAL, "remote": self.REMOTE}],
                     [self.BAD, {"local": self.LOCAL, "remote": self.REMOTE}]):
            names, lines = self.table(rows, 60)
            for name in ("use%", "tw", "eta", "fail"):
                self.assertIn(name, names)
            self.assertIn("~", lines[-1])

    def test_reuse(self):
        """used and use% count different things then; it is said, and reuse is shown."""
        for width in (60, 80, None):
            lines = people.table_lines(*self.with_reuse(1201), width)
            self.assertEqual(lines[0], "tw and used include the ports of reuse, which are "
                             "free")
        self.assertIn("reuse", people.table_lines(*self.with_reuse(1201), 80)[1].split())
        lines = people.table_lines(*self.with_reuse(0), 80)
        self.assertNotIn("include", lines[0])

    @staticmethod
    def with_reuse(number):
        """A table and its rows."""
        parsed = interface.parse(samples.table([{"free": 28200, "used": 1238, "use%": "1.4",
                                                 "tw": 1210, "reuse": number}]))
        return parsed, parsed.rows

    def test_documents(self):
        """A document without a filter has what it had."""
        doc = jsonout.document(interface.parse(samples.readme()))
        self.assertEqual(list(doc), ["time", "header", "rows"])
