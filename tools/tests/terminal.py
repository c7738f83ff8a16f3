# SPDX-License-Identifier: GPL-2.0-only
"""A terminal of the tests' own: a pty, and pyte (python3-pyte) as its screen. Nothing waits
for a time: wait() looks until it sees what must come, or fails with the screen."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

_PATIENCE = 60.0


def _own_terminal():
    """In the child: standard input becomes its terminal, and its keys end programs. (What a
    shell has started in the background, or with nohup, inherits that signals are ignored.)"""
    for ends in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(ends, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program on a terminal."""

    def __init__(self, argv, columns=80, rows=24, **environment):
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        self._slave = slave                 # so that its settings can be asked for
        self._size(columns, rows)
        self.before = self.settings()
        inherited = {name: value for name, value in os.environ.items()
                     if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self._child = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=_own_terminal,
            env={**inherited, "TERM": "linux", "LC_ALL": "C.UTF-8", **environment})

    def _size(self, columns, rows):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """The user drags the window."""
        self._screen.resize(rows, columns)
        self._size(columns, rows)

    def settings(self):
        """How the terminal treats what is typed: what stty shows."""
        return termios.tcgetattr(self._slave)

    def press(self, keys):
        """Types."""
        os.write(self._master, keys.encode())

    def lines(self):
        """What is seen."""
        return [line.rstrip() for line in self._screen.display]

    def text(self):
        """What is seen, as one text."""
        return "\n".join(self.lines())

    def style(self, y, x):
        """The colours of a cell, and whether they are exchanged."""
        cell = self._screen.buffer[y][x]
        return cell.fg, cell.bg, cell.reverse

    def _take(self, seconds):
        """What the program has written by now. Returns whether there was something."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self._stream.feed(os.read(self._master, 65536))
        return True

    def wait(self, seen, what=None):
        """Until a text is seen, or a function of the terminal says yes. Who has ended will
        show nothing more."""
        ready = seen if callable(seen) else lambda terminal: seen in terminal.text()
        end = time.monotonic() + _PATIENCE
        while not ready(self):
            ended = self._child.poll() is not None
            if not self._take(0.1) and ended or time.monotonic() > end:
                raise AssertionError(f"never seen: {what or seen}\n{self.text()}")

    def signal(self, number):
        """Sends it a signal."""
        self._child.send_signal(number)

    def status(self):
        """The exit status of the program, which ends now."""
        end = time.monotonic() + _PATIENCE
        while self._child.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"it does not end\n{self.text()}")
            if self._master is not None:
                self._take(0.1)
        while self._master is not None and self._take(0):
            pass
        return self._child.returncode

    def hang_up(self):
        """The connection to the terminal breaks."""
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None

    def close(self):
        """Ends what is left: a shell's jobs end with their terminal."""
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        if self._master is not None:
            self.hang_up()
