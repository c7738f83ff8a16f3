#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a disk, a program or a power cut may do to the record: no more than the last interval
is lost, and the file is never larger than it may be."""
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from record_test import NOON, Machine, caller
from twstatlib import errors
from twstatlib.record import read, recorder, schema, store

HERE = os.path.dirname(os.path.abspath(__file__))
ENDS = ("", "-wal", "-shm", "-lock", ".new", ".damaged")

# A recorder of its own process: it says each look that is written.
CHILD = """
import sys
sys.dont_write_bytecode = True
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/.."]
import samples
from twstatlib import main, sources
from twstatlib.record import recorder
sources.PROC, sources.MOUNTED = sys.argv[2], sys.argv[2] + "/none"
write, number = recorder.Recorder._write, 0
def said(self, reads):
    global number
    number += 1
    for row in reads[0].table.rows:
        row["free"] = number
    write(self, reads)
    print(number, flush=True)
recorder.Recorder._write = said
sys.exit(main.main(["--record", "0.1", *sys.argv[3:]]))
"""


def entry(at, rows, stretch=None):
    """A look with so many rows that are not like any other's."""
    namespace = 1, "host", None, None
    fields = [(at * 7919 + number) % 30000 for number in range(len(schema.ROW))]
    fields[0] = 3
    return store.Entry(round((NOON + 5 * at) * 1000), 5000 * at, stretch, [], [
        ((namespace, "10.0.0.1", f"10.0.{number >> 8}.{number & 255}:443"), fields)
        for number in range(rows)], [], [])


class Processes(Machine):
    """Recorders of their own, of this machine."""

    def start(self, *argv):
        """One, and its first look."""
        self.shows()
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, HERE, self.proc.root, "--file", self.path, *argv],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), "1\n")
        return child

    def free(self):
        """The free ports of each look."""
        with read.History(self.path) as history:
            return [each.row["free"] for each in history.samples(0, 2 * NOON)]


class Killed(Processes):
    """By whatever."""

    def test_told_to_end(self):
        """It ends between two looks; all is in one file then."""
        for number in (signal.SIGTERM, signal.SIGINT):
            child = self.start()
            child.send_signal(number)
            out, err = child.communicate(timeout=20)
            self.assertEqual((child.returncode, err), (0, ""))
            self.assertFalse(os.path.exists(self.path + "-wal"))
            self.assertEqual(self.free()[-1], int(("1\n" + out).split()[-1]))

    def test_count(self):
        """So many looks."""
        child = self.start("3")
        self.assertEqual(child.communicate(timeout=20), ("2\n3\n", ""))
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)

    def test_killed(self):
        """All that was said to be written is there, and the next one goes on."""
        wanted, chance = 0, random.Random(30)
        for _ in range(6):
            child = self.start()
            time.sleep(0.25 + chance.random() * 0.1)
            child.kill()
            said = ("1\n" + child.communicate()[0]).split()
            wanted += len(said)
            found = self.free()
            self.assertGreaterEqual(len(found), wanted)
            self.assertLessEqual(len(found), wanted + 1)
            wanted = len(found)
        self.assertEqual(len(self.history().stretches(0, 2 * NOON)), 6)

    def test_two(self):
        """The second one does nothing; it may once the first has ended, however."""
        first = self.start()
        run = subprocess.run([sys.executable, "-c", CHILD, HERE, self.proc.root, "--file",
                              self.path, "1"], capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (
            1, "", f"twstat: another recorder writes to this file: process {first.pid}\n"))
        self.assertNotEqual(first.stdout.readline(), "")
        first.kill()
        first.communicate()
        self.start().kill()


