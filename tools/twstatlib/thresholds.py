# SPDX-License-Identifier: GPL-2.0-only
"""Loads rules from a file into /proc/net/tw_thresholds, all of them or none."""
import errno
import re

from .errors import Failure, NotAllowed, NotLoaded

PROC = "/proc/net/tw_thresholds"


def rules_of(text):
    """What is to be written, and for each of its lines the number in the text. Empty
    lines and comments are left out. The rules that were there before go."""
    lines, numbers = ["flush"], [0]
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if line:
            lines.append(line)
            numbers.append(number)
    return "".join(line + "\n" for line in lines), numbers


def _read(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except UnicodeDecodeError:
        raise Failure(f"{path}: rules are plain ASCII") from None
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def _write(text, proc):
    """Returns None, or the number of the wrong line and the reason."""
    with open(proc, "r+b", buffering=0) as file:
        try:
            file.write(text.encode("ascii"))
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            file.seek(0)
            said = re.match(rb"# error (\d+): (.*)", file.read(4096))
            if not said:
                raise
            return int(said.group(1)), said.group(2).decode("ascii")
    return None


def load(path, proc=PROC):
    """Replaces the rules by those of a file."""
    text, numbers = rules_of(_read(path))
    try:
        wrong = _write(text, proc)
    except FileNotFoundError:
        raise NotLoaded(proc) from None
    except PermissionError:
        raise NotAllowed(proc, "written") from None
    except OSError as error:
        raise Failure(f"{proc}: {error.strerror}") from None
    if wrong:
        line, reason = wrong
        raise Failure(f"{path}:{numbers[line - 1]}: {reason}; no rule was changed")
