#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""twstat --history and --at, as they are printed."""
import io
import json
import os
import time
import unittest
from unittest import mock

from record_read_test import Case
from twstatlib import main, sources

# 2026-03-03 03:12:00 UTC
BEGIN = 1772507520
HOST = 4026531840


class Shown(Case):
    """Of a quarter of an hour, at four o'clock."""

    maxDiff = None

    def setUp(self):
        super().setUp()
        zone = mock.patch.dict(os.environ, {"TZ": "UTC"})
        zone.start()
        self.addCleanup(time.tzset)
        self.addCleanup(zone.stop)
        time.tzset()
        for patch in (mock.patch.object(time, "time", lambda: BEGIN + 48 * 60),
                      mock.patch.object(sources, "own_inode", lambda: HOST)):
            patch.start()
            self.addCleanup(patch.stop)
        self.fill()

    def fill(self):
        """One destination has trouble, one has none, one calls bind()."""
        written = self.written
        written.put("namespace", 2, 7, "nginx.service", None, None, 0)
        written.put("destination", 9, 2, "10.1.0.1", "10.1.9.1:80", 0)
        written.stretch()
        written.look(BEGIN, {1: {"free": 90, "estab": 9}, 2: {"free": 99}},
                     header={"bound": 3})
        written.look(BEGIN + 5, {1: {"level": "crit", "free": 4, "use%": 95.0, "tw": 80,
                                     "estab": 13, "close/s": 12.5, "grow/s": 0.5,
                                     "eta": 8.0}}, header={"bound": 3, "level": "crit"})
        written.look(BEGIN + 10, {1: {"level": "full", "free": 0, "use%": 100.0, "tw": 84,
                                      "estab": 13, "fail": 7, "fail_last": 0.2}},
                     [(1, 7, 0), (3, 2, 0)], header={"bound": 3, "level": "full", "fails": 7,
                                                     "fails_last": 0.2})
        written.look(BEGIN + 130, {1: {"free": 50}, 9: {"free": 1, "level": "crit"}},
                     header={"bound": 3})
        self.written.put("state", 4, 2, *[100 if at == 1 else None for at in range(25)])
        written.look(BEGIN + 135, {9: None})

    def run_main(self, *argv):
        """(status, lines, what is said beside them)"""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("sys.stdout", out), mock.patch("sys.stderr", err):
            status = main.main([*argv, "--file", self.path])
        return status, out.getvalue().splitlines(), err.getvalue()

    def lines(self, *argv):
        """Of a run that succeeds in silence."""
        status, lines, said = self.run_main(*argv)
        self.assertEqual((status, said), (0, ""))
        return lines


class History(Shown):
    """Episodes."""

    def test_text(self):
        """All that is asked in the morning."""
        self.assertEqual(self.lines("--history", "--since", "03:12", "--until", "03:14:20"), [
            "3 episodes from 2026-03-03 03:12:00 to 2026-03-03 03:14:20",
            "nothing was recorded from 2026-03-03 03:12:10 to 2026-03-03 03:14:10: "
            "the machine slept, or was too busy",
            "from                 to        lasted     level  free  close/s  grow/s  failed  "
            "local     remote        namespace",
            "2026-03-03 03:12:05  03:14:10  2 min 5 s  full      0     12.5     0.5       7  "
            "10.0.0.1  10.0.9.1:443  host",
            "    at worst (03:12:10) of 100 ports: tw 84, estab 13, bound 3",
            "    crit 5 s, full 2 min",
            "    connect() found no port: 7 calls: nginx of nginx.service 7",
            "2026-03-03 03:12:10  03:12:10  0 s        ok        -        -       -       2  "
            "10.0.0.1  *             host",
            "    bind() found no port: 2 calls: nginx of nginx.service 2",
            "2026-03-03 03:14:10  03:14:15  5 s        crit      1      0.0       -       0  "
            "10.1.0.1  10.1.9.1:80   nginx.service",
            "    at worst (03:14:10) of 100 ports: none held"])

    def test_part(self):
        """It had begun, and it goes on."""
        lines = self.lines("--history", "-H", "--since", "03:12:08", "--until", "03:12:12",
                           "dst", "10.0.9.1")
        self.assertRegex(lines[0], r"\Aearlier +goes on ")
        self.assertEqual(self.lines("--history", "-H", "level", "full", "dst", "10.0.9.9"), [])

    def test_gaps(self):
        """Before, and until now."""
        self.assertEqual(self.lines("--history", "dport", "1")[1:], [
            "nothing was recorded from 2026-03-02 04:00:00 to 2026-03-03 03:12:00: "
            "the recorder did not run",
            "nothing was recorded from 2026-03-03 03:12:10 to 2026-03-03 03:14:10: "
            "the machine slept, or was too busy",
            "nothing was recorded from 2026-03-03 03:14:15 to 2026-03-03 04:00:00: "
            "the recorder did not run"])

    def test_json(self):
        """The same for programs."""
        doc = json.loads(self.lines("--history", "--json", "--since", "-1h")[0])
        one = doc["episodes"][0]
        self.assertEqual((one["name"], one["remote"], one["from"], one["failed"]),
                         ("host", "10.0.9.1:443", "2026-03-03T03:12:05.000+00:00",
                          {"connect": 7}))
        self.assertEqual((one["worst"]["row"]["tw"], one["worst"]["header"]["bound"]), (84, 3))
        self.assertEqual(one["callers"], [{"program": "nginx", "unit": "nginx.service",
                                           "kind": "connect", "count": 7}])
        self.assertEqual([gap["why"] for gap in doc["gaps"]], ["start", "late", "start"])

    def test_refused(self):
        """With a sentence."""
        for argv, said in ((("--since", "-1h"), "go with --history"),
                           (("--history", "--until", "-2h", "--since", "-1h"), "not before"),
                           (("--history", "--top"), "--history and --at go with"),
                           (("--history", "--who"), "--history and --at go with"),
                           (("--record", "--json"), "--record goes with"),
                           (("--record", "dst", "1.2.3.4"), "--record goes with"),
                           (("--keep-days", "3"), "go with --record"),
                           (("--record", "--keep-mb", "9"), "from 20 to"),
                           (("--json",), "--file goes with"),
                           (("--history", "--at", "03:12"), "one of them"),
                           (("5", "--history"), "--history and --at go with")):
            status, _, text = self.run_main(*argv)
            self.assertEqual(status, 2)
            self.assertIn(said, text)


