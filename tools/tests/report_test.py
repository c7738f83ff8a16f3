#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The report says what is in the database, and nothing that is in it can do harm."""
import io
import os
import random
import re
import sqlite3
import tempfile
import time
import unittest
from unittest import mock

import dom
import report_samples
from report_samples import BEGIN, EVIL, TOTAL
from twstatlib import main
from twstatlib.filters import compile_filter
from twstatlib.record import read
from twstatlib.report import axis, incidents, markup, place, run, series, stack


class Zone(unittest.TestCase):
    """Tests that need a zone, one whose clocks are changed."""

    def setUp(self):
        old = os.environ.get("TZ")
        os.environ["TZ"] = "Europe/Berlin"
        time.tzset()

        def back():
            os.environ.pop("TZ")
            if old is not None:
                os.environ["TZ"] = old
            time.tzset()
        self.addCleanup(back)


class Page(Zone):
    """A record, and the page of it."""

    def said(self, words, text):
        """Of a page it is enough to know what is missing."""
        self.assertTrue(words in text, f"'{words}' is not in the page")

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "history.sqlite3")
        self.night = report_samples.Night(self.path)
        self.addCleanup(self.night.database.close)

    def text(self, since=BEGIN - 600, until=BEGIN + 1800, words=()):
        """The page as it is written."""
        with read.History(self.path) as history:
            return run.text(history, since, until, compile_filter(list(words)), until)

    def page(self, *args, **more):
        """The page as a tree."""
        return dom.parse(self.text(*args, **more))

    def query(self, text, *values):
        """What the database itself says."""
        with sqlite3.connect(self.path) as database:
            return database.execute(text, values).fetchall()

    def numbers(self, section):
        """The table of numbers of a section: a list of dicts by column."""
        head, *rows = section.all("details")[-1].all("table")[0].rows()
        return [dict(zip(head, row)) for row in rows]


