# SPDX-License-Identifier: GPL-2.0-only
"""Where the module's files are: of this namespace, and of all of them."""
import ctypes
import os
import threading

from . import cgroups
from .errors import Failure, NotAllowed, NotLoaded
from .interface import parse

SUMMARY = "tw_summary"
CALLERS = "tw_callers"
SOURCES = "tw_sources"


def read(path, kind):
    """Reads and parses one file."""
    return read_with_text(path, kind)[0]


def read_with_text(path, kind):
    """The same, and the file as it is."""
    try:
        with open(path, encoding="ascii", errors="backslashreplace") as file:
            text = file.read()
            return parse(text, kind), text
    except FileNotFoundError:
        raise NotLoaded(path) from None
    except PermissionError:
        raise NotAllowed(path) from None
    except ProcessLookupError:
        raise NotLoaded(path) from None     # the process has just ended
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def path_of(kind, pid="self"):
    """The file as a process sees it."""
    return f"/proc/net/{kind}" if pid == "self" else f"/proc/{pid}/net/{kind}"


class Namespace:
    """A network namespace: its inode number, a name for people, and how to read it."""

    def __init__(self, inode, name, pid=None, mount=None):
        self.inode = inode
        self.name = name
        self.pid = pid
        self.mount = mount

    def read(self, kind):
        """Reads one of its files."""
        if self.pid:
            return read(path_of(kind, self.pid), kind)
        # Nothing runs in it: it is only mounted somewhere (ip netns add).
        return _read_in(self.mount, kind)

    def read_if_there(self, kind):
        """Reads a file that older modules have not, or that this user may not read: None
        then."""
        try:
            return self.read(kind)
        except (NotLoaded, NotAllowed):
            return None


_CLONE_NEWNET = 0x40000000


def _read_in(mount, kind):
    """Reads a file in a namespace without a process: by a thread that enters it, and
    ends."""
    result = []

    def enter_and_read():
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            with open(mount, "rb") as file:
                if libc.setns(file.fileno(), _CLONE_NEWNET):
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
            result.append(read(path_of(kind, "thread-self"), kind))
        except OSError as error:
            result.append(Failure(f"{mount}: {error.strerror}"))
        except Failure as failure:
            result.append(failure)

    thread = threading.Thread(target=enter_and_read)
    thread.start()
    thread.join()
    if isinstance(result[0], Failure):
        raise result[0]
    return result[0]


def _inode(path):
    return os.stat(path).st_ino


def _processes():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def all_namespaces():
    """All network namespaces that a process is in or that are mounted in /run/netns,
    this one first. A namespace has the name that `ip netns` gave it, or that of the
    container or unit of its first process."""
    found = {}
    try:
        own = _inode("/proc/self/ns/net")
        initial = _inode("/proc/1/ns/net")
    except PermissionError:
        raise NotAllowed("/proc/1/ns/net") from None
    for pid in _processes():
        try:
            inode = _inode(f"/proc/{pid}/ns/net")
        except OSError:
            continue            # it has ended, or it is not ours to look at
        if inode not in found:
            name = "host" if inode == initial else cgroups.name_of_process(pid)
            found[inode] = Namespace(inode, name or f"pid {pid}", pid=pid)
    for inode, path in _mounted():
        name = os.path.basename(path)
        if inode in found:
            if found[inode].name != "host":
                found[inode].name = name
        else:
            found[inode] = Namespace(inode, name, mount=path)
    return sorted(found.values(), key=lambda ns: (ns.inode != own, ns.inode))


def _mounted(folder="/run/netns"):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            yield _inode(path), path
        except OSError:
            continue
