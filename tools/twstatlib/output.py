# SPDX-License-Identifier: GPL-2.0-only
"""Where the text goes: how wide it may be there, whether it has colours, and a file that
its readers see whole, the old one or the new one."""
import contextlib
import os
import shutil
import stat
import tempfile

from .errors import Failure


def width_of(options, out):
    """Columns that a line may have, None for any number."""
    if options.width is not None:
        return options.width or None
    if out.isatty():
        return shutil.get_terminal_size((80, 24)).columns
    return None


def is_colored(options, out):
    """Whether levels have colours. (NO_COLOR says no if it is not empty: no-color.org.)"""
    if options.color == "auto":
        return out.isatty() and not os.environ.get("NO_COLOR")
    return options.color == "always"


@contextlib.contextmanager
def replaced(path, mode=0o644):
    """Opens what takes the place of a file in the end, also if twstat fails: what it
    has said until then is what there is to say. Only a file is replaced: that /dev/null or
    /dev/stdout is one from then on, nobody wants."""
    try:
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise Failure(f"{path} is not an ordinary file; it stays as it is")
        fd, new = tempfile.mkstemp(prefix=".twstat.", dir=os.path.dirname(path) or ".")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    try:
        with open(fd, "w", encoding="utf-8") as file:
            try:
                yield file
            finally:
                os.fchmod(fd, mode)
                file.flush()
                os.rename(new, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise Failure(f"{path}: {error.strerror}") from None
