# SPDX-License-Identifier: GPL-2.0-only
"""What the record is of: the file may be read on another machine, or after an upgrade."""
import os
from collections import namedtuple

# `module` is the version of tw_summary, None if it was not loaded.
Machine = namedtuple("Machine", "host kernel module")

_VERSION = "/sys/module/tw_summary/version"


def this():
    """As it is now."""
    names = os.uname()
    try:
        with open(_VERSION, encoding="ascii") as file:
            module = file.read().strip()
    except OSError:
        module = None
    return Machine(names.nodename, names.release, module)
