# SPDX-License-Identifier: GPL-2.0-only
"""What --verify makes of what its cases find. (The cases themselves need the module:
selftests/verify.sh.)"""
import io
import json
import os
import signal
import tempfile
import time
import unittest
from unittest import mock

import samples
from twstatlib import errors, interface, options, sources, verify, verify_run
from twstatlib.verify_ground import IPV6, VRF, LeftOut, NoSuchRule
from twstatlib.verify_world import Numbers


class Small:
    """A world that is none."""

    def __init__(self):
        self.numbers = []
        self.texts = {"tw_summary": "# what the file said\n"}

    def compare(self, what, said, found):
        """As World has it."""
        self.numbers.append(Numbers(what, said, found))

    def end(self):
        """Likewise."""


def right(world):
    """Says what is so."""
    world.compare("calls", 3, 3)


def wrong(world):
    """Says too much."""
    world.compare("calls", 3, 3)
    world.compare("other calls", 4, 3)


def without(kind):
    """Cannot be made."""
    def case(_):
        raise LeftOut("there is none", kind)
    return case


def no_such_rule(_):
    """Is about something that the kernel does not have."""
    raise NoSuchRule("this kernel has none")


def broken(_):
    """Has a mistake."""
    raise KeyError("a mistake")


def compares_nothing(_):
    """Could never fail."""


