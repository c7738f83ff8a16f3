# SPDX-License-Identifier: GPL-2.0-only
"""What can go wrong. Each is one sentence, and has an exit status of its own."""


class Failure(Exception):
    """Ends twstat with a sentence and a status."""

    status = 1


class UsageError(Failure):
    """The command line is wrong."""

    status = 2


class NotLoaded(Failure):
    """The kernel has no such file."""

    status = 3

    def __init__(self, path):
        super().__init__(
            f"{path} is not there: the module tw_summary is not loaded "
            "(modprobe tw_summary)"
        )


class NotAllowed(Failure):
    """Only root may do that."""

    status = 4

    def __init__(self, path, done="read"):
        super().__init__(f"{path} may be {done} by root only")


class UnknownVersion(Failure):
    """The file is of a later interface, or it is another file."""

    status = 5


class RulesDiffer(Failure):
    """--verify: the kernel does otherwise than the module says."""

    status = 6


class NotProven(Failure):
    """--verify: something could not be tried."""

    status = 7
