# SPDX-License-Identifier: GPL-2.0-only
"""Runs cases, each in a process of its own with a network namespace of its own."""
import contextlib
import json
import os
import selectors
import signal
import time
import traceback

from . import verify_net
from .errors import Failure
from .verify_ground import LeftOut, NoSuchRule
from .verify_world import Numbers, World

RIGHT, WRONG, LEFT_OUT, NO_SUCH_RULE = "right", "wrong", "left out", "no such rule"

# So many at once: most of them wait for TIME_WAITs to grow old.
_AT_ONCE = 16
# Who takes longer hangs. It is enough for an emulated machine.
_PATIENCE_S = 120


class Result:
    """What became of a case."""

    def __init__(self, name, outcome):
        self.name = name
        self.verdict = outcome["verdict"]
        self.numbers = [Numbers(*three) for three in outcome.get("numbers", ())]
        self.why = outcome.get("why")
        self.kind = outcome.get("kind")
        self.texts = outcome.get("texts", {})

    def differing(self):
        """The numbers that are not equal."""
        return [one for one in self.numbers if one.said != one.found]


def _left_out(why, kind=None):
    return {"verdict": LEFT_OUT, "why": why, "kind": kind}


def _tried(case):
    """A world in which the case has compared something."""
    world = World()
    try:
        case(world)
    finally:
        world.end()
    if not world.numbers:
        raise LeftOut("the case has compared nothing")
    return world


def _outcome(case):
    """What a case finds, for Result."""
    try:
        world = _tried(case)
    except NoSuchRule as why:
        return {"verdict": NO_SUCH_RULE, "why": str(why)}
    except LeftOut as why:
        return _left_out(str(why), why.kind)
    except Failure as why:
        return _left_out(str(why))
    except OSError as error:
        return _left_out(error.strerror or str(error))
    except Exception:       # pylint: disable=broad-except
        return _left_out(traceback.format_exc())
    right = all(one.said == one.found for one in world.numbers)
    return {"verdict": RIGHT if right else WRONG, "numbers": world.numbers,
            "texts": {} if right else world.texts}


class _Child:
    """A process with a case."""

    def __init__(self, name, case):
        self.name = name
        self.ends_at = time.monotonic() + _PATIENCE_S
        self._said = b""
        parent = os.getpid()
        self.file, told = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self._run(case, told, parent)
        os.close(told)

    @staticmethod
    def _run(case, told, parent):
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            verify_net.end_with(parent)
            with open(told, "w", encoding="utf-8") as file:
                json.dump(_outcome(case), file)
        finally:
            os._exit(0)     # pylint: disable=protected-access

    def read(self):
        """Reads what it says; whether it has ended."""
        text = os.read(self.file, 65536)
        self._said += text
        return not text

    def end(self):
        """Also if it has not ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.file)

    def result(self):
        """What it has found."""
        try:
            return Result(self.name, json.loads(self._said))
        except ValueError:
            return Result(self.name, _left_out("it was ended"))


class _Pool:
    """Some of the cases at a time."""

    def __init__(self, cases):
        self._waiting = list(reversed(cases))
        self._children = selectors.DefaultSelector()

    def _begin(self):
        while self._waiting and len(self._children.get_map()) < _AT_ONCE:
            child = _Child(*self._waiting.pop())
            self._children.register(child.file, selectors.EVENT_READ, child)

    def _end(self, child):
        self._children.unregister(child.file)
        child.end()
        return child.result()

    def results(self):
        """As they come."""
        try:
            self._begin()
            while self._children.get_map():
                ready = [key.data for key, _ in self._children.select(1)]
                now = time.monotonic()
                late = [key.data for key in self._children.get_map().values()
                        if key.data.ends_at < now]
                for child in ready + [one for one in late if one not in ready]:
                    if child in late or child.read():
                        yield self._end(child)
                self._begin()
        finally:
            for key in list(self._children.get_map().values()):
                self._end(key.data)


def run(cases, alone):
    """A result for each case, as they come. Those of `alone` run one at a time, when the
    others have ended, and so does once more what was wrong: only what is wrong again counts,
    because nobody else can be told by one number that came out wrong on a busy machine."""
    by_name = dict(cases)
    again = []
    for result in _Pool(cases).results():
        if result.verdict == WRONG:
            again.append(result.name)
        else:
            yield result
    for one in list(alone) + [(name, by_name[name]) for name in again]:
        yield from _alone(one)


def _alone(case):
    for last in (False, True):
        for result in _Pool([case]).results():
            if last or result.verdict != WRONG:
                yield result
                return
