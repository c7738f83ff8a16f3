# SPDX-License-Identifier: GPL-2.0-only
"""The live view without a terminal: sorting, keys, and lines at each size."""
import os
import re
import unittest

import samples
from twstatlib import interface
from twstatlib.filters import compile_filter
from twstatlib.top import graph, screentext
from twstatlib.top.draw import Drawing
from twstatlib.top.programs import Units
from twstatlib.top.prompt import Prompt
from twstatlib.top.scroll import Scroll
from twstatlib.top.view import View

LONG = "[2001:db8:1111:2222:3333:4444:5555:6666]:44300"
WHEN = "2026-11-28T03:04:05+00:00"
WIDE = "\u65e5\u672c\u8a9e"
SIZES = ((60, 20), (80, 24), (160, 50))
ROWS = [
    {"level": "full", "free": 0, "used": 5, "fail": 113, "eta": "0.0", "close/s": "1.5",
     "remote": "10.0.9.30:443"},
    {"level": "warn", "free": 40, "used": 9, "eta": "59.2", "close/s": "470.4",
     "local": "192.168.100.100", "remote": "192.168.200.200:44300"},
    {"level": "ok", "free": 90, "used": 7, "fail": 7, "remote": "10.0.9.4:443"},
    {"dir": "in", "level": "-", "free": "-", "used": "-", "use%": "-", "fail": "-",
     "local": "10.0.0.1:80", "remote": "*"},
]
MANY = [{"free": 5000 - number, "used": number, "remote": f"10.1.{number // 250}."
         f"{number % 250}:443"} for number in range(4096)]


class Names:
    """Control groups with a name for each number."""

    @staticmethod
    def name(ident):
        """The name."""
        return f"unit-{ident}.service"


def table(rows, **header):
    """A parsed table."""
    return interface.parse(samples.table(rows, **header))


def callers(*rows):
    """A parsed table of callers: those of the document, and more."""
    return interface.parse(samples.callers() + "".join(row + "\n" for row in rows),
                           "tw_callers")


def view_of(rows, text="", who=False, **header):
    """A view that has taken one snapshot."""
    view = View(compile_filter(text.split()), 2.0, who, Units(Names))
    view.take(table(rows, **header), WHEN)
    return view


def lines_of(view, width=80, height=24):
    """The texts of a screen."""
    return [text for text, _ in Drawing(view).lines(height, width)[0]]


def press(view, *keys):
    """Presses keys; each is drawn, as in reality."""
    for key in keys:
        lines_of(view)
        view.press(key)


def title_of(view, width=80, height=24):
    """The names of the columns."""
    return next(text for text, style in Drawing(view).lines(height, width)[0]
                if style == "title").split()


def remotes(view):
    """The remote ends, in their order."""
    return [row["remote"] for row in view.rows()]


class Graph(unittest.TestCase):
    """Bars and history."""

    def test_bar(self):
        """Its parts are in proportion, and what is left is never hidden."""
        row = {"free": 50, "reuse": 10, "reuse_if": 20}
        self.assertEqual(graph.bar(row, 100, 100),
                         "#" * 30 + "i" * 20 + "r" * 10 + " " * 40)
        self.assertEqual(graph.bar({"free": 1}, 28232, 20), "#" * 19 + " ")
        self.assertEqual(graph.bar({"free": 0}, 28232, 20), "#" * 20)
        self.assertEqual(graph.bar({"free": 28231}, 28232, 20), "#" + " " * 19)
        self.assertEqual(graph.bar({"free": None}, 28232, 20), " " * 20)

    def test_bound_ports_are_used(self):
        """160 of 200 ports are gone, 150 of them by bind(): the bar says so."""
        view = view_of([{"level": "warn", "free": 40, "used": 10}], tried=210, reserved=10,
                       bound=150, usable=50)
        line = [text for text in lines_of(view, 120) if text.startswith("warn")][0]
        shown = line[line.index("[") + 1:line.index("]")]
        self.assertEqual(shown.count("#"), round(len(shown) * 0.8))

    def test_history(self):
        """The later, the further to the right; so many destinations are remembered."""
        history = graph.History()
        for used in (0.0, 50.0, 100.0):
            history.add([{"local": "a", "remote": "b", "use%": used}])
        row = {"local": "a", "remote": "b"}
        self.assertEqual(graph.spark(history.of(row), 5), "   +@")
        self.assertEqual(graph.spark(history.of(row), 2), "+@")
        for number in range(5000):
            history.add([{"local": "a", "remote": str(number), "use%": 1.0}])
        self.assertEqual(history.of(row), ())


