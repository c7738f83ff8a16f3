# SPDX-License-Identifier: GPL-2.0-only
"""The table for people."""
import unittest

import samples
from twstatlib import interface, layout, people, rows, who

LONG = "[2001:db8:1111:2222:3333:4444:5555:6666]:44300"


class Names:
    """Control groups with a name for each number."""

    @staticmethod
    def name(ident):
        """The name."""
        return f"unit-{ident}.service"


class People(unittest.TestCase):
    """Lines."""

    def test_as_wide_as_asked(self):
        """Never wider, and what matters is always there."""
        table = interface.parse(samples.table(
            [{"level": "crit", "free": 50, "tw": 27000, "local": "2001:db8::1",
              "remote": LONG}]))
        for width in range(44, 200):
            lines = people.table_lines(table, table.rows, width)
            with self.subTest(width):
                self.assertLessEqual(max(map(len, lines)), width)
                for name in ("level", "free", "local", "remote"):
                    self.assertIn(name, lines[-2].split())

    def test_all_columns(self):
        """With room for them, in the order of the file, and each value under its name."""
        table = interface.parse(samples.readme())
        lines = people.table_lines(table, table.rows, None)
        title = lines[-4].split()
        self.assertEqual(title, table.columns)
        for line, row in zip(lines[-3:], table.rows):
            self.assertEqual(line.split(), [rows.cell(row, name) for name in title])

    def test_columns_go_before_addresses(self):
        """80 columns show whole addresses of IPv4."""
        table = interface.parse(samples.table(
            [{"level": "full", "used": 28232, "tw": 28232, "close/s": "470.4",
              "local": "192.168.100.100", "remote": "192.168.200.200:44300"}]))
        line = people.table_lines(table, table.rows, 80)[-1]
        self.assertIn("192.168.100.100", line)
        self.assertIn("192.168.200.200:44300", line)

    def test_shorten(self):
        """Both ends of an address stay."""
        self.assertEqual(layout.shorten("10.0.9.1:443", 12), "10.0.9.1:443")
        self.assertEqual(layout.shorten(LONG, 12), "[200~]:44300")
        self.assertEqual(len(layout.shorten(LONG, 9)), 9)

    def test_color(self):
        """Only rows that are not well."""
        table = interface.parse(samples.table([{"level": "full"}, {"level": "ok"}]))
        lines = people.table_lines(table, table.rows, 80, colored=True)
        self.assertTrue(lines[-2].startswith("\033[1;7;31mfull"))
        self.assertTrue(lines[-1].startswith("ok"))

    def test_summary(self):
        """What is out of the ordinary is said."""
        table = interface.parse(samples.table(
            [{"level": "full"}], level="full", bound=3, usable=28229, fails=113,
            fails_last="0.2", bind_fails=1, bind_fails_last="7.5",
            clashes=4, complete="no", hidden_min=7,
            hidden_sockets=70))
        text = "\n".join(people.summary(table))
        for words in ("28229 of 28232 ports usable (3 bound)", "level full: 1 full",
                      "113 connect() calls found no port, the last 0.2 s ago",
                      "1 bind() call found no port, the last 7.5 s ago",
                      "4 connect() calls clashed", "at least 7 rows more", "not complete"):
            with self.subTest(words):
                self.assertIn(words, text)

    def test_level_of_no_row(self):
        """bind() has taken ports: a destination without a row is worse off than any row."""
        table = interface.parse(samples.table([{"level": "ok"}], level="crit", tried=200,
                                              bound=190, usable=10, bind_level="full"))
        text = "\n".join(people.summary(table))
        self.assertIn("level crit: 1 ok; bind() has left 10 ports to any other one", text)
        self.assertIn("bind() with port 0: level full", text)
        table = interface.parse(samples.table([{"level": "crit"}], level="crit"))
        self.assertEqual(people.summary(table)[1:], ["level crit: 1 crit"])

    def test_overflow(self):
        """TIME_WAITs that were not made."""
        table = interface.parse(samples.table([], timewait_dropped=1050, timewait_max=300))
        self.assertIn("1050 TIME_WAITs not made, because of tcp_max_tw_buckets=300",
                      "\n".join(people.summary(table)))

    def test_columns_to_come(self):
        """Where there is room they are shown, after those that are known."""
        table = interface.parse(samples.table([{"later": 77}]))
        self.assertIn("77", people.table_lines(table, table.rows, None)[-1].split())
        self.assertNotIn("77", people.table_lines(table, table.rows, 80)[-1].split())

    def test_nothing_known(self):
        """A snapshot without a port map."""
        table = interface.parse(samples.table([], usable="-", level="-", complete="no"))
        self.assertIn("not known", "\n".join(people.summary(table)))

    def test_who(self):
        """Programs below their destination, then the binders, then who calls most."""
        callers = who.Callers(interface.parse(samples.callers(), "tw_callers"), Names())
        lines = callers.of({"dir": "out", "local": "10.0.0.1", "remote": "10.0.9.1:443"})
        self.assertEqual(len(lines), 2)
        self.assertIn("report[123] of unit-66.service: 12 failed", lines[0])
        self.assertIn("about 2800 calls", lines[1])
        self.assertEqual(callers.of({"dir": "in", "local": "10.0.0.1",
                                     "remote": "10.0.9.1:443"}), [])
        self.assertIn("report[125]", callers.binders()[1])
        self.assertEqual(len(callers.binders()), 2)
        self.assertEqual(callers.search(), ["connect() takes 4400 us to find a port, at "
                                            "worst: report"])
        users = callers.users()
        self.assertIn("most calls", users[0])
        for words, line in zip(("about 4100 calls of bind() with 10.0.0.7 and port 0",
                                "nginx[124]", "nginx[121]", "report[123]"), users[1:]):
            self.assertIn(words, line)
