# SPDX-License-Identifier: GPL-2.0-only
"""The manual pages and the completion know what the command line knows."""
import os
import subprocess
import unittest

import samples
from twstatlib import conditions, errors, interface, options

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def content(*path):
    """A file of tools/."""
    with open(os.path.join(TOOLS, *path), encoding="utf-8") as file:
        return file.read()


class Manual(unittest.TestCase):
    """The texts."""

    def test_mandoc(self):
        """mandoc has no complaint. (What other pages this machine has is left out.)"""
        for page in ("twstat.8", "tw_summary.5"):
            run = subprocess.run(["mandoc", "-Tlint", "-Wwarning",
                                  os.path.join(TOOLS, "man", page)],
                                 capture_output=True, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout), (0, ""))

    def test_shellcheck(self):
        """Nor has shellcheck, about the completion."""
        run = subprocess.run(["shellcheck", "-S", "warning",
                              os.path.join(TOOLS, "completion", "twstat")],
                             capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (0, ""))

    def test_options(self):
        """Each one is in the page and in the completion."""
        page, completion = content("man", "twstat.8"), content("completion", "twstat")
        for action in options.make_parser()._actions:  # pylint: disable=protected-access
            for name in action.option_strings:
                with self.subTest(name):
                    self.assertIn(f"Fl {name[1:]}", page)
                    self.assertIn(name, completion.replace("'", " ").split())

    def test_filters(self):
        """Each condition too."""
        page, completion = content("man", "twstat.8"), content("completion", "twstat")
        for word in conditions.WORDS:
            with self.subTest(word):
                self.assertRegex(page, rf"(?m)Cm {word}( Ar|$)")
                self.assertRegex(completion, rf"conditions='.*\b{word}\b")

    def test_statuses(self):
        """Each exit status, and no two failures with the same."""
        page = content("man", "twstat.8")
        kinds = [kind for kind in errors.Failure.__subclasses__() if "status" in vars(kind)]
        statuses = {kind.status for kind in kinds} | {0, errors.Failure.status}
        self.assertEqual(len(statuses), len(kinds) + 2)
        for status in statuses:
            self.assertIn(f".It {status}\n", page)

    def test_columns(self):
        """tw_summary(5) names each column of the table, and the completion after --sort."""
        page, completion = content("man", "tw_summary.5"), content("completion", "twstat")
        columns = completion.partition("local columns='")[2].partition("'")[0].split()
        for name in interface.parse(samples.readme()).columns:
            with self.subTest(name):
                self.assertIn(name, columns)
                self.assertRegex(page, rf"(?m)^\.It Cm (.* )?{name}( .*)?$")
