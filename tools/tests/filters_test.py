# SPDX-License-Identifier: GPL-2.0-only
"""Which rows a filter leaves. (ss_test.py compares with what ss does.)"""
import unittest

import samples
from twstatlib import interface
from twstatlib.errors import UsageError
from twstatlib.filters import compile_filter

ROWS = [
    {"level": "full", "remote": "10.0.9.1:443"},
    {"level": "crit", "remote": "10.0.9.200:80", "local": "10.0.0.2%eth0"},
    {"level": "warn", "remote": "10.1.0.1:443"},
    {"level": "ok", "remote": "[fd00::9]:443", "local": "fd00::1"},
    {"dir": "in", "level": "-", "local": "10.0.0.1:8080", "remote": "*"},
]


class Filters(unittest.TestCase):
    """By the numbers of the rows."""

    def setUp(self):
        self.rows = interface.parse(samples.table(ROWS)).rows

    def check(self, texts):
        """The numbers of the rows that are wanted, as words and as one word."""
        for text, numbers in texts.items():
            for words in (text.split(), [text] if text else []):
                wanted = compile_filter(words)
                with self.subTest(words):
                    self.assertEqual([number for number, row in enumerate(self.rows)
                                      if wanted(row)], numbers)

    def test_conditions(self):
        """Each of them, and several."""
        self.check({
            "": [0, 1, 2, 3, 4],
            "dst 10.0.9.0/24": [0, 1],
            "dst 10.0.9.1": [0],
            "dst 10.0.9.1/24:80": [1],
            "dst :443": [0, 2, 3],
            "dst *:80": [1],
            "dst *": [0, 1, 2, 3, 4],
            "dst [fd00::9]:443": [3],
            "dst [fd00::/16]:443": [3],
            "dst [fd00::]/16:443": [3],
            "dst fd00::/16": [3],
            "dst [::ffff:10.0.9.1]:443": [0],
            "dst 10.0/16": [0, 1],
            "dst 0.0.0.0/0": [0, 1, 2],
            "dst [::]/0": [3],
            "src 10.0.0.2": [1],
            "src 10.0.0.2%eth0": [1],
            "src 10.0.0.1%eth0": [],
            "src 10.0.0.0/24": [0, 1, 2, 4],
            "src :8080": [4],
            "dport 443": [0, 2, 3],
            "dport https": [0, 2, 3],
            "sport 8080": [4],
            "dev eth0": [1],
            "dev != eth0": [0, 2, 3, 4],
            "level crit": [0, 1],
            "level ok": [0, 1, 2, 3],
            "dir in": [4],
            "dir = out": [0, 1, 2, 3],
            "dst 10.0.0.0/8 level crit": [0, 1],
            "dst 10.0.0.0/8 and dport 443 and level full": [0]})

    def test_operators(self):
        """A row without a port has none that compares, and none that is equal."""
        self.check({
            "dport = :443": [0, 2, 3],
            "dport=:443": [0, 2, 3],
            "dport != https": [1, 4],
            "dport > 80": [0, 2, 3],
            "dport >= :80": [0, 1, 2, 3],
            "dport < 443": [1],
            "dport le 80": [1],
            "dport = *": [0, 1, 2, 3, 4],
            "sport > 1": [4]})

    def test_sentences(self):
        """`and` binds closer than `or`, `not` closest."""
        self.check({
            "dst 10.0.9.1 or dst 10.0.9.200": [0, 1],
            "dst 10.0.9.1 || dst 10.1.0.1 and level full": [0],
            "( dst 10.0.9.1 | dst 10.1.0.1 ) & level full": [0],
            "(dst 10.0.9.1|dst 10.1.0.1)&dport>1": [0, 2],
            "level full or level crit dport 80": [0, 1],
            "level crit not level full": [1],
            "! dst 10.0.0.0/8 && dir out": [3],
            "not ( dst 10.0.0.0/8 or dir in )": [3],
            "not not dir in": [4],
            "not dir in dport 80": [1]})

    def test_refused(self):
        """One sentence says what is wrong, or what to write."""
        for text, words in {
                "dst": "needs a value", "dst x": "names are not looked up",
                "dst 10.0.0.1:99999": "not a port", "dst 10.0.0.1/33": "not an address",
                "level bad": "ok, warn, crit, full", "dir up": "out, in, bound",
                "dport nosuchservice": "/etc/services", "and": "must be a condition",
                "color red": "'color' is not a condition", "dst [::1": "not an address",
                "dst [::1]x": "not an address", "dst 10.0.0.1,10.0.0.2": "dst A or dst B",
                "dst != 10.0.0.1": "write not dst 10.0.0.1",
                "dst > 10.0.0.1": "does not take >", "level = crit": "takes no operator",
                "dport = 10.0.0.1:80": "write dst 10.0.0.1:80", "= 5": "dport = :443",
                "dst 10.0.0.1 or": "after 'or'", "( dst 10.0.0.1": "')' is missing",
                "dst 10.0.0.1 )": "without a '('", "( )": "must be a condition",
                "dst and": "needs a value", "dir != in": "write not dir in",
                "10.0.9.1:443": "write dst 10.0.9.1:443", "[::1]:5": "write dst [::1]:5",
                ":443": "write dport = :443", "crit": "write level crit",
                "in": "write dir in", "state time-wait": "columns tw", "cgroup x": "--who",
                "fwmark 1": "marks", "autobound": "dir out",
                "dst 10.0.0.1 5": "before the filter", "443": "write dport 443",
                "-4": "write dst 0.0.0.0/0", "-6": "write dst [::]/0",
                "( " * 5000 + "dir in": "inside each other"}.items():
            with self.subTest(text[:40]), self.assertRaises(UsageError) as caught:
                compile_filter(text.split())
            with self.subTest(text[:40]):
                self.assertIn(words, str(caught.exception))


class Failed(unittest.TestCase):
    """Destinations that failed lately: `ok` now, and an outage a minute ago."""

    def test_lately(self):
        """As long as the file puts them first."""
        ages = ("0.0", "95.0", "600.0", "600.1", "86400.0", "-")
        rows = [{"fail": 7, "fail_last": age, "remote": f"10.0.9.1:{port}"}
                for port, age in enumerate(ages)] + [{"dir": "in", "remote": "*"}]
        table = interface.parse(samples.table(rows))
        self.assertEqual([row["remote"] for row in compile_filter(["failed"]).rows(table)],
                         ["10.0.9.1:0", "10.0.9.1:1", "10.0.9.1:2"])

    def test_alone(self):
        """For one row, without the rest; and in a sentence."""
        row = interface.parse(samples.table([{"fail": 7, "fail_last": "1.0"}])).rows[0]
        self.assertTrue(compile_filter(["failed"])(row))
        self.assertFalse(compile_filter(["not failed"])(row))
        self.assertTrue(compile_filter("failed and dport 443".split())(row))
