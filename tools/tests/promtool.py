# SPDX-License-Identifier: GPL-2.0-only
"""Prometheus' promtool, where it is at hand."""
import os
import shutil
import subprocess

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def run(test, *args, text=None):
    """It has no complaint, of TEXT on its input; without it the test is left out."""
    if not shutil.which("promtool"):
        test.skipTest("no promtool")
    done = subprocess.run(["promtool", *args], capture_output=True, text=True,
                          input=text, check=False, cwd=os.path.join(TOP, "monitoring"))
    test.assertEqual(done.returncode, 0, done.stdout + done.stderr)


def content(*path):
    """A file of the sources."""
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()
