#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The recorder, in a folder that looks like /proc, with a clock that is not the machine's."""
import os
import sqlite3
import tempfile
import unittest
from unittest import mock

import samples
from fakeproc import Proc
from record_read_test import folder
from twstatlib import cgroups, errors, interface, sources
from twstatlib.record import episodes, read, schema
from twstatlib.record.looks import Looks, Read
from twstatlib.record.recorder import Failures as Failing
from twstatlib.record.recorder import Recorder
from twstatlib.record.store import Store

CALLERS = ("# tw_callers version=1 netns=1 rows=1\n"
           "fails clashes first last calls search_us pid comm cgroup local remote\n")
NOON = 1_800_000_000.0


class FakeClock:
    """It stands still until it is told to go on."""

    boot = "this-boot"

    def __init__(self):
        self.now, self.up = NOON, 1000.0

    def wall(self):
        """The time."""
        return self.now

    def uptime(self):
        """Since boot."""
        return self.up

    def wait(self, seconds):
        """It goes on."""
        self.now += seconds
        self.up += seconds
        return False

    def jump(self, seconds):
        """As if somebody sets it."""
        self.now += seconds


class Machine(unittest.TestCase):
    """One with a namespace and a record."""

    MOST = 10_000_000

    def setUp(self):
        self.proc = Proc().start()
        self.addCleanup(self.proc.stop)
        self.proc.namespace("host", in_use=5)
        self.proc.this("host")
        own = folder()
        self.addCleanup(own.cleanup)
        self.path = os.path.join(own.name, "history.sqlite3")
        self.clock = FakeClock()
        self.said = []
        self.store = None

    def shows(self, rows=({},), name="host", callers="", **header):
        """What the files of a namespace are from now on."""
        self.proc.file(name, "tw_summary", samples.table(
            [{"remote": f"10.0.9.{at}:443", **row} for at, row in enumerate(rows)],
            netns=self.proc.inode(name), **header))
        self.proc.file(name, "tw_callers", CALLERS + callers)

    def recorder(self, keep=7 * 86400.0, most=MOST):
        """One that has just been started."""
        if self.store:
            self.store.close()
        self.store = Store(self.path, most)
        self.addCleanup(self.store.close)
        return Recorder(self.store, 5.0, keep,
                        Looks(5.0, clock=lambda: self.clock.up), self.clock, self.said.append)

    def history(self):
        """What was recorded."""
        history = read.History(self.path)
        self.addCleanup(history.close)
        return history

    def samples(self):
        """[(seconds since noon, remote, level)] of all samples."""
        return [(each.time - NOON, each.destination.remote, each.row and each.row["level"])
                for each in self.history().samples(0, 2 * NOON)]

    def failed(self):
        """[(seconds since noon, program, kind, count)]"""
        return [(each.time - NOON, each.program, each.kind, each.count)
                for each in self.history().failures(0, 2 * NOON)]

    def look(self, recorder, **shown):
        """The next look, five seconds later."""
        if shown:
            self.shows(**shown)
        recorder.look()
        self.clock.wait(5.0)


