# SPDX-License-Identifier: GPL-2.0-only
"""listeners.py NUMBER: so many processes, each in a network namespace of its own with a
listener; the later ones have two, three or four. Says "ready", and ends with its standard
input, and they with it."""
import ctypes
import os
import signal
import socket
import sys

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def live(sockets, ready):
    """One of them."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if LIBC.unshare(CLONE_NEWNET):
        os._exit(1)     # pylint: disable=protected-access
    held = []
    for _ in range(sockets):
        held.append(socket.socket())
        held[-1].listen(1)
    os.write(ready, b".")
    signal.pause()


def main():
    """Starts them one after the other."""
    number = int(sys.argv[1])
    ready, tell = os.pipe()
    for at in range(number):
        if not os.fork():
            live(1 + 4 * at // number, tell)
        if not os.read(ready, 1):
            sys.exit("a namespace could not be made")
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
