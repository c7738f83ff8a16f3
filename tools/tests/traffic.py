# SPDX-License-Identifier: GPL-2.0-only
"""A machine with one destination, second by second, for the tests of what is said before
ports run out. It knows nothing of twstat: a TIME_WAIT lasts 60 s, a port that is held is
held, and a call that finds none fails."""
import samples

LEVELS = ("ok", "warn", "crit", "full")
LASTS = 60


class Machine:
    """One address, one destination."""

    def __init__(self, ports=28232, timewait_max=65536, reuse=False, opened=0):
        self.ports = ports
        self.timewait_max = timewait_max
        self.reuse = reuse
        self.made = []          # TIME_WAITs that began in each second until now
        self.open = opened
        self.fails = self.dropped = 0
        self._level = "ok"
        self._grew = self._dropped = 0

    def _waiting(self, seconds=LASTS):
        return sum(self.made[-seconds:])

    def reusable(self):
        """TIME_WAITs that connect() takes over: those older than a second."""
        return self._waiting() - self._waiting(1) if self.reuse else 0

    def free(self):
        """Ports for connect()."""
        return self.ports - self.open - self._waiting() + self.reusable()

    def second(self, closed, opened=0):
        """So many connections are opened and closed at once, and so many are opened and
        stay open; below 0, so many of those that are open are closed."""
        self.made.append(0)
        wanted = closed + max(opened, 0)
        served = min(wanted, max(self.free(), 0))
        self.fails += wanted - served
        self._grew = min(opened, served)
        self.open += self._grew
        self._close(served - self._grew)

    def _close(self, number):
        if self.reuse:
            self._take_over(number - (self.ports - self.open - self._waiting()))
        self._dropped = max(number - max(self.timewait_max - self._waiting(), 0), 0)
        self.dropped += self._dropped
        self.made[-1] = number - self._dropped

    def _take_over(self, number):
        """So many TIME_WAITs, the oldest first."""
        for second in range(max(len(self.made) - LASTS, 0), len(self.made)):
            taken = min(self.made[second], max(number, 0))
            self.made[second] -= taken
            number -= taken

    def level(self):
        """By the default thresholds, with hysteresis."""
        use = 100 * (self.ports - self.free()) / self.ports
        now = LEVELS.index(self._level)
        for level, percent in ((1, 80), (2, 95), (3, 100)):
            if use >= percent and now < level:
                now = level
            elif now >= level and use < percent - (5 if level < 3 else 0):
                now = level - 1
                break
        self._level = LEVELS[now]
        return self._level

    def _eta(self, rate):
        """By going on."""
        if self.free() <= 0:
            return "0.0"
        again = Machine(self.ports, self.timewait_max, self.reuse)
        again.made, again.open = list(self.made), self.open
        for second in range(7200 if self._grew > 0 else 2 * LASTS):
            if again.free() <= 0:
                return f"{second}.0"
            again.second(rate, max(self._grew, 0))
        return "-"

    def table(self):
        """As the module would print it."""
        rate = round(self._waiting(10) / 10)
        use = 1000 * (self.ports - self.free()) // self.ports / 10
        row = {"level": self.level(), "free": self.free(), "use%": use,
               "used": self.open + self._waiting(), "tw": self._waiting(),
               "fw2_held": 0, "estab": self.open, "reuse": self.reusable(),
               "close/s": "-" if self._dropped else f"{rate}.0",
               "grow/s": f"{self._grew}.0", "fail": self.fails,
               "eta": "-" if self._dropped else self._eta(rate)}
        return samples.table(
            [row], tried=self.ports, usable=self.ports, timewait_max=self.timewait_max,
            timewait=self._waiting(), established=self.open, level=row["level"],
            bind_level="-", fails=self.fails, timewait_dropped=self.dropped,
            tw_reuse=1 if self.reuse else 2)


def looks(machine, load, seconds, every=15):
    """The tables that are seen every so many seconds, while load(second) gives what
    Machine.second() takes."""
    for second in range(seconds + 1):
        if second % every == 0:
            yield machine.table()
        machine.second(*load(second))