class Story(Page):
    """The night of the samples."""

    def setUp(self):
        super().setUp()
        self.night.story()

    def test_overview(self):
        """Each destination with the numbers of the database, the worst first."""
        _, *rows = self.page().all("table")[0].rows()
        self.assertEqual([row[0] for row in rows],
                         ["10.0.0.1 → 10.0.9.1:443", "10.0.0.1 → 10.0.9.2:443",
                          "bind() with 10.0.0.1 and port 0"])
        self.assertEqual([row[1] for row in rows], ["full", "warn", "-"])
        for ident, row in enumerate(rows, 1):
            free, = self.query("SELECT min(free) FROM sample WHERE destination = ?", ident)[0]
            fails, = self.query("SELECT total(fails) FROM failure WHERE destination = ?",
                                ident)[0]
            self.assertEqual(row[3], "-" if free is None else str(free))
            self.assertEqual(int(row[4]), fails)

    def test_numbers(self):
        """Each row of the table is a look of the database: all states, and what bind() has
        taken. And no call is lost."""
        section = self.page().all("section")[0]
        rows = [row for row in self.numbers(section) if row["level"] != "not recorded"]
        self.assertGreater(len(rows), 40)
        for row in rows:
            moment = time.mktime(time.strptime(row["time"], "%Y-%m-%d %H:%M:%S"))
            (free, waiting, opened, bound), = self.query(
                "SELECT sample.free, sample.tw, sample.estab, state.bound FROM sample "
                "JOIN look ON look.id = sample.look JOIN state ON state.look = look.id "
                "WHERE destination = 1 AND at = ?", moment * 1000)
            self.assertEqual([int(row[name]) for name in
                              ("free", "TIME_WAIT", "open", "lost to bind()")],
                             [free, waiting, opened, bound])
        fails, = self.query("SELECT sum(fails) FROM failure WHERE destination = 1")[0]
        self.assertEqual(sum(int(row["calls failed since the row before"])
                             for row in self.numbers(section)), fails)

    def test_programs(self):
        """With their units, and what they failed."""
        _, *rows = self.page().all("section")[0].all("table")[0].rows()
        counts = self.query("SELECT sum(fails), program, unit FROM failure JOIN caller ON "
                            "caller.id = caller WHERE destination = 1 GROUP BY 2 ORDER BY 1 "
                            "DESC")
        self.assertEqual([(int(count), *who) for count, *who in rows], counts)
        self.assertIn(EVIL, [program for _, program, _ in counts])

    def test_nothing_runs(self):
        """Names of programs are text; nothing is fetched from anywhere."""
        text = self.text()
        self.assertFalse(EVIL in text)
        root = dom.parse(text)
        allowed = {"html", "head", "meta", "title", "style", "body", "main", "section", "h1",
                   "h2", "h3", "p", "b", "a", "ul", "ol", "li", "dl", "dt", "dd", "div",
                   "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "time",
                   "figure", "figcaption", "details", "summary", "svg", "defs", "pattern",
                   "rect", "path", "line", "text"}
        for node in root.all():
            # An SVG has titles too.
            self.assertIn(node.tag, allowed)
            for name, value in node.attributes.items():
                self.assertFalse(name.startswith("on") or name in ("src", "style"), name)
                if name == "href":
                    self.assertRegex(value, r"\A#d\d+\Z")
        self.assertEqual(re.findall(r"https?:|//|@import", text), [])
        self.assertEqual(set(re.findall(r"url\((.*?)\)", text)),
                         {f"#p-{name}" for name in ("timewait", "open", "other", "bound",
                                                    "reuse", "gap")})

    def test_gaps(self):
        """They are drawn where they were, and said to be unknown."""
        root = self.page(BEGIN, BEGIN + 1000)
        self.said("No record for 2 min 5 s", root.text())
        self.said("2025-11-29 03:09:55 to 03:12:00", root.text())
        drawing = root.all("section")[0].all("svg", "plot")[0]
        gap, = drawing.all("rect", "gap")
        self.said("the recorder did not run", gap.text())
        begin, width = (float(gap.attributes[name].rstrip("%")) for name in ("x", "width"))
        words = root.all("figcaption")[0].text()
        since, until = (self.moment(part) for part in
                        re.search(r"failed, (\S+ \S+) to (\S+) CET", words).groups())
        span = until - since
        self.assertAlmostEqual(since + begin * span / 100, BEGIN + 595, delta=0.1)
        self.assertAlmostEqual(begin + width, 100, delta=0.1)

    @staticmethod
    def moment(words):
        """Seconds since 1970; the night is of one day."""
        words = words if " " in words else f"2025-11-29 {words}"
        return time.mktime(time.strptime(words, "%Y-%m-%d %H:%M:%S"))

    def test_levels(self):
        """Each change is in the table, and the band has them in their order."""
        section = self.page().all("section")[0]
        changes = section.all("details")[0].all("table")[0].rows()[1:]
        levels = ["ok", "warn", "crit", "full", "crit", "warn", "ok"]
        self.assertEqual([row[2] for row in changes], levels)
        band = section.all("svg", "plot")[0].all("rect", "level")
        self.assertEqual([rect.attributes["class"].split()[1] for rect in band], levels)

    def test_areas(self):
        """The drawing is where the numbers are: at the top of the area of free ports is the
        most that there can be, and it never leaves the plot."""
        areas = self.page().all("section")[0].all("path", "area")
        heights = {area.attributes["class"].split()[1]:
                   [float(y) for y in re.findall(r"V([\d.]+)", area.attributes["d"])]
                   for area in areas}
        self.assertEqual(list(heights), ["free", "timewait", "open", "bound"])
        top, bottom = min(heights["free"]), max(heights["free"])
        self.assertEqual((top, bottom), (24, 204))
        scale = (bottom - top) / TOTAL
        most, = self.query("SELECT max(bound) FROM state")[0]
        self.assertAlmostEqual(min(heights["bound"]), bottom - most * scale, delta=0.06)
        self.assertAlmostEqual(min(heights["timewait"]), top, delta=0.06)

    def test_filter(self):
        """Only what it is about."""
        root = self.page(words=["dst", "10.0.9.2"])
        self.assertEqual(len(root.all("section")), 1)
        self.said("1 destination that the filter is about was in trouble", root.text())

    def test_remedies(self):
        """They are those of the worst moment."""
        words = self.page().all("section")[0].all("div", "remedies")[0].text()
        (reuse_if, waiting), = self.query("SELECT reuse_if, tw FROM sample WHERE free = 0 AND "
                                          "destination = 1 ORDER BY look LIMIT 1")
        self.said(f"tcp_tw_reuse=1: {reuse_if} ports at once", words)
        self.said(f"up to {waiting} ports", words)
        self.said("twstat --advise prints the settings", words)

    def test_calm(self):
        """Where nobody was in trouble, one sentence says so, and no drawing is empty."""
        root = self.page(BEGIN + 725, BEGIN + 995)
        self.said("No destination was in trouble between 2025-11-29 03:12:05 and "
                      "2025-11-29 03:16:35", root.text())
        self.assertEqual((root.all("table"), root.all("svg")), ([], []))
        self.assertFalse("No record" in root.text())

    def test_nothing_recorded(self):
        """That is not peace."""
        self.said("Nothing was recorded in this time",
                      self.page(BEGIN + 605, BEGIN + 700).text())


