# SPDX-License-Identifier: GPL-2.0-only
"""The parser, against the text itself."""
import json
import unittest

import samples
from twstatlib import errors, interface, jsonout


def words(value):
    """A value as the file writes it."""
    if value is None:
        return "-"
    if value in (True, False) and isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


class Parse(unittest.TestCase):
    """Whole files."""

    def test_nothing_is_lost(self):
        """Printed again, each field and each key is what it was."""
        text = samples.readme()
        parsed = json.loads(jsonout.dump(jsonout.document(interface.parse(text))))
        keys = [f"{key}={words(value)}" for key, value in parsed["header"].items()]
        rows = [[words(value) for value in row.values()] for row in parsed["rows"]]
        lines = text.splitlines()
        heads = [line.split() for line in lines if line.startswith("#")]
        self.assertEqual(keys, [pair for head in heads for pair in head[2:]])
        body = [line.split() for line in lines if not line.startswith("#")]
        self.assertEqual(list(parsed["rows"][0]), body[0])
        self.assertEqual(rows, body[1:])
        self.assertEqual(len(rows), 3)

    def test_callers(self):
        """The other file."""
        parsed = interface.parse(samples.callers(), "tw_callers")
        self.assertEqual([row["comm"] for row in parsed.rows],
                         ["report", "nginx", "report", "generator", "nginx"])
        self.assertEqual(parsed.rows[3]["first"], None)

    def test_names_are_text(self):
        """A program may be called 123, and a range is no subtraction."""
        text = ("# tw_callers version=1 range=1-2\ncomm pid remote\n123 5 *\n"
                "- 6 *\n")
        parsed = interface.parse(text, "tw_callers")
        self.assertEqual(parsed.rows[0], {"comm": "123", "pid": 5, "remote": "*"})
        self.assertEqual(parsed.rows[1]["comm"], None)
        self.assertEqual(parsed.header["range"], "1-2")

    def test_new_columns_and_keys(self):
        """They may be added, anywhere."""
        text = ("# tw_summary version=1 new=abc later=7\ncolor dir local\nred out ::1\n")
        parsed = interface.parse(text)
        self.assertEqual(parsed.header, {"version": 1, "new": "abc", "later": 7})
        self.assertEqual(parsed.rows, [{"color": "red", "dir": "out", "local": "::1"}])

    def test_refused(self):
        """Another version, another file, nothing, half a row."""
        for text in ("# tw_summary version=2\n", "# tw_callers version=1\n", "",
                     "TcpExt: 1 2 3\n", "# tw_summary netns=1\n"):
            with self.subTest(text), self.assertRaises(errors.UnknownVersion):
                interface.parse(text)
        for text in ("# tw_summary version=1\na b\n1\n", "# tw_summary version\na\n"):
            with self.subTest(text), self.assertRaises(errors.Failure):
                interface.parse(text)


class Addresses(unittest.TestCase):
    """The ends of a connection."""

    def test_split(self):
        """All forms that the columns have."""
        for text, parts in {
                "10.0.0.1": ("10.0.0.1", None, None),
                "10.0.0.1%eth0": ("10.0.0.1", "eth0", None),
                "10.0.9.1:443": ("10.0.9.1", None, 443),
                "10.0.0.1%eth0:80": ("10.0.0.1", "eth0", 80),
                "fd00::1": ("fd00::1", None, None),
                "fe80::1%eth0": ("fe80::1", "eth0", None),
                "[fd00::9]:443": ("fd00::9", None, 443),
                "[fe80::1%eth0]:80": ("fe80::1", "eth0", 80),
                "*": (None, None, None)}.items():
            with self.subTest(text):
                self.assertEqual(interface.split_address(text), parts)

    def test_unescape(self):
        """The names of programs."""
        self.assertEqual(interface.unescape(r"a\040b\134c"), r"a b\c")
        self.assertEqual(interface.unescape(r"\303\274"), "ü")
        self.assertEqual(interface.unescape(r"\033[31m"), "?[31m")
