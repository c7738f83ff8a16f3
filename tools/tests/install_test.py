# SPDX-License-Identifier: GPL-2.0-only
"""make install-tools copies what twstat needs, and make uninstall-tools takes it away."""
import os
import re
import subprocess
import tempfile
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def make(*args):
    """Runs make without a word."""
    return subprocess.run(["make", "-s", "-C", TOP, *args], capture_output=True,
                          text=True, check=True)


def files_below(folder):
    """All files, by their paths from there."""
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


class Install(unittest.TestCase):
    """Into a folder of its own."""

    @staticmethod
    def top(root):
        """What is loaded only when it is asked for. Here it has no terminal."""
        run = subprocess.run([os.path.join(root, "usr/local/bin/twstat"), "--top"],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False, cwd="/")
        return run.stderr

    def test_there_and_gone(self):
        """What was copied runs; then nothing is left."""
        with tempfile.TemporaryDirectory() as root:
            make("install-tools", f"DESTDIR={root}")
            there = files_below(root)
            for path in ("bin/twstat", "share/man/man8/twstat.8",
                         "share/man/man5/tw_summary.5",
                         "share/bash-completion/completions/twstat",
                         "share/tw_summary/twstatlib/interface.py"):
                self.assertIn(f"usr/local/{path}", there)
            run = subprocess.run([os.path.join(root, "usr/local/bin/twstat"), "-V"],
                                 capture_output=True, text=True, check=True, cwd="/")
            self.assertRegex(run.stdout, r"\Atwstat \d+\.\d+\.\d+\n\Z")
            with open(os.path.join(TOP, "dkms.conf"), encoding="utf-8") as file:
                version = re.search(r'PACKAGE_VERSION="(.*)"', file.read()).group(1)
            self.assertIn(version, run.stdout)
            self.assertIn("--top needs a terminal", self.top(root))
            run = subprocess.run([os.path.join(root, "usr/local/bin/twstat"), "--history",
                                  "--file", "/nonexistent"], stderr=subprocess.PIPE,
                                 text=True, check=False, cwd="/")
            self.assertIn("nothing was recorded", run.stderr)
            self.assertEqual(files_below(root), there)
            make("uninstall-tools", f"DESTDIR={root}")
            self.assertEqual(files_below(root), [])