class Recorded(Machine):
    """What is written."""

    def test_changes_only(self):
        """A destination that stays as it was is not written; that it is gone is."""
        recorder = self.recorder()
        self.look(recorder, rows=[{"free": 9}, {"free": 90}])
        self.look(recorder)
        self.look(recorder, rows=[{"free": 8, "level": "crit", "next": "3.0"}, {"free": 90}])
        self.look(recorder, rows=[{"free": 8, "level": "crit", "next": "2.0"}])
        self.assertEqual(self.samples(), [
            (0.0, "10.0.9.0:443", "ok"), (0.0, "10.0.9.1:443", "ok"),
            (10.0, "10.0.9.0:443", "crit"), (15.0, "10.0.9.1:443", None)])
        seen, = self.history().seen_at(NOON + 14)
        self.assertEqual([row["free"] for row in seen.table.rows], [8, 90])

    def test_as_the_table_says(self):
        """All columns, and the keys of the header."""
        text = samples.readme().replace("netns=4026531840",
                                        f"netns={self.proc.inode('host')}")
        self.proc.file("host", "tw_summary", text)
        self.proc.file("host", "tw_callers", CALLERS)
        self.recorder().look()
        table = interface.parse(text)
        seen, = self.history().seen_at(NOON)
        self.assertEqual(seen.table.rows, [
            {name: row.get(name) for name in seen.table.columns}
            for row in table.rows_of("out")])
        for key in schema.HEADER:
            self.assertEqual(seen.table.header[key], table.header.get(key), key)

    def test_worst(self):
        """All that are not ok, up to a hundred, and the five worst."""
        rows = [{"level": "full"}] * 3 + [{}] * 9
        recorder = self.recorder()
        self.look(recorder, rows=rows)
        self.assertEqual(len(self.samples()), 5)
        self.look(recorder, rows=[{"level": "full"}] * 200)
        self.assertEqual(len(self.history().seen_at(NOON + 5)[0].table.rows), 100)

    def test_again(self):
        """What stays as it is, is written again: it is found however late."""
        recorder = self.recorder()
        self.shows()
        for _ in range(300):
            self.look(recorder)
        self.assertEqual(len(self.samples()), 5)
        self.assertEqual(len(self.history().seen_at(NOON + 1490)[0].table.rows), 1)

    def test_namespaces(self):
        """Each with its name; one that ends is gone, and with it its destinations."""
        recorder = self.recorder()
        self.shows()
        self.proc.namespace("pod", in_use=9)
        process = self.proc.process(100, "pod", "/system.slice/nginx.service")
        self.look(recorder, name="pod", rows=[{"level": "full"}])
        self.assertEqual([seen.namespace.name for seen in self.history().seen_at(NOON)],
                         ["host", "nginx.service"])
        os.rename(process, process + "x")
        self.look(recorder)
        self.assertEqual([seen.namespace.name for seen in self.history().seen_at(NOON + 5)],
                         ["host"])
        self.assertIn((5.0, "10.0.9.0:443", None), self.samples())

    def test_same_number(self):
        """A namespace that has the number of another one is not that one."""
        recorder = self.recorder()
        self.shows()
        self.proc.namespace("pod", in_use=9)
        process = self.proc.process(100, "pod", "/system.slice/nginx.service")
        self.look(recorder, name="pod")
        os.rename(process, process + "x")
        self.proc.process(101, "pod", "/system.slice/redis.service")
        self.look(recorder)
        self.assertEqual([seen.namespace.name for seen in self.history().seen_at(NOON + 5)],
                         ["host", "redis.service"])

    def test_may_not_ask(self):
        """The file of callers belongs to root of the namespace's user namespace; who may not
        read it records what may be read."""
        recorder = self.recorder()
        self.shows()
        self.proc.namespace("pod", in_use=9)
        self.proc.process(100, "pod", "/system.slice/nginx.service")
        self.shows([{"level": "full"}], name="pod", fails=7)
        asked = sources.Namespace.read_first

        def read_first(namespace, kind, wanted):
            if kind == sources.CALLERS and namespace.name != "host":
                raise errors.NotAllowed(kind)
            return asked(namespace, kind, wanted)
        with mock.patch.object(sources.Namespace, "read_first", read_first):
            self.look(recorder)
            self.look(recorder)
        self.assertEqual([seen.namespace.name for seen in self.history().seen_at(NOON + 5)],
                         ["host", "nginx.service"])
        self.look(recorder, name="pod", rows=[{"level": "full"}], fails=7,
                  callers=caller(7, 3))
        self.assertEqual(self.failed(), [(10.0, "nginx", "connect", 7)])

    def test_any_name(self):
        """Whoever may make a control group or a file names it as he likes."""
        recorder = self.recorder()
        self.shows()
        self.proc.namespace("pod", in_use=9)
        self.proc.mount("pod", os.fsdecode(b"a\xffb"))
        self.proc.process(100, "pod")
        with tempfile.TemporaryDirectory() as groups:
            group = os.path.join(groups, os.fsdecode(b"c\xffd"))
            os.mkdir(group)
            self.shows(name="pod")
            with mock.patch.object(cgroups.Names.__init__, "__defaults__", (groups, False)):
                self.look(recorder)
                self.look(recorder, fails=7, callers=caller(7, 3).replace(
                    " 47 ", f" {os.stat(group).st_ino} "))
        self.assertEqual(self.said, [])
        self.assertEqual([each.name for each in self.history().namespaces()],
                         ["host", "a\ufffdb"])
        self.assertEqual([each.unit for each in self.history().failures(0, 2 * NOON)],
                         ["c\ufffdd"])

    def test_few_walks(self):
        """Where each walk takes long, the others are read in turns."""
        recorder = self.recorder()
        self.shows(walk_us=60000)
        for number in range(4):
            name = f"pod{number}"
            self.proc.namespace(name, in_use=9)
            self.proc.process(100 + number, name, f"/system.slice/{name}.service")
            self.shows(name=name, walk_us=60000)
        for _ in range(4):
            self.look(recorder)
        seen = [sorted({each.destination.namespace.name for each in
                        self.history().samples(NOON + at, NOON + at) if each.time == NOON + at})
                for at in (0, 5, 10, 15)]
        self.assertEqual(len({name for names in seen for name in names}), 5)
        self.assertEqual([len(names) for names in seen], [2, 1, 1, 1])