class Text(unittest.TestCase):
    """Cells."""

    def test_cells(self):
        """Wide characters take two, combining ones none."""
        self.assertEqual(screentext.cells("abc"), 3)
        self.assertEqual(screentext.cells(WIDE), 6)
        self.assertEqual(screentext.cells("e\u0301"), 1)

    def test_exactly_as_wide(self):
        """Whatever is in it: a column begins where the title says."""
        for text in ("", "abc", WIDE, "a" + WIDE, "e\u0301" * 9, WIDE * 5):
            for width in range(12):
                with self.subTest(text=text, width=width):
                    self.assertEqual(screentext.cells(screentext.left(text, width)), width)
                    self.assertEqual(screentext.cells(screentext.right(text, width)), width)

    def test_encodable(self):
        """In another locale it is as wide as before."""
        self.assertEqual(screentext.encodable("a" + WIDE, "ascii"), "a" + "?" * 6)
        self.assertEqual(screentext.encodable("a" + WIDE, "utf-8"), "a" + WIDE)


class Scrolling(unittest.TestCase):
    """The part of a list that is seen."""

    def check(self, scroll, count, page):
        """The chosen line is seen, and no line is empty without need."""
        seen = scroll.seen()
        self.assertEqual(len(seen), min(count, page))
        if count:
            self.assertIn(scroll.at, seen)

    def test_keys(self):
        """Each, on lists of all lengths and pages of all heights."""
        for count in (0, 1, 2, 5, 17, 4096):
            for page in (1, 2, 5, 30):
                for text in (False, True):
                    scroll = Scroll(text)
                    for key in ("KEY_DOWN", "KEY_NPAGE", "KEY_END", "KEY_UP", "KEY_PPAGE",
                                "KEY_NPAGE", "KEY_HOME", "KEY_UP", "j", "k", "G", "g"):
                        scroll.fit(count, page)
                        self.assertTrue(scroll.press(key))
                        with self.subTest(count=count, page=page, key=key):
                            self.check(scroll, count, page)
        self.assertFalse(scroll.press("x"))

    def test_where(self):
        """End, Home and pages go where they should."""
        scroll = Scroll()
        scroll.fit(100, 10)
        for key, at, first in (("KEY_NPAGE", 10, 10), ("KEY_DOWN", 11, 10),
                               ("KEY_END", 99, 90), ("KEY_UP", 98, 90),
                               ("KEY_PPAGE", 88, 80), ("KEY_HOME", 0, 0),
                               ("KEY_PPAGE", 0, 0)):
            scroll.press(key)
            with self.subTest(key):
                self.assertEqual((scroll.at, scroll.first), (at, first))
        self.assertEqual(scroll.position(), ("rows 1-10 of 100", "1/100"))

    def test_shorter(self):
        """The list becomes shorter than where it was seen."""
        scroll = Scroll()
        scroll.fit(100, 10)
        scroll.press("KEY_END")
        scroll.fit(3, 10)
        self.assertEqual((scroll.at, list(scroll.seen())), (2, [0, 1, 2]))


class Typing(unittest.TestCase):
    """The line that is edited."""

    def test_editing(self):
        """Keys that move and delete."""
        for keys, text in ((["a", "b", "KEY_LEFT", "x"], "axb"),
                           (["a", "b", "KEY_BACKSPACE"], "a"), (["a", "\x7f", "\x7f"], ""),
                           (["a", "b", "KEY_HOME", "KEY_DC", "x"], "xb"),
                           (["a", "b", "\x15", "c"], "c"),
                           (["a", "b", " ", "c", "\x17", "d"], "ab d"),
                           (["a", "KEY_HOME", "b", "KEY_END", "c"], "bac"),
                           (["a", "KEY_F(7)", "\x00", "KEY_UP"], "a")):
            prompt = Prompt("")
            for key in keys:
                prompt.press(key)
            with self.subTest(keys):
                self.assertEqual(prompt.text, text)

    def test_longer_than_the_screen(self):
        """The part before the cursor is seen."""
        for text in ("dst 10.0.0.1 and level crit " * 9, WIDE * 90):
            prompt = Prompt(text)
            for width in range(1, 90):
                line, cursor = prompt.shown("filter: ", width)
                with self.subTest(width=width):
                    self.assertLessEqual(screentext.cells(line), width)
                    self.assertLess(cursor, width)
            self.assertTrue(line.endswith(text[-20:]))


