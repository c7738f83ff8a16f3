# SPDX-License-Identifier: GPL-2.0-only
"""twstat as it is, but that it reads a folder instead of /proc/net, with the rights of an
ordinary user: top_run.py FOLDER [ARGUMENT]... For tests of --top, and to look at it."""
import codecs
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from twstatlib import main, sources     # noqa: E402, pylint: disable=wrong-import-position

_NOBODY = 65534


def as_nobody(read):
    """The function, without the rights of root."""
    def reading(path, kind):
        root = os.geteuid() == 0
        if root:
            os.seteuid(_NOBODY)
        try:
            return read(path, kind)
        finally:
            if root:
                os.seteuid(0)
    return reading


if __name__ == "__main__":
    # Python would load it when it is first used, which nobody may not be able to.
    codecs.lookup("ascii")
    sources.path_of = lambda kind: os.path.join(sys.argv[1], kind)
    sources.read = as_nobody(sources.read)
    sys.exit(main.main(sys.argv[2:]))