def dies(_):
    """Ends without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


class Verify(unittest.TestCase):
    """Without the module, and without namespaces."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(self.folder.cleanup)
        self.parameter = os.path.join(self.folder.name, "rules_verified")
        with open(self.parameter, "w", encoding="ascii") as file:
            file.write("?")
        self.table = interface.parse(samples.table([], rules="untested"))
        for patch in (mock.patch.object(verify_run, "World", Small),
                      mock.patch.object(verify, "_PARAMETER", self.parameter),
                      mock.patch.object(verify, "ALONE", ()),
                      mock.patch.object(verify.os, "geteuid", lambda: 0),
                      mock.patch.object(verify, "is_root_of_the_machine", lambda: True),
                      mock.patch.object(sources, "read", lambda *_: self.table)):
            patch.start()
            self.addCleanup(patch.stop)

    def verify(self, *cases, words=("--verify",)):
        """What is printed, the status, and what the module is told."""
        out, status = io.StringIO(), 0
        named = [(case.__name__ + str(number), case) for number, case in enumerate(cases)]
        with mock.patch.object(verify, "CASES", named):
            try:
                verify.run(options.parse(words), out)
            except errors.Failure as failure:
                status = failure.status
        with open(self.parameter, encoding="ascii") as file:
            return out.getvalue(), status, file.read()

    def test_verified(self):
        """All is right."""
        text, status, told = self.verify(right, right, no_such_rule)
        self.assertEqual((status, told), (0, "Y"))
        self.assertEqual(text.splitlines()[-1],
                         f"verified on {os.uname().release}: 2 of 2")
        self.assertEqual(text.count("right  "), 2)
        self.assertNotIn("no_such_rule", text)

    def test_may_be_left_out(self):
        """A kernel without IPv6 or VRFs is verified, and it is said what was left out."""
        text, status, told = self.verify(right, without(IPV6), without(VRF), without(VRF))
        self.assertEqual((status, told), (0, "Y"))
        self.assertTrue(text.endswith(": 1 of 4; left out: IPv6, VRFs\n"), text)

    def test_may_not_be_left_out(self):
        """Nothing is told to the module if something else was not tried."""
        for case in (without(None), broken, compares_nothing, dies):
            with self.subTest(case.__name__):
                text, status, told = self.verify(right, case)
                self.assertEqual((status, told), (7, "?"))
                self.assertIn("\nnot verified on ", text)
                self.assertIn(f"left out: {case.__name__}1", text)
        self.assertEqual(self.verify(without(IPV6))[1:], (7, "?"))

    def test_wrong(self):
        """Which rule, both numbers, and the text to report."""
        text, status, told = self.verify(right, wrong, without(None))
        self.assertEqual((status, told), (6, "N"))
        self.assertIn("WRONG     wrong1: other calls: the module says 4, and it is 3\n", text)
        self.assertIn(f"\nwrong on {os.uname().release}: wrong1; left out: case2\n", text)
        report = text[text.index("Please report"):]
        with open("/proc/version", encoding="utf-8") as file:
            self.assertIn(file.read(), report)
        self.assertIn("    calls: 3, 3\n    other calls: 4, 3\n    # what the file said\n",
                      report)

    def test_wrong_once(self):
        """What is wrong once only is not wrong."""
        mark = os.path.join(self.folder.name, "mark")

        def wrong_at_first(world):
            world.compare("calls", int(os.path.exists(mark)), 1)
            with open(mark, "w", encoding="ascii"):
                pass
        self.assertEqual(self.verify(right, wrong_at_first)[1:], (0, "Y"))

    def test_alone(self):
        """Those that need the machine for themselves come when the others have ended."""
        mark = os.path.join(self.folder.name, "mark")

        def slow(world):
            time.sleep(0.3)
            with open(mark, "w", encoding="ascii"):
                pass
            right(world)

        def alone(world):
            world.compare("the other has ended", os.path.exists(mark), True)
        with mock.patch.object(verify, "ALONE", (("alone", alone),)):
            text, status, _ = self.verify(slow)
        self.assertEqual(status, 0, text)

    def test_json(self):
        """The same for programs."""
        text, status, told = self.verify(right, wrong, without(VRF),
                                         words=("--verify", "--json"))
        self.assertEqual((status, told), (6, "N"))
        said = json.loads(text)
        self.assertEqual((said["verdict"], said["rules_verified"], said["kernel"]),
                         ("wrong", "N", os.uname().release))
        cases = {case["name"]: case for case in said["cases"]}
        self.assertEqual(cases["wrong1"]["numbers"][1],
                         {"what": "other calls", "said": 4, "found": 3})
        self.assertEqual(cases["case2"], {"name": "case2", "result": "left out",
                                          "why": "there is none"})

    def test_who_tells_the_module(self):
        """Root of a container finds out, and tells nobody."""
        with mock.patch.object(verify, "is_root_of_the_machine", lambda: False):
            self.assertEqual(self.verify(right)[1:], (0, "?"))
            self.assertEqual(self.verify(wrong)[1:], (6, "?"))
        with mock.patch.object(verify.os, "geteuid", lambda: 1000):
            self.assertEqual(self.verify(right)[1:], (4, "?"))

    def test_without_namespaces(self):
        """Docker does not let root of a container make any."""
        def forbidden():
            raise OSError(1, "unshare(): Operation not permitted")
        with mock.patch.object(verify_run, "World", forbidden):
            text, status, told = self.verify(right, right)
        self.assertEqual((text, status, told), ("", 7, "?"))

    def test_if_untested(self):
        """At boot, nothing is done where the rules are known."""
        both = ("--verify", "--if-untested")
        self.assertEqual(self.verify(right, words=both)[1:], (0, "Y"))
        for rules in ("tested", "verified", "wrong"):
            self.table = interface.parse(samples.table([], rules=rules))
            self.assertEqual(self.verify(broken, words=both)[:2],
                             (f"nothing to do: rules={rules}\n", 0))

    def test_options(self):
        """What --verify goes with."""
        for words in (["--if-untested"], ["--verify", "--all"], ["--verify", "1"],
                      ["--verify", "dport", "443"], ["--verify", "--sort", "free"],
                      ["--verify", "-H"]):
            with self.subTest(words), self.assertRaises(errors.UsageError):
                options.parse(words)

    def test_names(self):
        """Each case has a name of its own."""
        names = [name for name, _ in verify.CASES + verify.ALONE]
        self.assertEqual(len(names), len(set(names)))