class Sorting(unittest.TestCase):
    """The keys s, < and r."""

    ORDER = {"used": [1, 2, 0], "close/s": [1, 0, 2], "fail": [0, 2, 1],
             "eta": [0, 1, 2], "remote": [2, 0, 1]}

    def test_orders(self):
        """By number, address or time, and not by text; without a value: last."""
        view = view_of(ROWS)
        out = [row["remote"] for row in ROWS]
        self.assertEqual(remotes(view), out[:3])
        for column, order in self.ORDER.items():
            press(view, "s")
            with self.subTest(column):
                self.assertIn(f"[{column}]", title_of(view, 60))
                self.assertEqual(remotes(view), [out[number] for number in order])
        press(view, "s")
        self.assertEqual(remotes(view), out[:3])
        press(view, "<")
        self.assertIn("[remote]", title_of(view))

    def test_reverse(self):
        """r and R; `-` stays last."""
        view = view_of(ROWS)
        out = [row["remote"] for row in ROWS]
        press(view, "r")
        self.assertEqual(remotes(view), [out[2], out[1], out[0]])
        press(view, "R")
        self.assertEqual(remotes(view), out[:3])
        press(view, "s", "s", "s", "s", "r")
        self.assertEqual(remotes(view), [out[1], out[0], out[2]])
        self.assertIn("by eta, latest first", lines_of(view)[0])

    def test_values_are_seen(self):
        """At each size what it sorts by is on the screen, with its values."""
        for width, height in SIZES:
            view = view_of(ROWS)
            for column in self.ORDER:
                press(view, "s")
                lines = lines_of(view, width, height)
                at = title_of(view, width, height).index(f"[{column}]")
                for row in view.rows():
                    with self.subTest(width=width, column=column):
                        line = [text for text in lines if text.split()[:1] == [row["level"]]]
                        shown = line[0].split()[at]
                        # Only an address may be shortened.
                        wanted = "-" if row[column] is None else str(row[column])
                        if "~" in shown:
                            self.assertTrue(wanted.endswith(shown.split("~")[1]))
                        else:
                            self.assertEqual(shown, wanted)