def caller(fails, first, clashes=0, comm="nginx", remote="10.0.9.0:443"):
    """A line of tw_callers."""
    return f"{fails} {clashes} {first} 0 64 9 77 {comm} 47 10.0.0.1 {remote}\n"


def read_of(namespace, fails=1, first=2):
    """A namespace that was read, with a caller."""
    table = interface.parse(CALLERS + caller(fails, first), "tw_callers")
    return Read(sources.Namespace(*namespace[:2]), None, table)


class Failures(Machine):
    """No call counts twice, and none is lost."""

    def test_since_the_last_look(self):
        """What was before the first look is not counted."""
        recorder = self.recorder()
        self.look(recorder, fails=7, callers=caller(7, 900))
        self.look(recorder, fails=9, callers=caller(9, 905))
        self.look(recorder, fails=9, callers=caller(9, 910))
        self.look(recorder, fails=14, callers=caller(9, 915) + caller(5, 3, comm="curl") +
                  caller(4, 2, 1, "ab", "*"))
        self.assertEqual(self.failed(), [
            (5.0, "nginx", "connect", 2), (15.0, "curl", "connect", 5),
            (15.0, "ab", "bind", 4), (15.0, "ab", "clash", 1)])

    def test_started_again(self):
        """Those between the two recorders are counted, once."""
        self.look(self.recorder(), fails=7, callers=caller(7, 900))
        self.clock.wait(100.0)
        recorder = self.recorder()
        self.look(recorder, fails=12, callers=caller(12, 1005))
        self.look(recorder)
        self.assertEqual(self.failed(), [(105.0, "nginx", "connect", 5)])

    def test_begins_with_0(self):
        """The module was loaded again, or the machine was started again."""
        recorder = self.recorder()
        self.look(recorder, fails=7, callers=caller(7, 900))
        self.clock.wait(60.0)
        self.look(recorder, fails=9, callers=caller(9, 4))
        self.clock.boot, self.clock.up = "another-boot", 20.0
        self.look(self.recorder(), fails=30, callers=caller(30, 3))
        self.assertEqual([count for _, _, _, count in self.failed()], [9, 30])

    def test_come_and_go(self):
        """What is remembered of namespaces that have ended is bounded; the others stay."""
        failures = Failing()
        failures.of([read_of((number, f"pod{number}", None, None)) for number in range(1000)],
                    5.0, 0.0)
        failures.keep({(7, "pod7", None, None)})
        self.assertEqual(failures.of([read_of((7, "pod7", None, None), 3, 7)], 10.0,
                                     5.0)[0][0][2], (2, 0, 77))
        self.assertLessEqual(len(failures._seen) + len(failures._counted), 2)

    def test_many_callers(self):
        """Of callers that the kernel has forgotten nothing is remembered."""
        failures, key = Failing(), (7, "pod7", None, None)
        for at in range(1000):
            text = caller(3, 0, comm=f"job{at}") + caller(at, at * 5)
            found = failures.of([Read(sources.Namespace(*key[:2]), None, interface.parse(
                CALLERS + text, "tw_callers"))], at * 5.0, 0.0)
            self.assertEqual([calls.fails for _, who, calls in found[0]
                              if who[0].startswith("job")], [3])
        self.assertLessEqual(sum(map(len, failures._counted.values())), 2)

    def test_cut_seconds(self):
        """A failure that came just after a look is a second older for the file, which takes
        one whole number of seconds from another."""
        recorder = self.recorder()
        self.shows()
        recorder.look()
        self.clock.wait(1.999)
        self.look(recorder, fails=7, callers=caller(7, 2))
        self.assertEqual([each[1:] for each in self.failed()], [("nginx", "connect", 7)])

    def test_old_ones(self):
        """A caller that was forgotten, or a namespace that nobody has looked at, has failed
        long ago."""
        recorder = self.recorder()
        self.shows()
        self.look(recorder)
        self.look(recorder, fails=7, callers=caller(7, 900))
        self.assertEqual(self.failed(), [])