class Files(Shown):
    """Who may read what."""

    def test_output(self):
        """What names programs is its owner's alone, as the record is."""
        path = os.path.join(os.path.dirname(self.path), "text")
        for argv in (("--history",), ("--at", "03:12:12")):
            self.assertEqual(self.lines(*argv, "--output", path), [])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_not_root(self):
        """That the record is not theirs does not mean that there is none."""
        if os.geteuid():
            self.skipTest("not root")
        os.chmod(os.path.dirname(self.path), 0o700)
        self.addCleanup(os.seteuid, 0)
        os.seteuid(65534)
        for argv in (("--history",), ("--at", "03:12:12"), ("--report", "-")):
            self.assertEqual(self.run_main(*argv),
                             (4, [], f"twstat: {self.path} may be read by root only\n"))

    def test_to_come(self):
        """Just after midnight."""
        for argv in ("--history",), ("--report", "-"):
            self.assertEqual(self.run_main(*argv, "--since", "23:50"),
                             (2, [], "twstat: 2026-03-03 23:50:00 is still to come; write "
                              "--since 'yesterday 23:50'\n"))


class At(Shown):
    """The table as it was."""

    def test_text(self):
        """In the layout of the table."""
        self.assertEqual(self.lines("--at", "03:12:09", "--width", "75"), [
            "as recorded at 2026-03-03 03:12:05: what was not ok, and the worst",
            "100 of 100 ports usable (3 bound); tcp_tw_reuse=2",
            "level crit: 1 crit, 1 ok",
            "level free used use% tw estab reuse_if next eta fail local    remote",
            "crit     4    0 95.0 80    13        0    - 8.0    0 10.0.0.1 10.0.9.1:443",
            "ok      99    0  0.0  0     0        0    -   -    0 10.0.0.1 10.0.9.2:443"])

    def test_gap(self):
        """It says that it is older."""
        lines = self.lines("--at", "03:13:30", "level", "full")
        self.assertEqual(lines[:2], [
            "as recorded at 2026-03-03 03:12:10: what was not ok, and the worst",
            "nothing was recorded from then to 2026-03-03 03:13:30"])
        self.assertEqual(len([line for line in lines if " full " in line]), 1)

    def test_who(self):
        """Who had failed in the last minutes."""
        lines = self.lines("--at", "03:12:12", "--who")
        at = [" full " in line for line in lines].index(True)
        self.assertEqual(lines[at + 1],
                         "    nginx[99] of nginx.service: 7 failed (last 0 s ago)")
        self.assertIn("bind() with port 0 found no port:", lines)

    def test_json(self):
        """Under the file's own names."""
        doc = json.loads(self.lines("--at", "03:12:12", "--json")[0])
        self.assertEqual((doc["time"], doc["rows"][0]["fail"], doc["header"]["fails_last"]),
                         ("2026-03-03T03:12:10.000+00:00", 7, 0.2))
        docs = json.loads(self.lines("--at", "03:14:12", "--json", "--all")[0])
        self.assertEqual([each["name"] for each in docs], ["host", "nginx.service"])

    def test_all(self):
        """Each namespace with its name."""
        lines = self.lines("--at", "03:14:12", "--all")
        self.assertEqual([line for line in lines if "netns" in line],
                         ["host (netns 4026531840)", "nginx.service (netns 7)"])

    def test_no_time(self):
        """What is still to come, and what was before the record."""
        self.assertEqual(self.run_main("--at", "05:12")[::2],
                         (2, "twstat: 2026-03-03 05:12:00 is still to come; write --at "
                          "'yesterday 03:12'\n"))
        self.assertEqual(self.run_main("--at", "03:00")[::2],
                         (1, "twstat: nothing was recorded until 2026-03-03 03:00:00; the "
                          "record begins at 2026-03-03 03:12:00\n"))


if __name__ == "__main__":
    unittest.main()