class Keys(unittest.TestCase):
    """The other keys."""

    def test_levels_and_kinds(self):
        """l and a."""
        view = view_of(ROWS)
        press(view, "l")
        self.assertEqual(len(view.rows()), 2)
        press(view, "l", "l")
        self.assertEqual(len(view.rows()), 1)
        self.assertIn("only level full or worse", lines_of(view))
        press(view, "l", "a")
        self.assertEqual(remotes(view)[-1], "*")
        self.assertIn("dir", title_of(view, 60))

    def test_end_and_home(self):
        """In a list of 4,096 rows, with the position."""
        view = view_of(MANY)
        for width, height in SIZES:
            press(view, "KEY_END")
            lines = lines_of(view, width, height)
            self.assertRegex(lines[0], r" rows \d+-4096 of 4096$")
            self.assertIn("10.1.16.95:443", lines[-2])
            press(view, "KEY_HOME")
            self.assertRegex(lines_of(view, width, height)[0], " rows 1-[0-9]+ of 4096$")

    def test_chosen_row_is_followed(self):
        """A row that was moved to stays chosen; the first place does not follow a row."""
        view = view_of(ROWS)
        view.take(table(ROWS[1::-1] + ROWS[2:]), WHEN)
        lines_of(view)
        self.assertEqual(view.scroll.at, 0)
        press(view, "KEY_DOWN")
        chosen = view.rows()[1]["remote"]
        view.take(table(ROWS[2:] + ROWS[1:2] + ROWS[:1]), WHEN)
        lines_of(view)
        self.assertEqual(view.rows()[view.scroll.at]["remote"], chosen)
        view.take(table([row for row in ROWS if row["remote"] != chosen]), WHEN)
        lines_of(view)
        self.assertLess(view.scroll.at, len(view.rows()))
        press(view, "s")
        self.assertEqual(view.scroll.at, 0)

    def test_stop(self):
        """Space stops, and goes on, on each page."""
        view = view_of(ROWS)
        for keys in ((), ("\n",)):
            press(view, *keys, " ")
            self.assertTrue(view.paused)
            self.assertIn("STOPPED", lines_of(view)[0])
            self.assertIn("STOPPED", lines_of(view, 12, 5)[0])
            press(view, " ")
            self.assertFalse(view.paused)

    def test_end(self):
        """q ends the table, but only closes what is above it."""
        view = view_of(ROWS)
        for key in ("?", "\n"):
            press(view, key)
            self.assertTrue(view.press("q"))
            self.assertEqual(view.page, "table")
        self.assertFalse(view.press("q"))
        self.assertFalse(view.press("KEY_F(10)"))

    def test_help(self):
        """It names each key, fits the smallest of the sizes, and any key closes it."""
        view = view_of(ROWS)
        press(view, "?")
        text = "\n".join(lines_of(view, 60, 20))
        for words in ("Enter ", "Home End", "s >", "r R", "/ F4", "\nl ", "\na ", "\nw ",
                      "space", "q F10", "Home chooses", "history"):
            self.assertIn(words, text)
        self.assertNotIn("~", text)
        press(view, "KEY_DOWN")
        self.assertEqual(view.page, "help")
        press(view, "x")
        self.assertEqual(view.page, "table")

    def test_manual(self):
        """The page names each key that the help names."""
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "..", "man", "twstat.8"), encoding="utf-8") as file:
            page = file.read()
        for key in "s < r / Enter w l a space Up PgUp Home End Ctrl-L \\&? q".split():
            with self.subTest(key):
                self.assertRegex(page, rf"(?m)^\.It Ic (.* )?{re.escape(key)}( ,.*)?$")

    def test_help_above_programs(self):
        """It goes back to where it was opened."""
        view = view_of(ROWS)
        press(view, "\n", "?", "x")
        self.assertEqual(view.page, "programs")
        press(view, "\x1b")
        self.assertEqual(view.page, "table")


class Filtering(unittest.TestCase):
    """The key /."""

    def typed(self, view, text):
        """Types a filter."""
        press(view, "/", *text, "\n")

    def test_filter(self):
        """It is that of the command line, whose words it begins with."""
        view = view_of(ROWS, "level warn")
        self.assertEqual(len(view.rows()), 2)
        self.assertIn("only level warn", lines_of(view))
        self.typed(view, " dst 192.168.0.0/16")
        self.assertEqual(remotes(view), ["192.168.200.200:44300"])
        self.assertIn("only level warn dst 192.168.0.0/16", lines_of(view))
        self.typed(view, "\x15")
        self.assertEqual(len(view.rows()), 3)

    def test_error(self):
        """It is said, and neither the text nor the old filter is lost."""
        for width, height in SIZES:
            view = view_of(ROWS, "level warn")
            self.typed(view, " dst nowhere")
            lines = lines_of(view, width, height)
            self.assertIn("filter: level warn dst nowhere", lines[-1])
            self.assertIn("nowhere", "".join(lines[-3:-1]))
            self.assertEqual(len(view.rows()), 2)
            press(view, *["\x7f"] * 7, *"10.0.9.30", "\n")
            self.assertIsNone(view.prompt)
            self.assertEqual(remotes(view), ["10.0.9.30:443"])

    def test_given_up(self):
        """Esc leaves the old filter as it is."""
        view = view_of(ROWS, "level warn")
        press(view, "/", "x", "\n", "\x1b")
        self.assertIsNone(view.prompt)
        self.assertEqual(len(view.rows()), 2)

    def test_keys_are_text(self):
        """While it is typed no key does anything else."""
        view = view_of(ROWS)
        press(view, "/", *"q? rsal")
        self.assertEqual(view.prompt.text, "q? rsal")
        self.assertEqual((view.paused, view.page, len(view.rows())), (False, "table", 3))

    def test_cursor(self):
        """It is where the next letter will be."""
        view = view_of(ROWS)
        self.assertIsNone(Drawing(view).lines(24, 80)[1])
        press(view, "/", *"dst", "KEY_LEFT")
        self.assertEqual(Drawing(view).lines(24, 80)[1], (23, len("filter: ds")))

    def test_counts(self):
        """The sentence about levels counts what is shown."""
        view = view_of(ROWS, level="full")
        self.assertIn("level full: 1 full, 1 warn, 1 ok", "\n".join(lines_of(view)))
        press(view, "l")
        self.assertRegex("\n".join(lines_of(view)), "that match: 1 full, 1 warn\n")

    def test_nothing_left(self):
        """It is said why the table is empty."""
        for text, words in (("dst 1.2.3.4", "no row matches"),
                            ("dir in", "no destination; 1 in and bound rows: a shows them")):
            self.assertIn(words, lines_of(view_of(ROWS, text)))
        self.assertIn("no row", lines_of(view_of([])))


