#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a record says to those who read it."""
import os
import sqlite3
import tempfile
import unittest

from twstatlib import errors
from twstatlib.interface import LEVELS
from twstatlib.record import episodes, read, schema

ROW = {"level": "ok", "free": 100, "used": 0, "use%": 0.0, "tw": 0, "fw2": 0, "fw2_held": 0,
       "estab": 0, "syn": 0, "cwait": 0, "other": 0, "reuse": 0, "reuse_if": 0,
       "close/s": 0.0, "grow/s": None, "next": None, "eta": None, "fail": 0,
       "fail_last": None, "clash": 0}
HEADER = {"range": "40000-40099", "tried": 100, "reserved": 0, "bound": 0, "usable": 100,
          "tw_reuse": 2, "level": "ok", "rules": "tested", "complete": True, "fails": 0}


def folder():
    """A new one, where waiting for the disk takes no time."""
    return tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


class Written:
    """A record that is written by hand: destination 1 is of namespace 1."""

    def __init__(self, path):
        self.database = sqlite3.connect(path)
        self.database.executescript(schema.TABLES)
        self.database.execute(f"PRAGMA application_id = {schema.APPLICATION}")
        self.database.execute(f"PRAGMA user_version = {schema.VERSION}")
        self.put("namespace", 1, 4026531840, "host", None, None, 0)
        for ident, remote in ((1, "10.0.9.1:443"), (2, "10.0.9.2:443"), (3, "*")):
            self.put("destination", ident, 1, "10.0.0.1", remote, 0)
        self.put("caller", 1, "nginx", "nginx.service", 47, 0)
        self.looks = 0
        self.stretches = 0

    def put(self, table, *values):
        """A row of a table."""
        marks = ", ".join("?" * len(values))
        self.database.execute(f"INSERT INTO {table} VALUES ({marks})", values)

    def stretch(self, why=schema.STARTED):
        """A new one begins."""
        self.stretches += 1
        self.put("stretch", self.stretches, "boot", why, 5000)

    def look(self, at, rows=(), failures=(), header=None):
        """One at this second. Rows are by destination; None is one that is gone."""
        self.looks += 1
        self.put("look", self.looks, self.stretches, at * 1000, at * 1000)
        if header is not None:
            self.put("state", self.looks, 1,
                     *schema.to_fields({**HEADER, **header}, schema.HEADER))
        for ident, row in dict(rows).items():
            fields = [None] * len(schema.ROW) if row is None else \
                schema.to_fields({**ROW, **row}, schema.ROW)
            self.put("sample", self.looks, ident, *fields)
        for ident, fails, clashes in failures:
            self.put("failure", self.looks, ident, 1, 99, fails, clashes)
        self.database.commit()


class Case(unittest.TestCase):
    """A record in a folder of its own."""

    def setUp(self):
        own = folder()
        self.addCleanup(own.cleanup)
        self.path = os.path.join(own.name, "history.sqlite3")
        self.written = Written(self.path)
        self.addCleanup(self.written.database.close)

    def read(self):
        """What can be asked."""
        history = read.History(self.path)
        self.addCleanup(history.close)
        return history


class Fields(unittest.TestCase):
    """A row comes back as it was."""

    def test_same(self):
        """Whatever the level."""
        for level in (*LEVELS, None):
            row = {**ROW, "level": level, "use%": 99.9, "close/s": 470.4, "grow/s": -0.3,
                   "next": 12.3, "eta": 0.0, "fail_last": 0.2}
            fields = schema.to_fields(row, schema.ROW)
            self.assertEqual(schema.from_fields(fields, schema.ROW), row)

    def test_later(self):
        """What changes by itself has changed."""
        row = {**ROW, "next": 2.0, "eta": 60.5, "fail_last": 1.0}
        later = schema.from_fields(schema.to_fields(row, schema.ROW), schema.ROW, 5.0)
        self.assertEqual((later["next"], later["eta"], later["fail_last"]), (0.0, 55.5, 6.0))