class Command(Page):
    """twstat --report."""

    def setUp(self):
        super().setUp()
        self.night.story()
        self.html = os.path.join(os.path.dirname(self.path), "page.html")

    def run_main(self, *argv):
        """(status, standard output, what is said beside it)"""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("sys.stdout", out), mock.patch("sys.stderr", err):
            status = main.main(list(argv))
        return status, out.getvalue(), err.getvalue()

    def test_file(self):
        """It is written whole, in silence; only its owner may read it. - is standard
        output."""
        span = ("--since", "2025-11-29 02:50", "--until", "2025-11-29 03:30", "--file",
                self.path)
        self.assertEqual(self.run_main("--report", self.html, *span), (0, "", ""))
        self.assertEqual(os.stat(self.html).st_mode & 0o777, 0o600)
        with open(self.html, encoding="utf-8") as file:
            said = file.read()
        self.assertTrue(said.startswith("<!DOCTYPE html>\n"))
        self.assertEqual(len(dom.parse(said).all("section")), 3)
        status, out, _ = self.run_main("--report", "-", *span, "dst", "10.0.9.2")
        self.assertEqual((status, len(dom.parse(out).all("section"))), (0, 1))

    def test_head(self):
        """Whose page it is, and of which time, with its zone."""
        facts = [node.text() for node in self.page().all("dd")]
        self.assertEqual(facts[:4], ["web-1", "Linux 6.1.0-57-amd64", "tw_summary 0.1.0",
                                     "2025-11-29 02:50:00 to 03:30:00 CET (+01:00)"])
        self.night.database.execute("UPDATE machine SET kernel = '6.12.9', module = NULL "
                                    "WHERE stretch = 2")
        self.night.database.commit()
        facts = [node.text() for node in self.page().all("dd")]
        self.assertEqual(facts[:3], ["web-1", "Linux 6.1.0-57-amd64, then Linux 6.12.9",
                                     "tw_summary 0.1.0, then tw_summary not loaded"])

    def test_errors(self):
        """One sentence, and the status of the other forms; no file is left."""
        damaged = self.path + ".damaged"
        with open(damaged, "wb") as file:
            file.write(b"SQLite format 3\0" + b"x" * 5000)
        for argv, status, words in (
                (("--file", self.path + "x"), 1, "is not there"),
                (("--file", damaged), 1, "damaged"),
                (("--file", self.path, "--since", "+1h"), 2, "still to come"),
                (("--file", self.path, "--since", "never"), 2, "is not a time"),
                (("--file", self.path, "--json"), 2, "--report goes with"),
                (("--file", self.path, "--history"), 2, "one of them"),
                (("--file", self.path, "dst", "x"), 2, "x")):
            with self.subTest(argv):
                got, out, err = self.run_main("--report", self.html, *argv)
                self.assertEqual((got, out, err.count("\n")), (status, "", 1), err)
                self.assertIn(words, err)
                self.assertFalse(os.path.exists(self.html))
        got, _, err = self.run_main("--report", "/nowhere/page.html", "--file", self.path)
        self.assertEqual((got, err), (1, "twstat: /nowhere/page.html: No such file or "
                                      "directory\n"))


