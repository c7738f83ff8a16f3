#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Times as journalctl takes them; systemd itself is asked where it is there."""
import os
import re
import shutil
import subprocess
import time
import unittest

from twstatlib import errors
from twstatlib.record import times

# 2026-03-29 01:30:00 UTC: in Berlin the clock has just gone from 02:00 to 03:00.
NOW = 1774747800.0


class Times(unittest.TestCase):
    """Of one moment, in Berlin."""

    def setUp(self):
        self.zone = os.environ.get("TZ")
        os.environ["TZ"] = "Europe/Berlin"
        time.tzset()

    def tearDown(self):
        if self.zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = self.zone
        time.tzset()

    def test_understood(self):
        """Local, but for a zone of its own."""
        for text, said in (("now", "2026-03-29 03:30:00"), ("01:12", "2026-03-29 01:12:00"),
                           ("03:12:30", "2026-03-29 03:12:30"),
                           ("yesterday", "2026-03-28 00:00:00"),
                           ("today", "2026-03-29 00:00:00"),
                           ("yesterday 03:12", "2026-03-28 03:12:00"),
                           ("2026-02-01", "2026-02-01 00:00:00"),
                           ("2026-02-01 03:12", "2026-02-01 03:12:00"),
                           ("2026-02-01T03:12:04", "2026-02-01 03:12:04"),
                           ("2026-02-01T03:12:04Z", "2026-02-01 04:12:04"),
                           ("2026-02-01 03:12:04 UTC", "2026-02-01 04:12:04"),
                           ("2026-02-01T03:12:04+05:30", "2026-01-31 22:42:04"),
                           ("2026-02-01T03:12:04.5-0100", "2026-02-01 05:12:04"),
                           ("-3h", "2026-03-28 23:30:00"), ("3h", "2026-03-28 23:30:00"),
                           ("3h ago", "2026-03-28 23:30:00"),
                           ("1h 30min", "2026-03-29 01:00:00"),
                           ("2 days ago", "2026-03-27 02:30:00"),
                           ("10 minutes ago", "2026-03-29 03:20:00"),
                           ("+90s", "2026-03-29 03:31:30"),
                           ("@1774747800", "2026-03-29 03:30:00")):
            with self.subTest(text):
                self.assertEqual(times.said(times.parse(text, NOW)), said)

    def test_refused(self):
        """With examples."""
        for text in ("", "3", "25:00", "03:60", "2026-02-30", "noon", "3x", "03:12 yesterday",
                     "2026-02-01 03:12 04", "-", "@", "@x", "1h-", "9999999999d", "@999999999999",
                     "\u0663h", "12:3", "2026-02-01+01:00"):
            with self.subTest(text), self.assertRaisesRegex(errors.UsageError, "03:12"):
                times.parse(text, NOW)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_as_systemd(self):
        """It takes them for the same."""
        for text in ("03:12", "yesterday", "today", "-3h", "3h ago", "2026-11-29 03:12:30",
                     "2026-02-01", "1h 30min ago", "2026-02-01 03:12:04 UTC", "@1774747800"):
            with self.subTest(text):
                run = subprocess.run(["systemd-analyze", "timestamp", "--", text],
                                     capture_output=True, text=True, check=True)
                found = float(re.search(r"UNIX seconds: @(\S+)", run.stdout).group(1))
                self.assertAlmostEqual(times.parse(text, time.time()), found, delta=2)

    def test_spans(self):
        """Two words."""
        for seconds, said in ((0, "0 s"), (5.4, "5 s"), (60, "1 min"), (145, "2 min 25 s"),
                              (7260, "2 h 1 min"), (86400 * 3 + 3600, "3 d 1 h"),
                              (3601, "1 h")):
            self.assertEqual(times.lasted(seconds), said)


if __name__ == "__main__":
    unittest.main()
