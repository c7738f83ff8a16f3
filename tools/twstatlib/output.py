# SPDX-License-Identifier: GPL-2.0-only
"""A file that its readers see whole: the old one or the new one."""
import contextlib
import os
import tempfile

from .errors import Failure


@contextlib.contextmanager
def replaced(path):
    """Opens what takes the place of a file in the end, also if twstat fails: what it
    has said until then is what there is to say."""
    try:
        fd, new = tempfile.mkstemp(prefix=".twstat.", dir=os.path.dirname(path) or ".")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    try:
        with open(fd, "w", encoding="utf-8") as file:
            try:
                yield file
            finally:
                os.fchmod(fd, 0o644)
                file.flush()
                os.rename(new, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise Failure(f"{path}: {error.strerror}") from None
