# SPDX-License-Identifier: GPL-2.0-only
"""Where the module's files are: of this namespace, and of all of them."""
import ctypes
import os
import threading

from . import cgroups
from .errors import Failure, NotAllowed, NotLoaded
from .interface import parse, parse_lines

PROC = "/proc"
MOUNTED = "/run/netns"

SUMMARY = "tw_summary"
CALLERS = "tw_callers"
SOURCES = "tw_sources"

# One process of a namespace may end while it is read: so many of them are tried, and asked
# how old they are.
_MOST_TRIED = 4
_MOST_ASKED = 256


def read(path, kind):
    """Reads and parses one file."""
    return read_with_text(path, kind)[0]


def _read_by(path, how):
    """how(file) of an open file."""
    try:
        with open(path, encoding="ascii", errors="backslashreplace") as file:
            return how(file)
    except FileNotFoundError:
        raise NotLoaded(path) from None
    except PermissionError:
        raise NotAllowed(path) from None
    except ProcessLookupError:
        raise NotLoaded(path) from None     # the process has just ended
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def text_of(path):
    """A file as it is."""
    return _read_by(path, lambda file: file.read())


def read_first(path, kind, wanted):
    """Reads and parses the first rows of a file, as long as they are wanted (interface.
    parse_lines): of a long table no more than that is printed by the kernel."""
    return _read_by(path, lambda file: parse_lines((line.rstrip("\n") for line in file), kind,
                                                   wanted))


def read_with_text(path, kind):
    """Reads and parses one file; the file as it is beside that."""
    text = text_of(path)
    return parse(text, kind), text


def path_of(kind, pid="self"):
    """The file as a process sees it."""
    return f"{PROC}/net/{kind}" if pid == "self" else f"{PROC}/{pid}/net/{kind}"


class Namespace:
    """A network namespace: its inode number, a name for people, the pod and the container if
    it is known to be of one, and how to read it."""

    def __init__(self, inode, name, pid=None, mount=None):
        self.inode = inode
        self.name = name
        self.pids = [pid] if pid else []
        self.mount = mount
        self.pod_uid = self.container_id = None

    def _ask(self, how, kind):
        """how(path, ...) of a file, by the first process that is still there."""
        for pid in self.pids[:_MOST_TRIED]:
            try:
                return how(path_of(kind, pid))
            except NotLoaded as ended:
                last = ended
        if not self.pids:
            # Nothing runs in it: it is only mounted somewhere (ip netns add).
            return _in_namespace(self.mount, lambda: how(path_of(kind, "thread-self")))
        raise last

    def read(self, kind):
        """Reads one of its files."""
        return self._ask(lambda path: read(path, kind), kind)

    def read_first(self, kind, wanted):
        """Reads the first rows of one of its files."""
        return self._ask(lambda path: read_first(path, kind, wanted), kind)

    def text(self, kind):
        """One of its other files, as it is."""
        return self._ask(text_of, kind)

    def read_if_there(self, kind):
        """Reads a file that older modules have not, or that this user may not read: None
        then."""
        try:
            return self.read(kind)
        except (NotLoaded, NotAllowed):
            return None

    def identify(self):
        """Finds the name, the pod and the container, by the oldest process: that of a pod
        whose sandbox it is. Who comes and goes in it later does not change the name."""
        if self.name == "host":
            return
        pid = min(self.pids[:_MOST_ASKED], key=_started, default=None)
        group = cgroups.of_process(pid, PROC) if pid else None
        if group and self._has_left(pid):
            group = None
        if group:
            self.pod_uid, self.container_id = group.pod_uid, group.container_id
        mounted = cgroups.printable(os.path.basename(self.mount)) if self.mount else None
        # What a plugin of Kubernetes mounts has a random name.
        self.name = (group.name if self.container_id else
                     mounted or (group.name if group else f"pid {pid}"))

    def _has_left(self, pid):
        """Its number may be another process's by now."""
        try:
            return _inode(f"{PROC}/{pid}/ns/net") != self.inode
        except OSError:
            return True


_CLONE_NEWNET = 0x40000000


def _in_namespace(mount, what):
    """Calls something in a namespace without a process: by a thread that enters it, and
    ends."""
    result = []

    def enter_and_call():
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            with open(mount, "rb") as file:
                if libc.setns(file.fileno(), _CLONE_NEWNET):
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
            result.append(what())
        except OSError as error:
            result.append(Failure(f"{mount}: {error.strerror}"))
        except Failure as failure:
            result.append(failure)

    thread = threading.Thread(target=enter_and_call)
    thread.start()
    thread.join()
    if isinstance(result[0], Failure):
        raise result[0]
    return result[0]


def _inode(path):
    return os.stat(path).st_ino


def _started(pid):
    """When a process began, in ticks (proc(5), field 22; the name before it may have any
    character); last if it has ended."""
    try:
        with open(f"{PROC}/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19]), pid
    except (OSError, IndexError, ValueError):
        return 1 << 64, pid


def _processes():
    return sorted(int(name) for name in os.listdir(PROC) if name.isdigit())


def own_inode():
    """The number of the namespace that this is."""
    return _inode(f"{PROC}/self/ns/net")


def find():
    """All network namespaces that a process is in or that are mounted in /run/netns, this
    one first; only `host` has a name yet."""
    found = {}
    try:
        own = own_inode()
        initial = _inode(f"{PROC}/1/ns/net")
    except PermissionError:
        raise NotAllowed(f"{PROC}/1/ns/net") from None
    for pid in _processes():
        try:
            inode = _inode(f"{PROC}/{pid}/ns/net")
        except OSError:
            continue            # it has ended, or it is not ours to look at
        if inode not in found:
            found[inode] = Namespace(inode, "host" if inode == initial else None)
        found[inode].pids.append(pid)
    for inode, path in _mounted():
        if inode not in found:
            found[inode] = Namespace(inode, None)
        found[inode].mount = path
    return sorted(found.values(), key=lambda ns: (ns.inode != own, ns.inode))


def all_namespaces():
    """The same, with names: that of the container, else the one that `ip netns` gave it, else
    that of the unit of its oldest process."""
    found = find()
    for namespace in found:
        namespace.identify()
    return found


def _mounted():
    try:
        names = sorted(os.listdir(MOUNTED))
    except OSError:
        return
    for name in names:
        path = os.path.join(MOUNTED, name)
        try:
            yield _inode(path), path
        except OSError:
            continue
