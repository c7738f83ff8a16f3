# SPDX-License-Identifier: GPL-2.0-only
"""The live view on a terminal: what only a terminal shows. What the lines say at each size
is tested in top_test.py."""
import datetime
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import unittest

import samples
from terminal import Terminal
from top_test import MANY, ROWS, WIDE
from twstatlib import cgroups

TWSTAT = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                       "top_run.py")]
CTRL_C, CTRL_L, CTRL_Z, ESC = "\x03", "\x0c", "\x1a", "\x1b"
DOWN, END, HOME, PAGE_DOWN, F10 = "\x1b[B", "\x1b[4~", "\x1b[1~", "\x1b[6~", "\x1b[21~"
WORST = "10.0.9.30:443"


class Screen(unittest.TestCase):
    """twstat on a terminal that reads the files of a folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="twstat-top.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.chmod(self.folder, 0o755)
        self.write("tw_summary", samples.table(ROWS))
        self.write("tw_callers", samples.callers().replace("10.0.9.1:443", WORST))

    def path(self, name):
        """A file that twstat reads."""
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        """Replaces a file at once: no reader sees half of it."""
        with open(self.path("new"), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(self.path("new"), mode)
        os.rename(self.path("new"), self.path(name))

    def command(self, *words):
        """The command line."""
        return [*TWSTAT, self.folder, *words]

    def start(self, *words, size=(80, 24), **environment):
        """twstat --top on a terminal, after it has drawn."""
        terminal = self.run_on_terminal(self.command("--top", "0.2", *words), size,
                                        **environment)
        terminal.wait(lambda it: "[level]" in it.text() and
                      it.lines()[-1].startswith("? keys"), "the first screen")
        return terminal

    def run_on_terminal(self, argv, size=(80, 24), **environment):
        """Any program on a terminal."""
        terminal = Terminal(argv, *size, **environment)
        self.addCleanup(terminal.close)
        return terminal

    def from_shell(self):
        """twstat --top as a job of a shell."""
        terminal = self.run_on_terminal(["bash", "--norc", "-i"], PS1="ready> ")
        terminal.wait("ready>")
        terminal.press(" ".join(map(shlex.quote, self.command("--top", "0.2"))) + "\n")
        return terminal

    def check_left_alone(self, terminal):
        """The terminal is as it was."""
        self.assertEqual(terminal.settings(), terminal.before)


class Drawing(Screen):
    """What is drawn."""

    def test_sizes(self):
        """The last row and the last cell of the legend are there; nothing runs over."""
        for columns, rows in ((60, 20), (80, 24), (160, 50)):
            with self.subTest(columns=columns):
                terminal = self.start(size=(columns, rows))
                terminal.wait(lambda it: it.lines()[-1].endswith("reusable") or
                              it.lines()[-1].endswith("reusable now"), "the legend")
                self.assertEqual(len(terminal.lines()[-1]), columns)
                self.assertTrue(terminal.lines()[0].endswith("rows 1-3 of 3"))
                terminal.press("q")
                self.assertEqual(terminal.status(), 0)

    def test_wide_names(self):
        """The bar of a row with a wide name stands below the others."""
        escaped = "".join(f"\\{byte:03o}" for byte in WIDE.encode())
        self.write("tw_callers", samples.callers().replace("10.0.9.1:443", WORST)
                   .replace(" report ", f" {escaped} "))
        terminal = self.start("--who", size=(160, 24))
        terminal.wait(WIDE)
        bars = {line.rindex("[") + (len(WIDE) if WIDE in line else 0)
                for line in terminal.lines() if "443" in line or "44300" in line}
        self.assertEqual(len(bars), 1)

    def test_other_locale(self):
        """What it cannot show is a question mark, not rubbish."""
        self.write("tw_callers", samples.callers().replace("10.0.9.1:443", WORST)
                   .replace(" report ", " \\346\\227\\245 "))
        terminal = self.start("--who", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        terminal.wait("??[123]")

    def colors(self, *words, **environment):
        """The colours of the rows that are full and warn, and of the title."""
        terminal = self.start(*words, **environment)
        terminal.wait("warn ")
        rows = terminal.lines()
        return [terminal.style(at, 0)[:2] for at, line in enumerate(rows)
                if line.startswith(("full ", "warn ", "[level]"))]

    def test_colors(self):
        """--color and NO_COLOR."""
        none = ("default", "default")
        for words, environment, colored in (
                ((), {}, True), (("--color", "always"), {}, True),
                ((), {"NO_COLOR": "1"}, False), (("--color", "never"), {}, False),
                (("--color", "always"), {"NO_COLOR": "1"}, True)):
            with self.subTest(words=words, environment=environment):
                title, full, warn = self.colors(*words, **environment)
                if colored:
                    self.assertEqual(full[1], "red")
                    self.assertEqual(warn[0], "brown")
                else:
                    self.assertEqual([title, full, warn], [none, none, none])

    def test_chosen_row(self):
        """It is seen, with colours and without."""
        for words in ((), ("--color", "never")):
            terminal = self.start(*words)
            rows = [at for at, line in enumerate(terminal.lines())
                    if line.startswith(("full ", "warn "))]
            chosen = terminal.style(rows[0], 70)
            self.assertNotEqual(chosen, terminal.style(rows[1], 70))
            terminal.press(DOWN)
            terminal.wait(lambda it, at=rows[1], chosen=chosen: it.style(at, 70) == chosen,
                          "the second row chosen")

    def test_resize(self):
        """The window becomes larger and smaller while it runs."""
        terminal = self.start()
        for columns, rows in ((160, 50), (20, 5), (60, 20)):
            terminal.resize(columns, rows)
            terminal.wait(lambda it, columns=columns, rows=rows:
                          it.lines()[0].endswith((" 1-3 of 3", " 1/3")) and
                          len(it.lines()[0]) == columns and
                          it.lines()[rows - 1].startswith("? keys"), f"{columns}x{rows}")

    def test_drawn_anew(self):
        """Ctrl-L removes what another program has written."""
        terminal = self.start()
        with open(os.ttyname(terminal._slave), "w",    # pylint: disable=protected-access
                  encoding="ascii") as tty:
            tty.write("\033[8;1Hkernel: something happened")
        terminal.wait("something happened")
        terminal.press(CTRL_L)
        terminal.wait(lambda it: "something" not in it.text(), "a clean screen")

    def test_clock(self):
        """It goes on; while it is stopped it does not, and new rows are not seen."""
        terminal = self.start()
        first = terminal.lines()[0][:25]
        self.assertRegex(first, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
        terminal.wait(lambda it: it.lines()[0][:25] > first, "a later time")
        terminal.press(" ")
        terminal.wait("STOPPED")
        self.write("tw_summary", samples.table([{"remote": "10.0.7.7:77"}]))
        stopped = terminal.lines()[0]
        taken = datetime.datetime.fromisoformat(stopped[:25])
        terminal.wait(lambda it: datetime.datetime.now().astimezone() - taken >
                      datetime.timedelta(seconds=2), "2 s later")
        self.assertEqual(terminal.lines()[0], stopped)
        self.assertIn(WORST, terminal.text())
        terminal.press(" ")
        terminal.wait("10.0.7.7:77")


class Typing(Screen):
    """Keys as a terminal sends them."""

    def test_sort_and_reverse(self):
        """s and r."""
        terminal = self.start()
        terminal.press("s")
        terminal.wait("[used]")
        terminal.press("r")
        terminal.wait("by used, least first")

    def test_long_list(self):
        """End, Home, Page Down in 4,096 rows."""
        self.write("tw_summary", samples.table(MANY))
        terminal = self.start()
        terminal.press(END)
        terminal.wait("-4096 of 4096")
        terminal.press(HOME)
        terminal.wait(" 1-19 of 4096")
        terminal.press(PAGE_DOWN)
        terminal.wait(" 20-38 of 4096")

    def test_filter(self):
        """A wrong one is said and stays; then it is mended."""
        terminal = self.start()
        terminal.press("/")
        terminal.wait("filter:")
        terminal.press("dport nothing\n")
        terminal.wait(lambda it: "nothing" in it.lines()[-2], "the error")
        self.assertEqual(terminal.lines()[-1], "filter: dport nothing")
        self.assertIn(WORST, terminal.text())
        terminal.press("\x7f" * 7 + "44300\n")
        terminal.wait(lambda it: "only dport 44300" in it.text() and
                      WORST not in it.text() and "192.168.200.200:44300" in it.text(),
                      "the row that is left")
        terminal.press("/" + ESC)
        terminal.wait(lambda it: it.lines()[-1].startswith("? keys"), "the keys")
        self.assertIn("only dport 44300", terminal.text())

    def test_programs(self):
        """Enter shows them; a lone Esc closes them."""
        terminal = self.start()
        terminal.press("\r")
        terminal.wait("nginx")
        self.assertIn(f"10.0.0.1 > {WORST}", terminal.text())
        terminal.press(ESC)
        terminal.wait(lambda it: "[level]" in it.text() and "nginx" not in it.text(),
                      "the table alone")

    @unittest.skipUnless(os.path.isdir(cgroups.ROOT), "no control groups here")
    def test_numeric(self):
        """-n leaves control groups as they are."""
        ident = os.stat(cgroups.ROOT).st_ino
        self.write("tw_callers", samples.callers().replace("10.0.9.1:443", WORST)
                   .replace(" 66 ", f" {ident} "))
        for words, unit in ((("-n",), f"id {ident}"),
                            ((), cgroups.Names().name(ident))):
            terminal = self.start(*words)
            terminal.press("\r")
            terminal.wait(lambda it, unit=unit: any(
                "report" in line and line.endswith(f" {unit}") for line in it.lines()), unit)

    def test_programs_while_stopped(self):
        """They are read although no snapshots are."""
        terminal = self.start()
        terminal.press(" ")
        terminal.wait("STOPPED")
        terminal.press("\r")
        terminal.wait("nginx")

    def test_end(self):
        """q and F10."""
        for key in ("q", F10):
            terminal = self.start()
            terminal.press(key)
            self.assertEqual(terminal.status(), 0)
            self.check_left_alone(terminal)

    def test_count(self):
        """It ends by itself after COUNT snapshots."""
        terminal = self.start("2")
        self.assertEqual(terminal.status(), 0)
        self.check_left_alone(terminal)


class Trouble(Screen):
    """What goes wrong."""

    def test_vanishes(self):
        """The module is unloaded and loaded again."""
        terminal = self.start()
        os.rename(self.path("tw_summary"), self.path("unloaded"))
        terminal.wait(lambda it: "is not there" in it.text() and WORST not in it.text(),
                      "why there is nothing")
        terminal.press("sr" + DOWN + "\r?x")
        os.rename(self.path("unloaded"), self.path("tw_summary"))
        terminal.wait(WORST)

    def test_no_right(self):
        """Who may not read the callers is told so, and keeps the rest."""
        os.chmod(self.path("tw_callers"), 0)
        terminal = self.start()
        terminal.press("\r")
        terminal.wait("tw_callers may be read by root only")
        terminal.press("q")
        terminal.wait("[level]")
        terminal.press("w")
        terminal.wait("no programs: ")
        terminal.wait(WORST)
        terminal.press("q")
        self.assertEqual(terminal.status(), 0)

    def test_who_without_right(self):
        """--who shows the rest, and says what is missing."""
        os.chmod(self.path("tw_callers"), 0)
        terminal = self.start("--who")
        terminal.wait("no programs: ")
        terminal.wait(WORST)

    def test_interrupted(self):
        """Ctrl-C, and signals: the terminal is as before, and the status tells."""
        for end, status in ((lambda it: it.press(CTRL_C), 130),
                            (lambda it: it.signal(signal.SIGTERM), 143),
                            (lambda it: it.signal(signal.SIGHUP), 129)):
            terminal = self.start()
            self.assertNotEqual(terminal.settings(), terminal.before)
            end(terminal)
            self.assertEqual(terminal.status(), status)
            self.check_left_alone(terminal)
            self.assertNotIn("Traceback", terminal.text())

    def test_hangs_up(self):
        """The connection breaks."""
        terminal = self.start()
        terminal.hang_up()
        self.assertEqual(terminal.status(), 129)

    def test_hangs_up_without_signal(self):
        """Whoever started it has had SIGHUP ignored, and so it is; but without a terminal
        it does not stay behind."""
        terminal = self.run_on_terminal(["sh", "-c", 'trap "" HUP; exec "$@"', "sh",
                                         *self.command("--top", "0.2")])
        terminal.wait("[level]")
        terminal.signal(signal.SIGHUP)
        self.write("tw_summary", samples.table([{"remote": "10.0.7.7:77"}]))
        terminal.wait("10.0.7.7:77")
        terminal.hang_up()
        self.assertEqual(terminal.status(), 129)

    def test_stopped_and_continued(self):
        """Ctrl-Z gives the terminal back to the shell; fg draws all, at the new size."""
        terminal = self.from_shell()
        terminal.wait("[level]")
        terminal.press(CTRL_Z)
        terminal.wait("Stopped")
        terminal.resize(120, 30)
        terminal.press("clear; stty -a | tr ';' '\\n' | grep -o '[-]*icanon'\n")
        terminal.wait(lambda it: "icanon" in it.lines(), "what stty says")
        self.assertNotIn("-icanon", terminal.lines())
        terminal.press("fg\n")
        terminal.wait(lambda it: it.lines()[0].endswith("rows 1-3 of 3") and
                      len(it.lines()[0]) == 120 and "icanon" not in it.text(),
                      "the whole screen")
        terminal.press("q")
        terminal.wait(lambda it: it.lines()[-1].startswith("ready>"), "the shell")

    def test_stopped_while_it_draws(self):
        """Ctrl-Z is not lost, whenever it comes."""
        for _ in range(10):
            terminal = self.from_shell()
            # It is seen before the rest of the screen is.
            terminal.wait("[level]")
            terminal.press(CTRL_Z)
            terminal.wait("Stopped")
            terminal.close()

    def test_no_terminal(self):
        """Keys from a pipe, or a screen that is a file: one sentence."""
        for argv in (self.command("--top"), self.command("--top", "1", "2")):
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("--top needs a terminal", done.stderr)

    def test_poor_terminals(self):
        """One that cannot move its cursor, and one that nobody knows."""
        for name, words in (("dumb", "can't move the cursor"), ("nosuch", "does not know")):
            terminal = self.run_on_terminal(self.command("--top"), TERM=name)
            self.assertEqual(terminal.status(), 1)
            self.assertIn(words, terminal.text().replace("\n", ""))
            self.assertIn(f"TERM={name}", terminal.text().replace("\n", ""))
            self.check_left_alone(terminal)

    def test_not_loaded(self):
        """It ends as without --top."""
        os.unlink(self.path("tw_summary"))
        terminal = self.run_on_terminal(self.command("--top"))
        self.assertEqual(terminal.status(), 3)
        self.assertIn("modprobe tw_summary", terminal.text().replace("\n", ""))