class Locked(Machine):
    """The file of the lock."""

    def test_link(self):
        """Nothing is emptied that somebody else has put a link to."""
        other = self.path + "-other"
        with open(other, "w", encoding="ascii") as file:
            file.write("mine")
        os.symlink(other, self.path + "-lock")
        with self.assertRaisesRegex(errors.Failure, "-lock: "):
            store.Lock(self.path + "-lock")
        with open(other, encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")


class PowerCut(Machine):
    """The disk has some of what was written, or something else."""

    def test_torn_log(self):
        """Each look is there as a whole or not at all, and those are that were on the disk."""
        writer, sizes = self.recorder(most=10 * self.MOST), []
        for at in range(12):
            self.look(writer, rows=[{"free": at}, {"free": 100 + at}], fails=at,
                      callers=caller(at, 999))
            sizes.append(os.stat(self.path + "-wal").st_size)
        self.assertEqual(len(set(sizes)), len(sizes))
        with open(self.path + "-wal", "rb") as file:
            log = file.read()
        main = self.path
        chance = random.Random(7)
        for cut in sorted({*sizes, *(chance.randrange(sizes[0], len(log)) for _ in range(30))}):
            for tail in (b"", bytes(4096), chance.randbytes(9000)):
                self.path = os.path.join(os.path.dirname(main), f"cut{cut}-{len(tail)}")
                shutil.copy(main, self.path)
                with open(self.path + "-wal", "wb") as file:
                    file.write(log[:cut] + tail)
                whole = sum(size <= cut for size in sizes)
                self.assertEqual([row[0] for row in self.samples()],
                                 [at * 5.0 for at in range(whole) for _ in range(2)])
                self.assertEqual(self.failed(), [(at * 5.0, "nginx", "connect", 1)
                                                 for at in range(2, whole)])

    def test_on_the_disk(self):
        """SQLite is told to wait for the disk with each look."""
        self.recorder()
        pragma = self.store._database.execute   # pylint: disable=protected-access
        self.assertEqual((pragma("PRAGMA synchronous").fetchone()[0],
                          pragma("PRAGMA journal_mode").fetchone()[0]), (2, "wal"))


class FullDisk(Machine):
    """There is no room."""

    def full(self, recorder_, fill, empty):
        """Nothing is lost but what happens meanwhile, and of that no failed call."""
        self.look(recorder_, rows=[{"free": 1}], fails=2, callers=caller(2, 50))
        fill()
        for _ in range(5):
            self.look(recorder_, rows=[{"free": 2}], fails=6, callers=caller(6, 70))
        self.assertEqual(len(self.said), 1, self.said)
        self.assertRegex(self.said[0], "nothing is recorded until that is over")
        empty()
        self.look(recorder_, rows=[{"free": 3}], fails=7, callers=caller(7, 80))
        self.assertEqual(self.said[1:], ["recording again"])
        history = self.history()
        self.assertEqual([each.row["free"] for each in history.samples(0, 2 * NOON)], [1, 3])
        self.assertEqual([(gap.begin - NOON, gap.end - NOON, gap.why) for gap in
                          history.gaps(NOON, NOON + 30)], [(0.0, 30.0, "disk")])
        self.assertEqual(self.failed(), [(30.0, "nginx", "connect", 5)])

    def test_no_larger_file(self):
        """The process may not make a file larger."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))
        self.shows()
        self.full(self.recorder(),
                  lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (
                      os.stat(self.path + "-wal").st_size, hard)),
                  lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard)))

    def test_no_space(self):
        """The file system is full."""
        folder = os.path.join(os.path.dirname(self.path), "small")
        os.mkdir(folder)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder],
                          stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        self.path, other = os.path.join(folder, "history.sqlite3"), os.path.join(folder, "big")

        def fill():
            with open(other, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
        self.shows()
        self.full(self.recorder(), fill, lambda: os.unlink(other))

    def test_from_the_beginning(self):
        """One sentence; what it has begun is gone on with later."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
        with self.assertRaises(store.Unwritable):
            self.recorder()
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.look(self.recorder(), rows=[{}])
        self.assertEqual(len(self.samples()), 1)


class Damage(Machine):
    """Something else is in the file."""

    def filled(self, looks=400):
        """A record of some size, whose recorder has ended."""
        self.recorder()
        for at in range(looks):
            self.store.write(entry(at, 20, None if at else ("this-boot", "start", 5000)))
        self.store.close()
        return os.stat(self.path).st_size // store.PAGE

    def spoil(self, page, number=1, text=b"\xa5"):
        """Pages, the first of which is 0."""
        with open(self.path, "r+b") as file:
            file.seek(page * store.PAGE)
            file.write(text * store.PAGE * number)

    def mended(self):
        """What it says when a recorder is started."""
        said = []
        keep, recorder._say = recorder._say, said.append
        self.addCleanup(setattr, recorder, "_say", keep)
        recorder._open(self.path, self.MOST).close()
        return said

    def test_some_pages(self):
        """All but what was on them is kept, and it goes on."""
        pages = self.filled()
        self.spoil(pages // 2, 2)
        said = self.mended()
        self.assertRegex(" ".join(said), r"damaged: \d+ looks could be read")
        looks = {each.look for each in self.history().samples(0, 2 * NOON)}
        self.assertGreater(len(looks), 380)
        self.assertIn(400, looks)
        self.shows()
        self.clock.jump(2005.0)
        self.clock.boot = "another"
        self.look(self.recorder())
        self.assertEqual(self.samples()[-1][0], 2005.0)
        self.assertFalse(any(os.path.exists(self.path + end) for end in (".new", ".damaged")))

    def test_any_page(self):
        """Whichever page it is, and whatever is on it: what is left can be read."""
        pages = self.filled(60)
        with open(self.path, "rb") as file:
            good = file.read()
        chance = random.Random(3)
        kept = []
        for page in range(1, pages, 3):
            for text in (bytes(store.PAGE), b"\xff" * store.PAGE,
                         chance.randbytes(store.PAGE)):
                with open(self.path, "wb") as file:
                    file.write(good[:page * store.PAGE] + text +
                               good[(page + 1) * store.PAGE:])
                self.mended()
                kept.append(len({each.look for each in self.history().samples(0, 2 * NOON)}))
                with open(self.path, "rb") as file:
                    self.assertIn(b"twst", file.read(100))
        self.assertGreaterEqual(min(kept), 0)
        self.assertGreater(sorted(kept)[len(kept) // 2], 50)

    def test_while_it_runs(self):
        """The recorder goes on in the same process."""
        pages = self.filled()
        writer = self.recorder()
        self.shows()
        self.clock.jump(2000.0)
        self.look(writer)
        self.spoil(pages // 2, 2)
        self.store.close()              # what it has in memory would hide it
        self.look(writer)
        self.look(writer)
        self.look(writer)
        self.assertRegex(self.said[0], "was damaged")
        self.assertEqual([row[0] for row in self.samples()][-2:], [2000.0, 2010.0])

    def test_first_page(self):
        """Nothing can be read of it: it is put aside, until it has no room any more."""
        self.filled()
        self.spoil(0)
        said = self.mended()
        self.assertRegex(" ".join(said), r"nothing could be read.*it is now .*\.damaged\Z")
        self.assertTrue(os.path.exists(self.path + ".damaged"))
        self.shows()
        self.look(self.recorder())
        self.assertEqual(len(self.samples()), 1)

    def test_not_ours(self):
        """Another program's file stays as it is."""
        for content in (b"root:x:0:0\n", None):
            with open(self.path, "wb") as file:
                file.write(content or b"")
            if content is None:
                database = sqlite3.connect(self.path)
                database.execute("CREATE TABLE mine (number)")
                database.commit()
                database.close()
            with open(self.path, "rb") as file:
                before = file.read()
            with self.assertRaisesRegex(errors.Failure, "not a record of twstat"):
                store.check_is_ours(self.path)
            with self.assertRaises(errors.Failure):
                read.History(self.path)
            with open(self.path, "rb") as file:
                self.assertEqual(file.read(), before)

    def test_taken_away(self):
        """A new one is begun, with all that is there."""
        writer = self.recorder()
        self.look(writer, rows=[{"free": 1}])
        for end in ("", "-wal", "-shm"):
            os.unlink(self.path + end)
        self.look(writer)
        self.assertEqual(self.samples(), [(5.0, "10.0.9.0:443", "ok")])


class Bounded(Machine):
    """In bytes, at every moment."""

    def fill(self, looks, first=0):
        """Looks of 500 rows, as fast as can be: the most bytes that there were."""
        most = 0
        for at in range(first, first + looks):
            self.store.write(entry(at, 500, None if at else ("this-boot", "start", 5000)))
            most = max(most, self.size())
        return most

    def size(self):
        """Of all files."""
        return sum(os.stat(self.path + end).st_size for end in ENDS
                   if os.path.exists(self.path + end))

    def looks(self):
        """The numbers of the first and the last one."""
        return self.store._database.execute("SELECT min(id), max(id) FROM look").fetchone()

    def test_size(self):
        """The oldest go; most of the room is used."""
        self.recorder()
        most = self.fill(700)
        self.assertLessEqual(most, self.MOST)
        self.assertGreater(most, self.MOST * 0.85)
        first, last = self.looks()
        self.assertGreater(first, 100)
        self.assertEqual(last, 700)
        self.assertGreater(len({each.look for each in
                                self.history().samples(NOON + 5 * first, 2 * NOON)}), 200)

    def test_too_much(self):
        """A look that has no room makes the file no larger than it may be."""
        self.recorder()
        self.fill(450)
        with self.assertRaises(store.Unwritable):
            for at in range(450, 453):
                self.store.write(entry(at, 25000))
        pages = self.store._database.execute("PRAGMA page_count").fetchone()[0]
        self.assertLessEqual(pages, self.store._pages)
        self.assertLessEqual(self.fill(5, 453), self.MOST)

    def test_less(self):
        """An option that allows less than before."""
        self.recorder(most=3 * self.MOST)
        self.fill(900)
        self.recorder()
        self.assertLessEqual(self.size(), self.MOST)
        self.assertEqual(self.looks()[1], 900)
        self.assertLessEqual(self.fill(50, 900), self.MOST)

    def test_reader_that_stays(self):
        """Nothing is written while the log cannot be emptied; then it goes on."""
        self.recorder()
        self.fill(300)
        reader = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM look").fetchone()
        with self.assertRaisesRegex(store.Unwritable, "keeps its log from being emptied"):
            for at in range(300, 700):
                self.store.write(entry(at, 500))
                self.assertLessEqual(self.size(), self.MOST)
        self.assertLessEqual(self.size(), self.MOST)
        reader.close()
        self.assertLessEqual(self.fill(5, 700), self.MOST)

    def test_damaged_one(self):
        """It goes first, as the oldest."""
        with open(self.path + ".damaged", "wb") as file:
            file.write(bytes(self.MOST // 2))
        self.recorder()
        self.assertLessEqual(self.fill(300), self.MOST)
        self.assertFalse(os.path.exists(self.path + ".damaged"))

    def test_names(self):
        """Destinations that were seen once do not pile up."""
        self.recorder()
        for at in range(900):
            look = entry(at, 0, None if at else ("this-boot", "start", 5000))
            fields = [3] * len(schema.ROW)
            look.rows.extend((((1, "host", None, None), "10.0.0.1", f"10.{at}.{number}:1"),
                              fields) for number in range(100))
            self.store.write(look)
            self.assertLessEqual(self.size(), self.MOST)


if __name__ == "__main__":
    unittest.main()
