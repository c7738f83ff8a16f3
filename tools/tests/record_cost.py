#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""record_cost.py [FOLDER]: what the recorder costs on this machine, beside what the kernel does
for it: processor time, bytes, and writes. The table is of a folder that looks like /proc, with
200 processes; the record is in FOLDER."""
import os
import random
import sys
import tempfile
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(HERE), HERE]

import samples                                              # noqa: E402
from fakeproc import Proc                                   # noqa: E402
from twstatlib.record import looks, recorder, store         # noqa: E402

INTERVAL = 5.0
LOOKS = 1500
CALLERS = ("# tw_callers version=1 netns=1 rows=1\n"
           "fails clashes first last calls search_us pid comm cgroup local remote\n")


def rows(number, chance):
    """Destinations of which everything changes."""
    for at in range(number):
        waiting, used = chance.randrange(20000, 28000), chance.randrange(10, 200)
        yield {"remote": f"10.0.9.{at}:443", "level": "crit", "free": 28232 - waiting - used,
               "used": waiting + used, "use%": f"{(waiting + used) / 282.32:.1f}",
               "tw": waiting, "estab": used, "syn": chance.randrange(3),
               "reuse_if": waiting - 100, "close/s": f"{chance.random() * 500:.1f}",
               "grow/s": f"{chance.random() * 5 - 2:.1f}", "next": f"{chance.random():.1f}",
               "eta": f"{chance.random() * 60:.1f}"}


def written():
    """(bytes, calls) that this process has written."""
    with open("/proc/self/io", encoding="ascii") as file:
        found = dict(line.split(": ") for line in file.read().splitlines())
    return int(found["wchar"]), int(found["syscw"])


def cost(proc, folder, number, busy):
    """One line: of so many destinations that change with each look, or not at all."""
    path = os.path.join(folder, f"cost-{number}-{busy}.sqlite3")
    clock = SimpleNamespace(boot="this", now=1.8e9, up=1e4)
    clock.wall, clock.uptime = lambda: clock.now, lambda: clock.up
    writer = store.Store(path, 100_000_000)
    record = recorder.Recorder(writer, INTERVAL, 7 * 86400.0,
                               looks.Looks(INTERVAL, clock=clock.uptime), clock)
    chance = random.Random(number)
    used, size, calls = 0.0, 0, 0
    for look in range(LOOKS):
        if busy or not look:
            proc.file("host", "tw_summary", samples.table(
                list(rows(number, chance)), netns=proc.inode("host"), timewait=look,
                fails=look))
            proc.file("host", "tw_callers", CALLERS + f"{look} 0 1000000 0 64 9 77 nginx 47 "
                      "10.0.0.1 10.0.9.0:443\n")
        before, began = written(), time.process_time()
        record.look()
        used += time.process_time() - began
        size, calls = size + written()[0] - before[0], calls + written()[1] - before[1]
        clock.now, clock.up = clock.now + INTERVAL, clock.up + INTERVAL
    writer.close()
    a_day, a_minute = 86400 / INTERVAL / LOOKS, 60 / INTERVAL / LOOKS
    print(f"{number} destinations, {'all change' if busy else 'none changes'}: "
          f"{used / LOOKS * 1e3:.2f} ms a look, {used / LOOKS / INTERVAL * 100:.3f}% of a "
          f"processor; {os.stat(path).st_size * a_day / 1e6:.1f} MB a day; "
          f"{size * a_minute / 1e3:.0f} KB in {calls * a_minute:.0f} writes a minute",
          flush=True)


def main():
    """Some sorts of machines."""
    proc = Proc().start()
    proc.namespace("host", in_use=50)
    proc.this("host")
    for pid in range(2, 201):
        proc.process(pid, "host")
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        for number, busy in ((50, True), (5, True), (5, False)):
            cost(proc, folder, number, busy)
    proc.stop()


if __name__ == "__main__":
    main()
