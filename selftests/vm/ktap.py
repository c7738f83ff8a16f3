#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""ktap.py KUNIT <KTAP: a flat list of points, as the kernel's own parser understands KTAP.

KUNIT is tools/testing/kunit of a kernel's source. A point is what has no points in it; it is
named "group: point". Its log comes before it if it failed. What the parser complains of (a
plan that is not kept, a missing or crashed test) is a failed point. Several results in a row
are read one by one, as debugfs has one for each suite of KUnit."""
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

import kunit_parser  # noqa: E402
from kunit_printer import Printer  # noqa: E402

STATUS = kunit_parser.TestStatus
GOOD = (STATUS.SUCCESS, STATUS.SKIPPED)


class Points:
    """Prints points and counts them."""

    def __init__(self):
        self.printed = 0
        self.failed = 0

    def add(self, good, name, skipped="", log=()):
        """One point, after its log if it failed."""
        self.printed += 1
        if not good:
            self.failed += 1
            for line in log:
                print("#", line)
        print("ok" if good else "not ok", self.printed, "-", name + skipped)

    def add_all(self, test, group=""):
        """Those of a test, and of what is in it."""
        name = f"{group}{': ' if group else ''}{test.name}"
        before = self.failed
        for inner in test.subtests:
            self.add_all(inner, name)
        if not test.subtests:
            skip = f" # SKIP {reason(test)}" if test.status == STATUS.SKIPPED else ""
            self.add(test.status in GOOD, name, skip, test.log)
        elif test.status not in GOOD and self.failed == before:
            self.add(False, name, log=test.log)


def reason(test):
    """Why a test was skipped; a program of kselftest has said so before."""
    said = re.search(r"1\.\.0 # SKIP (.*)", "\n".join(test.log))
    return test.skip_reason or (said.group(1) if said else "")


def results(lines):
    """The lines of each result."""
    result = []
    for line in lines:
        if re.match(r"K?TAP version", line) and result:
            yield result
            result = []
        result.append(line)
    yield result


def main():
    """Status 1 if a point failed, or something cannot be parsed."""
    points = Points()
    print("TAP version 13")
    for result in results(sys.stdin):
        test = kunit_parser.parse_run_tests(iter(result), Printer(print=False))
        for group in test.subtests:
            points.add_all(group)
        if test.counts.errors or not test.subtests:
            points.add(False, f"the parser found {test.counts.errors} errors")
    print(f"1..{points.printed}")
    return 1 if points.failed else 0


sys.exit(main())
