# SPDX-License-Identifier: GPL-2.0-only
"""A night that a record has: for the tests of the report."""
import record_read_test

from twstatlib.record import schema

BEGIN = 1764381600      # 2025-11-29 02:00 UTC
EVIL = "<script>alert(1)</script>"
TOTAL = 1000


def row(timewait, estab=20, bound=0, **more):
    """A row of a namespace with 1,000 ports."""
    used = timewait + estab
    free = max(TOTAL - bound - used, 0)
    use = (TOTAL - free) * 100 / TOTAL
    level = "full" if free == 0 else "crit" if use >= 95 else "warn" if use >= 80 else "ok"
    return {"level": level, "free": free, "used": used, "use%": use, "tw": timewait,
            "estab": estab, "close/s": timewait / 60, **more}


class Night(record_read_test.Written):
    """A record with looks every five seconds."""

    HEADER = {"range": "40000-40999", "tried": TOTAL, "usable": TOTAL}

    def __init__(self, path):
        super().__init__(path)
        self.database.commit()
        self.database.execute("PRAGMA synchronous = OFF")
        self.put("caller", 2, EVIL, "evil<b>.service", 48, 0)
        self.put("caller", 3, None, None, None, 0)

    def at(self, second, rows=(), failures=(), header=None):
        """A look, so many seconds after the beginning; failures are (destination, calls,
        caller)."""
        self.look(BEGIN + second, rows, header=header)
        for destination, fails, caller in failures:
            self.put("failure", self.looks, destination, caller, 99, fails, 0)
        self.database.commit()

    def stretch(self, *args):
        """Of a machine, as the recorder writes it."""
        super().stretch(*args)
        self.put("machine", self.stretches, "web-1", "6.1.0-57-amd64", "0.1.0")

    def story(self):
        """Destination 1 fills up, is full for a while, and empties; then the recorder is
        away for two minutes. Destination 2 is open connections that leak, while bind() takes
        ports; and bind() fails."""
        self.stretch()
        self.at(0, {1: row(100), 2: row(0, 50)}, header=self.HEADER)
        for second in range(5, 600, 5):
            timewait = min(max(second * 4 - 200, 100), 980) if second < 400 else \
                max(980 - (second - 400) * 10, 90)
            bound = min(second // 2, 200)
            timewait = min(timewait, TOTAL - 20 - bound)
            one = row(timewait, 20, bound, reuse_if=timewait // 2)
            failures = []
            if one["level"] == "full":
                failures = [(1, second % 37 + 1, 1)] + ([(1, 2, 2)] if second % 4 else [])
            if 300 <= second < 330:
                failures.append((3, 4, 3))
            self.at(second, {1: one, 2: row(0, 50 + second, bound)}, failures,
                    {**self.HEADER, "bound": bound, "usable": TOTAL - bound})
        self.stretch()
        for second in range(720, 1000, 5):
            self.at(second, {1: row(90), 2: row(20, 500, 200, fw2=60, cwait=40)}
                    if second == 720 else {}, (), self.HEADER if second == 720 else None)

    def week(self, seconds=7 * 86400, step=5):
        """A destination that goes up and down all the time, with one look that is worse than
        all others. Returns that time."""
        self.stretches += 1
        self.put("stretch", self.stretches, "boot", schema.STARTED, step * 1000)
        worst = BEGIN + seconds // 3 // step * step
        self.at(0, {1: row(100)}, header=self.HEADER)
        for second in range(step, seconds, step):
            timewait = 850 + second // step * 7 % 100
            if BEGIN + second == worst:
                timewait = 979
            self.looks += 1
            at = (BEGIN + second) * 1000
            self.put("look", self.looks, self.stretches, at, at)
            self.put("sample", self.looks, 1, *schema.to_fields(
                {**record_read_test.ROW, **row(timewait)}, schema.ROW))
            if self.looks % 60 == 0:
                self.put("state", self.looks, 1, *schema.to_fields(
                    {**record_read_test.HEADER, **self.HEADER}, schema.HEADER))
        self.database.commit()
        return worst