class Lines(unittest.TestCase):
    """What is on the screen."""

    def test_fits_every_screen(self):
        """Never longer, never wider, on any page and in any order."""
        for keys in ((), ("s",), ("s", "s"), ("s",) * 5, ("a",), ("w",), ("?",), ("\n",),
                     ("/", "x", "\n"), ("l",)):
            view = view_of([{"level": "crit", "remote": LONG, "free": 7}] * 30 + ROWS,
                           fails=3, bind_fails=1, clashes=2, complete="no")
            view.now.take_programs(callers())
            press(view, *keys)
            for width in [*range(1, 130), 200, 400]:
                for height in (1, 2, 3, 4, 5, 6, 9, 24, 60):
                    lines = lines_of(view, width, height)
                    with self.subTest(keys=keys, width=width, height=height):
                        self.assertLessEqual(len(lines), height)
                        self.assertLessEqual(max(map(screentext.cells, lines)), width)

    def test_size_changes(self):
        """The same drawing, in another size."""
        drawing = Drawing(view_of(ROWS))
        for width in (160, 60, 20, 160):
            texts = [text for text, _ in drawing.lines(24, width)[0]]
            self.assertEqual(texts, lines_of(view_of(ROWS), width))

    def test_addresses_stay_apart(self):
        """There is a blank between them, whatever the width, and both ends are there."""
        rows = [*ROWS, {"level": "crit", "local": LONG[1:-7], "remote": LONG}]
        for who in (False, True):
            for order in range(6):
                view = view_of(rows, who=who)
                view.now.take_programs(callers())
                press(view, *"s" * order)
                for width in range(46, 200):
                    names = [name.strip("[]") for name in title_of(view, width)]
                    for row, line in zip(view.rows(), self.body(view, width)):
                        fields = line.split()
                        for name in ("local", "remote"):
                            with self.subTest(width=width, order=order, name=name):
                                self.check_name(row[name], fields[names.index(name)])

    @staticmethod
    def body(view, width):
        """The rows."""
        return [text for text, style in Drawing(view).lines(40, width)[0]
                if style and style.split()[-1] in ("ok", "warn", "crit", "full")]

    def check_name(self, whole, shown):
        """Nothing but the middle is left out."""
        head, tilde, tail = shown.partition("~")
        self.assertTrue(whole.startswith(head) and whole.endswith(tail or head),
                        f"{shown} is not {whole}")
        self.assertTrue(tilde or shown == whole)
        self.assertGreaterEqual(len(shown), min(len(whole), 9))

    def test_addresses_before_bars(self):
        """Where there is little room, both addresses have 28 cells before anything else
        has any: below that nobody could tell one destination from another."""
        for who, least in ((False, 44), (True, 60)):
            view = view_of(ROWS, who=who)
            view.now.take_programs(callers())
            for width in range(least, 100):
                names = [name.strip("[]") for name in title_of(view, width)]
                fields = self.body(view, width)[1].split()
                with self.subTest(who=who, width=width):
                    self.assertGreaterEqual(sum(len(fields[names.index(name)])
                                                for name in ("local", "remote")), 28)

    def test_idle_addresses_come_later(self):
        """A long address of a row that is well takes no urgent column, nor the address of
        a row that matters, away; where there is room it is whole."""
        view = view_of([ROWS[0], {"remote": LONG, "local": LONG[1:-7]}])
        for width, height in SIZES:
            lines = lines_of(view, width, height)
            self.assertIn("eta", title_of(view, width, height))
            self.assertIn("fail", title_of(view, width, height))
            self.assertIn(" 10.0.0.1 ", "\n".join(lines))
            self.assertIn(" 10.0.9.30:443 ", "\n".join(lines))
        self.assertIn(f" {LONG[1:-7]} {LONG} ", "\n".join(lines))

    def test_addresses_of_ipv4_are_whole(self):
        """At 80 and 160 columns."""
        for width, height in SIZES[1:]:
            text = "\n".join(lines_of(view_of(ROWS), width, height))
            self.assertIn(" 192.168.100.100 192.168.200.200:44300 ", text)

    def test_legend(self):
        """At each size, and in each order."""
        for width, height in SIZES:
            for order in range(6):
                view = view_of(ROWS)
                press(view, *"s" * order)
                last = lines_of(view, width, height)[-1]
                with self.subTest(width=width, order=order):
                    self.assertRegex(last, "# used, i freed by .*reuse=1, r reusable")
                    self.assertIn("? keys", last)
                    self.assertIn("q quit", last)

    def test_worst_columns(self):
        """What an operator looks for first is there at 80 columns."""
        self.assertEqual(title_of(view_of(ROWS)),
                         "[level] free use% eta fail local remote ports".split())
        self.assertIn("history", title_of(view_of(ROWS), 160, 50))

    def test_clock(self):
        """When the snapshot was taken, and how often there is one."""
        view = view_of(ROWS)
        self.assertIn("2026-11-28T03:04:05+00:00 every 2 s, by danger, worst first",
                      lines_of(view, 80)[0])
        self.assertIn("03:04:05 every 2 s, by danger", lines_of(view, 60)[0])
        self.assertTrue(lines_of(view, 20, 5)[0].startswith("03:04:05"))

    def test_smallest(self):
        """20 columns and 5 lines show the worst row, and a list can be moved through."""
        view = view_of(MANY)
        self.assertIn("free", lines_of(view, 20, 5)[2])
        self.assertIn("5000", lines_of(view, 20, 5)[3])
        for _ in range(3):
            view.press("KEY_DOWN")
        self.assertIn("4997", lines_of(view, 20, 5)[3])

    def test_rows_before_sentences(self):
        """However much there is to say, half of the screen is for rows."""
        view = view_of(MANY, fails=3, bind_fails=1, clashes=2, complete="no", hidden_min=2,
                       timewait_dropped=4, timewait_max=9, bind_level="warn")
        for height in range(8, 50):
            self.assertGreaterEqual(len(self.body(view, 80)), height // 2 - 2)

    def test_vanishes(self):
        """No table: it says why and shows nothing old; then it comes back, and the history
        with it."""
        view = view_of(ROWS)
        before = lines_of(view, 160, 50)
        view.lose("/proc/net/tw_summary is not there: the module is not loaded", WHEN)
        for width, height in (*SIZES, (20, 5)):
            lines = lines_of(view, width, height)
            self.assertIn("is not there", " ".join(lines))
            self.assertNotIn("192.168", "".join(lines))
        press(view, "\n", "KEY_END", "s", "r", "/", "x", "\x1b", "?", "x", " ", "w")
        lines_of(view)
        view = view_of(ROWS)
        view.lose("gone", WHEN)
        view.take(table(ROWS), WHEN)
        after = lines_of(view, 160, 50)
        self.assertEqual([line.rstrip(" .:-=+*#%@") for line in before],
                         [line.rstrip(" .:-=+*#%@") for line in after])


class Programs(unittest.TestCase):
    """Enter, and --who."""

    ROW = {"level": "full", "free": 0, "local": "10.0.0.1", "remote": "10.0.9.1:443"}

    def view(self, *more, who=False):
        """A view of two destinations, the second of which nobody is known to call."""
        view = view_of([self.ROW, {"remote": "10.0.9.7:1"}], who=who)
        view.now.take_programs(callers(*more))
        return view

    def test_page(self):
        """The programs of the chosen row and of no other, the file's order."""
        for width, height in SIZES:
            view = self.view()
            press(view, "\n")
            self.assertTrue(view.lacks_programs)
            view.now.take_programs(callers())
            lines = lines_of(view, width, height)
            text = "\n".join(lines)
            self.assertIn("10.0.0.1 > 10.0.9.1:443", lines[1])
            self.assertRegex(text, r"\n +12 .*report +unit-66.service *\n +7 .*nginx +"
                             "unit-47.service")
            self.assertNotIn("generator", text)
            self.assertIn("rows 1-2 of 2", lines[0])

    def test_each_way_back(self):
        """Esc, q and Enter."""
        for key in ("\x1b", "q", "\n"):
            view = self.view()
            press(view, "\n", key)
            self.assertEqual(view.page, "table")

    def test_many(self):
        """A list that is longer than the screen."""
        view = self.view(*(f"0 0 - - {number} 9 {number} prog{number} 1 10.0.0.1 10.0.9.1:443"
                           for number in range(1, 201)))
        view.press("\n")
        view.now.take_programs(callers(*(
            f"0 0 - - {number} 9 {number} prog{number} 1 10.0.0.1 10.0.9.1:443"
            for number in range(1, 201))))
        self.assertIn("report", "\n".join(lines_of(view)))
        view.press("KEY_END")
        self.assertIn("prog200", lines_of(view)[-2])
        self.assertIn("of 202", lines_of(view)[0])
        view.press("KEY_HOME")
        self.assertIn("report", "\n".join(lines_of(view)))

    def test_nobody(self):
        """It is said what an empty list means."""
        view = self.view()
        press(view, "KEY_DOWN", "\n")
        view.now.take_programs(callers())
        self.assertIn("No program is known. Each call that fails is counted; of the others "
                      "one in 64", " ".join(lines_of(view)))

    def test_no_right(self):
        """It is said, and nothing else is lost."""
        view = self.view()
        press(view, "\n")
        view.now.lose_programs("/proc/net/tw_callers may be read by root only")
        self.assertFalse(view.lacks_programs)
        self.assertIn("may be read by root only", " ".join(lines_of(view, 60, 20)))
        press(view, "q", "w")
        self.assertTrue(view.lacks_programs)
        view.now.lose_programs("/proc/net/tw_callers may be read by root only")
        lines = lines_of(view)
        self.assertIn("no programs: /proc/net/tw_callers may be read by root only", lines)
        self.assertIn("10.0.9.1:443", "\n".join(lines))

    def test_column(self):
        """--who: the first program, and how many more."""
        for width, height in SIZES:
            view = self.view(who=True)
            self.assertIn("program", title_of(view, width, height))
            self.assertIn(" report[123] +1 ", "\n".join(lines_of(view, width, height)))
        view.press("w")
        self.assertNotIn("program", title_of(view))

    def test_wide_names(self):
        """Columns to the right of a wide name stay where they are."""
        escaped = "".join(f"\\{byte:03o}" for byte in WIDE.encode())
        view = view_of([self.ROW, {"remote": "10.0.9.7:1"}], who=True)
        view.now.take_programs(interface.parse(
            samples.callers().splitlines()[0] + "\n" + samples.callers().splitlines()[1] +
            f"\n5 0 0 0 9 9 4711 {escaped} 1 10.0.0.1 10.0.9.1:443\n", "tw_callers"))
        for width in range(50, 160):
            lines = [text for text in lines_of(view, width)
                     if text.startswith(("full", "ok"))]
            if "[#" in lines[0]:
                self.assertIn(WIDE, lines[0])
                self.assertEqual(*(screentext.cells(line[:line.rindex("[")])
                                   for line in lines))

    def test_row_that_is_gone(self):
        """The destination ends while its programs are looked at."""
        view = self.view()
        press(view, "\n")
        view.take(table([{"remote": "10.0.9.7:1"}]), WHEN)
        view.now.take_programs(callers())
        self.assertIn("no longer in the table", "\n".join(lines_of(view)))

    def test_new_units(self):
        """A control group that is not known is looked for once more, but not each time."""
        made, now = [], [0.0]

        class Unknown:
            """Knows none at first."""
            def __init__(self):
                made.append(self)

            def name(self, ident):
                """The name."""
                return f"id {ident}" if len(made) < 2 else "new.service"

        units = Units(Unknown, lambda: now[0])
        self.assertEqual(units.name(7), "id 7")
        self.assertEqual(len(made), 1)
        now[0] = 31.0
        self.assertEqual(units.name(7), "new.service")
