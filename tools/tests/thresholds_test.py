# SPDX-License-Identifier: GPL-2.0-only
"""Rules from a file: what is written, and what is said of a wrong line."""
import os
import tempfile
import unittest

from twstatlib import output, thresholds
from twstatlib.errors import Failure


class Rules(unittest.TestCase):
    """The text."""

    def test_comments(self):
        """Comments and empty lines are left out; lines keep their numbers."""
        text, numbers = thresholds.rules_of(
            "# ours\n\n10.0.9.0/24 warn=50 crit=70  # the backends\n  [::1]:443 warn=1 crit=2\n")
        self.assertEqual(text, "flush\n10.0.9.0/24 warn=50 crit=70\n[::1]:443 warn=1 crit=2\n")
        self.assertEqual(numbers, [0, 3, 4])

    def test_nothing(self):
        """An empty file takes all rules away."""
        self.assertEqual(thresholds.rules_of("")[0], "flush\n")

    def test_no_file(self):
        """The path is in the sentence."""
        with self.assertRaisesRegex(Failure, "/nowhere/rules: No such file"):
            thresholds.load("/nowhere/rules")


class Output(unittest.TestCase):
    """--output"""

    def test_replaced_whole(self):
        """Until the end the old text is there, and nothing else is left."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "text")
            for text in ("old\n", "new\n"):
                with output.replaced(path) as file:
                    file.write(text)
                    file.flush()
                    self.assertEqual(os.path.exists(path), text == "new\n")
                    if text == "new\n":
                        with open(path, encoding="utf-8") as before:
                            self.assertEqual(before.read(), "old\n")
            self.assertEqual(os.listdir(folder), ["text"])
            with open(path, encoding="utf-8") as after:
                self.assertEqual(after.read(), "new\n")
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)

    def test_failure(self):
        """What was said before a failure is there."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "text")
            with self.assertRaisesRegex(Failure, "why"), output.replaced(path) as file:
                file.write("down\n")
                raise Failure("why")
            with open(path, encoding="utf-8") as after:
                self.assertEqual(after.read(), "down\n")

    def test_not_a_file(self):
        """A device, a pipe and a link (/dev/stdout) stay what they are."""
        with tempfile.TemporaryDirectory() as folder:
            pipe, link = os.path.join(folder, "pipe"), os.path.join(folder, "link")
            os.mkfifo(pipe)
            os.symlink("/dev/null", link)
            for path in (pipe, link):
                before = os.lstat(path)
                with self.assertRaisesRegex(Failure, f"{path} is not an ordinary file"):
                    with output.replaced(path) as file:
                        file.write("text")
                self.assertEqual(os.lstat(path).st_ino, before.st_ino)
            self.assertEqual(sorted(os.listdir(folder)), ["link", "pipe"])

    def test_no_folder(self):
        """The path is in the sentence."""
        with self.assertRaisesRegex(Failure, "/nowhere/text: No such file"):
            with output.replaced("/nowhere/text"):
                pass