class Troubles(Machine):
    """What goes wrong costs no more than it must."""

    def gaps(self):
        """[(begin, end, why)] in seconds since noon."""
        return [(gap.begin - NOON, gap.end - NOON, gap.why) for gap in
                self.history().gaps(NOON, self.clock.now - 5)]

    def test_module_away(self):
        """It says so once, and goes on when the module is back."""
        recorder = self.recorder()
        self.look(recorder, fails=2, callers=caller(2, 50))
        self.proc.file("host", "tw_summary", None)
        for _ in range(10):
            self.look(recorder)
        self.look(recorder, rows=[{"level": "crit"}], fails=3, callers=caller(3, 4))
        self.assertEqual(len(self.said), 2, self.said)
        self.assertRegex(self.said[0], "not loaded.*nothing is recorded")
        self.assertEqual(self.gaps(), [(0.0, 55.0, "module")])
        self.assertEqual(self.samples()[-1], (55.0, "10.0.9.0:443", "crit"))
        self.assertEqual(self.failed(), [(55.0, "nginx", "connect", 3)])

    def test_clock_goes_back(self):
        """Nothing is lost, and nothing is of both times."""
        recorder = self.recorder()
        self.look(recorder, rows=[{"free": 1}])
        self.look(recorder, rows=[{"free": 2}])
        self.clock.jump(-3600.0)
        self.look(recorder, rows=[{"free": 3}])
        self.look(recorder, rows=[{"free": 4}])
        self.assertEqual([each.row["free"] for each in self.history().samples(0, 2 * NOON)],
                         [1, 2, 3, 4])
        self.assertEqual([each.row["free"] for each in
                          self.history().samples(NOON - 3600, NOON - 1)], [3, 4])

    def test_another_time(self):
        """What was written while the clock was wrong is not of this time."""
        for jump in (-1e9, 1e9):
            with self.subTest(jump=jump):
                recorder = self.recorder()
                begin = self.clock.now
                self.look(recorder, rows=[{}])
                self.clock.jump(jump)
                self.look(recorder, rows=[{"level": "full", "free": 0}], fails=3,
                          callers=caller(3, 2))
                self.look(recorder)
                self.clock.jump(-jump)
                self.look(recorder, rows=[{}], fails=3, callers=caller(3, 12))
                self.look(recorder)
                span = begin, self.clock.now
                self.assertEqual(episodes.episodes(self.history(), *span), [])
                self.assertEqual(self.history().failures(*span), [])
                found, = episodes.episodes(self.history(), *(time + jump for time in span))
                self.assertEqual((found.level, found.end - found.begin), ("full", 5.0))
                self.clock.wait(1000.0)

    def test_set_back_into_it(self):
        """What holds when the time begins is not lost where there is that time twice."""
        recorder = self.recorder()
        for _ in range(10):
            self.look(recorder, rows=[{}])
        self.clock.jump(-90.0)
        self.look(recorder, rows=[{"remote": "10.0.9.7:443", "level": "crit"}])
        self.look(recorder, rows=[{"level": "full", "free": 0}])
        for _ in range(20):
            self.look(recorder)
        one, = episodes.episodes(self.history(), NOON + 1, NOON + 40)
        self.assertEqual((one.destination.remote, one.before, one.begin - NOON,
                          one.end - NOON, one.levels),
                         ("10.0.9.0:443", True, 1.0, 40.0, {"full": 39.0}))

    def test_clock_goes_ahead(self):
        """A clock that is wrong for an hour makes nothing too old."""
        self.clock.boot = "the-boot-before"
        self.look(self.recorder(), rows=[{"free": 1}])
        self.clock.boot = "this-boot"
        recorder = self.recorder()
        self.look(recorder, rows=[{"free": 2}])
        self.clock.jump(10 * 366 * 86400.0)
        for _ in range(60):
            self.clock.wait(55.0)
            self.look(recorder)
        self.assertEqual(self.samples()[0][0], 0.0)
        self.clock.jump(-10 * 366 * 86400.0)
        for _ in range(20):
            self.look(recorder)
        self.assertEqual(self.samples()[0][0], 0.0)
        self.assertEqual([row[0] for row in self.samples()[:2]], [0.0, 5.0])

    def test_machine(self):
        """Each stretch has its machine, and takes it along when it is too old."""
        self.shows()
        for stretches in (1,), (1, 2), (3,):
            self.look(self.recorder(keep=3600.0))
            with sqlite3.connect(self.path) as database:
                for table, column in ("machine", "stretch"), ("stretch", "id"):
                    rows = database.execute(f"SELECT {column} FROM {table}").fetchall()
                    self.assertEqual([row[0] for row in rows], list(stretches), table)
            if len(stretches) == 2:
                self.clock.wait(7200.0)
        self.assertEqual([each[:2] for each in self.history().machines(0, 2 * NOON)],
                         [(os.uname().nodename, os.uname().release)])

    def test_too_old(self):
        """It goes, as old as it may be; whatever the clock says of this boot."""
        recorder = self.recorder(keep=600.0)
        for at in range(400):
            self.look(recorder, rows=[{"free": at}])
        first = self.samples()[0][0]
        self.assertTrue(1400.0 - 5 <= first + 60.0 <= 1465.0, first)

    def test_too_old_of_another_boot(self):
        """By the clock, once it is a day without a jump."""
        self.shows()
        self.look(self.recorder())
        self.clock.boot, self.clock.up = "another-boot", 20.0
        self.clock.jump(10 * 86400.0)
        recorder = self.recorder()
        self.look(recorder)
        self.assertEqual(len(self.samples()), 2)
        self.clock.wait(86400.0 + 60)
        self.look(recorder)
        self.assertEqual(len(self.samples()), 2)
        self.assertGreater(self.samples()[0][0], 800000.0)

    def test_late(self):
        """What was seen before the machine slept does not hold while it sleeps."""
        recorder = self.recorder()
        self.look(recorder, rows=[{"level": "full"}])
        self.clock.wait(500.0)
        self.look(recorder)
        self.assertEqual(self.gaps(), [(0.0, 505.0, "late")])


if __name__ == "__main__":
    unittest.main()