class Much(Page):
    """More than a page can have."""

    def test_week(self):
        """The page of a week is small, and has the one look that was worst."""
        worst = self.night.week(step=60)
        text = self.text(BEGIN, BEGIN + 7 * 86400)
        self.assertLess(len(text), 100_000)
        root = dom.parse(text)
        rows = self.numbers(root.all("section")[0])
        self.assertLessEqual(len(rows), incidents.MOST_NUMBERS)
        self.assertEqual(min(int(row["free"]) for row in rows), 1)
        row = next(row for row in rows if row["free"] == "1")
        self.assertEqual(row["time"], axis.full(worst))
        area = root.all("section")[0].all("path", "timewait")[0].attributes["d"]
        self.said("V24.2", area)        # 24 is 0 ports free, each port is 0.18
        self.assertLess(area.count("V"), incidents.MOST_MOMENTS + 3)

    def test_destinations(self):
        """The worst are drawn, others listed, and the rest counted."""
        self.night.stretch()
        rows = {}
        for ident in range(10, 310):
            self.night.put("destination", ident, 1, "10.0.0.1", f"10.1.{ident}.1:80", 0)
            rows[ident] = report_samples.row(970 - ident // 2)
        self.night.at(0, rows, header=self.night.HEADER)
        self.night.at(5, {}, [(309, 7, 1)])
        root = self.page(BEGIN, BEGIN + 5)
        self.assertEqual(len(root.all("section")), incidents.MOST_DRAWN)
        listed = root.all("table")[0].rows()[1:]
        self.assertEqual(len(listed), incidents.MOST_LISTED)
        self.said(f"{len(rows) - incidents.MOST_LISTED} more destinations not listed",
                      root.text())
        self.assertEqual(listed[0][0], "10.0.0.1 → 10.1.10.1:80")
        self.assertEqual(len(root.all("a")), incidents.MOST_DRAWN)

    def test_not_again(self):
        """What is not in the next stretch ends with its own."""
        self.night.stretch()
        both = {1: report_samples.row(900), 2: report_samples.row(900)}
        self.night.at(0, both, header=self.night.HEADER)
        self.night.at(100, {}, [])
        self.night.stretch()
        self.night.at(105, {2: both[2]}, header=self.night.HEADER)
        self.night.at(200)
        ends = [max(float(x) for area in section.all("path", "area")
                    for x in re.findall(r"H([\d.]+)", area.attributes["d"]))
                for section in self.page(BEGIN, BEGIN + 200).all("section")]
        self.assertAlmostEqual(ends[0], 500, delta=5)
        self.assertEqual(ends[1], 1000)

    def test_gaps(self):
        """A recorder that hardly ever came to run does not fill the page."""
        self.night.stretch()
        for second in range(0, 40000, 20):
            self.night.at(second, {1: report_samples.row(900)}, header=self.night.HEADER)
        text = self.text(BEGIN, BEGIN + 40000)
        self.assertLess(len(text), 150_000)
        self.said("and 1997 more times", text)


class Parts(Zone):
    """What the page is made of."""

    def test_markup(self):
        """Text cannot become markup, wherever it stands."""
        said = markup.element("p", "<b>&", markup.element("i", 1.50), class_='"x" y')
        self.assertEqual(said, '<p class="&quot;x&quot; y">&lt;b&gt;&amp;<i>1.5</i></p>')
        self.assertEqual(markup.text("a\u202eb\0c\ud800"), "a?b?c?")
        self.assertEqual(markup.joined(["<", None, markup.Markup("<br>")], "&"),
                         "&lt;&amp;<br>")

    def test_stack(self):
        """Each port is in one part; what is free is so in the drawing as well."""
        header = {"tried": 1000, "reserved": 100}
        row = {"free": 300, "tw": 250, "reuse": 50, "estab": 100, "fw2": 20, "syn": 3,
               "cwait": 2, "other": 1}
        self.assertEqual(stack.stack_of(row, header)._asdict(),
                         {"bound": 274, "open": 100, "other": 26, "timewait": 200,
                          "reuse": 50, "free": 250})
        self.assertIsNone(stack.stack_of({**row, "free": None}, header))
        self.assertIsNone(stack.stack_of(row, {}))
        chance = random.Random(1)
        for _ in range(2000):
            row = {name: chance.choice((None, chance.randrange(1200))) for name in row}
            row["free"] = chance.randrange(901)
            parts = stack.stack_of(row, header)
            self.assertEqual(sum(parts), 900, row)
            self.assertGreaterEqual(min(parts), 0, row)
            self.assertEqual(parts.free + parts.reuse, row["free"], row)

    def test_series(self):
        """At most so many, and of each step the least that was or held in it."""
        chance = random.Random(2)
        for count in (5, 39, 40, 41, 1000):
            kept = series.Series(0, 1000, 40, lambda moment: moment)
            times = sorted(chance.uniform(-5, 1000) for _ in range(count))
            points = [(at, chance.choice((None, *range(50)))) for at in times]
            for point in points:
                kept.add(*point)
            found = kept.moments()
            self.assertLessEqual(len(found), 40)
            self.assertEqual(kept.thinned, count > 40)
            if not kept.thinned:
                self.assertEqual(found, [(max(at, 0), value) for at, value in points])
                continue
            for step in range(40):
                begin, end = step * kept.step, (step + 1) * kept.step
                want = self.least(points, begin, end)
                got = [value for at, value in found if at <= begin + 1e-6]
                self.assertEqual(got[-1] if got else None, want, (count, step))

    @staticmethod
    def least(points, begin, end):
        """By brute force."""
        held = [value for at, value in points if at < begin]
        inside = [value for at, value in points if begin <= max(at, 0) < end]
        return min((value for value in held[-1:] + inside if value is not None), default=None)

    def test_runs(self):
        """What is not known is a hole."""
        self.assertEqual(series.runs([(0, "a"), (5, None), (7, "b"), (8, "c")], 10),
                         [[(0, 5, "a")], [(7, 8, "b"), (8, 10, "c")]])
        self.assertEqual(series.runs([], 10), [])

    def test_room(self):
        """A word is inside the area, and there is none where it has no room."""
        chance = random.Random(3)
        for _ in range(300):
            edges = sorted(chance.random() for _ in range(8))
            bands = [(left, right, *sorted((chance.randrange(50), chance.randrange(50, 100))))
                     for left, right in zip(edges, edges[1:])]
            found = place.room(bands, 0.2, 15)
            if found:
                across, down = found
                for left, right, top, bottom in bands:
                    if left < across + 0.0999 and right > across - 0.0999:
                        self.assertLessEqual(top, down - 7.5)
                        self.assertGreaterEqual(bottom, down + 7.5)
        flat = [(0.0, 0.3, 0, 20), (0.3, 0.5, 10, 30), (0.6, 0.9, 0, 20)]
        self.assertIsNone(place.room(flat, 0.4, 15))
        self.assertEqual(place.room(flat, 0.3, 15), (0.75, 10))
        self.assertEqual(place.room([(0.0, 1.0, 0, 20)], 0.3, 15), (0.5, 10))

    def test_times(self):
        """Round times, not too many; in the night of the change too."""
        for since in (BEGIN, 1743292800, 1761433200):       # an ordinary one, and both changes
            for length in (1, 7, 61, 599, 3600, 7200, 86400, 3 * 86400, 30 * 86400):
                marks = axis.time_marks(since, since + length)
                self.assertLessEqual(len(marks), 8)
                self.assertGreaterEqual(len(marks), 2 if length > 1 else 1, length)
                times = [mark[0] for mark in marks]
                if len(times) > 1:          # they go on to the end
                    self.assertLess(since + length - times[-1],
                                    max(end - at for at, end in zip(times, times[1:])))
                for at, words, _ in marks:
                    self.assertTrue(since <= at <= since + length)
                    self.assertEqual(axis.full(at)[11:11 + len(words)], words)
        self.assertEqual([words for _, words, _ in axis.time_marks(BEGIN, BEGIN + 1800)],
                         ["03:00", "03:05", "03:10", "03:15", "03:20", "03:25", "03:30"])

    def test_words(self):
        """Of times."""
        self.assertEqual(axis.span(BEGIN, BEGIN + 65),
                         "2025-11-29 03:00:00 to 03:01:05 CET (+01:00)")
        self.assertEqual(axis.span(1761433200, 1761447600),
                         "2025-10-26 01:00:00 CEST (+02:00) to 2025-10-26 04:00:00 CET "
                         "(+01:00)")
        self.assertEqual([axis.lasting(seconds) for seconds in
                          (0, 0.34, 9.96, 48, 303, 3600, 7470, 90000)],
                         ["0 s", "0.3 s", "10 s", "48 s", "5 min 3 s", "1 h", "2 h 4 min",
                          "1 d 1 h"])

    def test_numbers(self):
        """Round ones from 0 to the most."""
        self.assertEqual(axis.number_marks(1000), [0, 500, 1000])
        self.assertEqual(axis.number_marks(28232), [0, 10000, 20000, 28232])
        for most in range(1, 3000):
            marks = axis.number_marks(most)
            self.assertTrue(2 <= len(marks) <= 6 and marks == sorted(set(marks)), marks)


if __name__ == "__main__":
    unittest.main()
