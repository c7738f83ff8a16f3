#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the tests of twstat that need no module, or those in files of another pattern, and
prints TAP."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(HERE), HERE]


class Tap(unittest.TestResult):
    """One line for each test, what went wrong before it."""

    def __init__(self):
        super().__init__()
        self._failed = False
        self._skipped = ""
        self._number = 0

    def startTest(self, test):
        super().startTest(test)
        self._failed = False
        self._skipped = ""

    def _explain(self, test, error):
        self._failed = True
        print("# " + self._exc_info_to_string(error, test).replace("\n", "\n# "))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._explain(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._explain(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._explain(subtest, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._skipped = f" # SKIP {reason}"

    def stopTest(self, test):
        super().stopTest(test)
        self._number += 1
        verdict = "not ok" if self._failed else "ok"
        print(f"{verdict} {self._number} - {test.id()}{self._skipped}", flush=True)


def run(pattern="*_test.py"):
    """Returns the exit status."""
    suite = unittest.defaultTestLoader.discover(HERE, pattern=pattern)
    print(f"TAP version 13\n1..{suite.countTestCases()}")
    result = Tap()
    suite.run(result)
    return 0 if result.testsRun and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