class Samples(Case):
    """Of a destination."""

    def test_what_held_before(self):
        """It comes first; with the header that was in force."""
        self.written.stretch()
        self.written.look(100, {1: {"free": 50}, 2: {"free": 7}}, header={"bound": 3})
        self.written.look(105)
        self.written.look(110, {1: {"free": 40}}, header={"bound": 9})
        self.written.look(115, {1: None})
        history = self.read()
        one = [each for each in history.destinations(103, 200) if each.id == 1]
        self.assertEqual([(each.time, each.row and each.row["free"], each.header["bound"])
                          for each in history.samples(103, 200, one)],
                         [(100.0, 50, 3), (110.0, 40, 9), (115.0, None, 9)])
        self.assertEqual(len(list(history.samples(103, 200))), 4)
        self.assertEqual(list(history.samples(200, 300)), [])

    def test_another_stretch(self):
        """What held in it holds no longer."""
        self.written.stretch()
        self.written.look(100, {1: {"free": 50}}, header={})
        self.written.stretch()
        self.written.look(110, header={})
        self.assertEqual(list(self.read().samples(105, 200)), [])
        self.assertEqual(self.read().seen_at(110)[0].table.rows, [])

    def test_gaps(self):
        """With the reason."""
        self.written.stretch()
        for at in (100, 105, 150):
            self.written.look(at)
        self.written.stretch(schema.MODULE)
        self.written.look(200)
        self.assertEqual(self.read().gaps(95, 230),
                         [(105.0, 150.0, "late"), (150.0, 200.0, "module"),
                          (200.0, 230, "start")])

    def test_table(self):
        """As it was, the worst first; what changes by itself has changed."""
        self.written.stretch()
        self.written.look(100, {1: {"free": 50, "next": 9.0}, 2: {"free": 0, "level": "full"}},
                          header={"fails": 3, "fails_last": 1.0})
        self.written.look(105)
        seen, = self.read().seen_at(109.9)
        self.assertEqual((seen.time, seen.namespace.name), (105.0, "host"))
        self.assertEqual([(row["remote"], row["next"]) for row in seen.table.rows],
                         [("10.0.9.2:443", None), ("10.0.9.1:443", 4.0)])
        self.assertEqual(seen.table.header["fails_last"], 6.0)
        self.assertEqual(self.read().seen_at(99), [])

    def test_no_record(self):
        """One sentence."""
        for path, said in ((self.path + "x", "nothing was recorded"),
                           (__file__, "not a database"), ("/dev/null", "not a record")):
            with self.assertRaisesRegex(errors.Failure, said):
                read.History(path)


class Episodes(Case):
    """From when to when."""

    def test_one(self):
        """Its worst, its failures, and their callers."""
        self.written.stretch()
        self.written.look(100, {1: {"free": 50}, 2: {}}, header={})
        self.written.look(105, {1: {"free": 15, "level": "warn", "close/s": 7.5}})
        self.written.look(110, {1: {"free": 0, "level": "full", "close/s": 2.0}}, [(1, 4, 0)])
        self.written.look(115, failures=[(1, 2, 1), (2, 0, 1), (3, 9, 0)])
        self.written.look(120, {1: {"free": 30}})
        bind, one = sorted(episodes.episodes(self.read(), 0, 1000),
                           key=lambda each: each.begin, reverse=True)
        self.assertEqual((one.begin, one.end, one.before, one.lasts, one.level, one.levels),
                         (105.0, 120.0, False, False, "full", {"warn": 5.0, "full": 10.0}))
        self.assertEqual((one.free, one.closing, one.growing, one.worst.time),
                         (0, 7.5, None, 110.0))
        self.assertEqual(one.failed, {"connect": 6, "clash": 1})
        self.assertEqual(one.callers, [("nginx", "nginx.service", "connect", 6),
                                       ("nginx", "nginx.service", "clash", 1)])
        self.assertEqual((bind.destination.remote, bind.failed, bind.level, bind.worst),
                         ("*", {"bind": 9}, "ok", None))

    def test_ends(self):
        """It had begun before, it lasts, it comes again, and the recorder was away."""
        full = {1: {"free": 0, "level": "full"}}
        self.written.stretch()
        self.written.look(100, full, header={})
        self.written.look(105, {1: {}})
        self.written.look(150, full)
        self.written.look(155)
        self.written.stretch()
        self.written.look(160, full, header={})
        self.written.look(165, {1: None})
        self.written.look(500, full)
        self.written.look(505)
        history = self.read()
        self.assertEqual(
            [(each.begin, each.end, each.before, each.lasts)
             for each in episodes.episodes(history, 0, 1000)],
            [(100.0, 165.0, False, False), (500.0, 505.0, False, True)])
        self.assertEqual(
            [(each.begin, each.end, each.before, each.lasts)
             for each in episodes.episodes(history, 102, 162)],
            [(102, 160.0, True, True)])

    def test_filtered(self):
        """By any of its rows."""
        self.written.stretch()
        self.written.look(100, {1: {"level": "warn"}, 2: {"level": "crit"}}, [(3, 1, 0)],
                          header={})
        wanted = lambda row: row.get("level") == "crit"     # noqa: E731
        self.assertEqual([each.destination.id for each in
                          episodes.episodes(self.read(), 0, 1000, wanted)], [2])


if __name__ == "__main__":
    unittest.main()
