# SPDX-License-Identifier: GPL-2.0-only
"""Which rows a filter leaves."""
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

    def chosen(self, text):
        """The numbers of the rows that are wanted."""
        wanted = compile_filter(text.split())
        return [number for number, row in enumerate(self.rows) if wanted(row)]

    def test_conditions(self):
        """Each of them, and several."""
        for text, numbers in {
                "": [0, 1, 2, 3, 4],
                "dst 10.0.9.0/24": [0, 1],
                "dst 10.0.9.1": [0],
                "dst 10.0.9.1/24:80": [1],
                "dst :443": [0, 2, 3],
                "dst *:80": [1],
                "dst [fd00::9]:443": [3],
                "dst [fd00::/16]:443": [3],
                "dst [fd00::]/16:443": [3],
                "dst fd00::/16": [3],
                "src 10.0.0.2": [1],
                "src 10.0.0.0/24": [0, 1, 2, 4],
                "src :8080": [4],
                "dport 443": [0, 2, 3],
                "sport 8080": [4],
                "level crit": [0, 1],
                "level ok": [0, 1, 2, 3],
                "dir in": [4],
                "dst 10.0.0.0/8 level crit": [0, 1],
                "dst 10.0.0.0/8 and dport 443 and level full": [0]}.items():
            with self.subTest(text):
                self.assertEqual(self.chosen(text), numbers)

    def test_refused(self):
        """One sentence says what is wrong."""
        for text in ("dst", "dst x", "dst 10.0.0.1:99999", "dst 10.0.0.1/33", "level bad",
                     "dir up", "dport http", "and", "color red", "dst [::1", "dst [::1]x"):
            with self.subTest(text), self.assertRaises(UsageError):
                compile_filter(text.split())
