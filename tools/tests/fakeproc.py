# SPDX-License-Identifier: GPL-2.0-only
"""A folder that looks like /proc and /run/netns, with namespaces that there are not."""
import os
import tempfile
from unittest import mock

from twstatlib import sources


class Proc:
    """Between start() and stop() twstatlib reads it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.root = os.path.join(self._folder.name, "proc")
        self.mounted = os.path.join(self._folder.name, "netns")
        self._nets = os.path.join(self._folder.name, "nets")
        for folder in (self.root, self.mounted, self._nets):
            os.mkdir(folder)
        self._patches = (mock.patch.object(sources, "PROC", self.root),
                         mock.patch.object(sources, "MOUNTED", self.mounted))

    def start(self):
        """Returns itself."""
        for patch in self._patches:
            patch.start()
        return self

    def stop(self):
        """It is gone then."""
        for patch in self._patches:
            patch.stop()
        self._folder.cleanup()

    def namespace(self, name, in_use=0, timewait=0, in_use6=0):
        """A new one: its inode number. Its files are those of its processes."""
        os.makedirs(os.path.join(self._nets, name, "net"))
        with open(os.path.join(self._nets, name, "ns"), "w", encoding="ascii"):
            pass
        # The other numbers are the whole machine's, as in the real file.
        self.file(name, "sockstat", f"sockets: used 999\nTCP: inuse {in_use} orphan 7 tw "
                  f"{timewait} alloc 888 mem 9\nUDP: inuse 4 mem 3\n")
        self.file(name, "sockstat6", f"TCP6: inuse {in_use6}\nUDP6: inuse 5\n")
        return self.inode(name)

    def inode(self, name):
        """The number of a namespace."""
        return os.stat(os.path.join(self._nets, name, "ns")).st_ino

    def file(self, name, kind, text):
        """One of a namespace's files in /proc/net; with None it is gone."""
        path = os.path.join(self._nets, name, "net", kind)
        if text is None:
            os.unlink(path)
            return
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def process(self, pid, name, group="/", started=None):
        """A process in a namespace. `group` is its path, or the whole file."""
        folder = os.path.join(self.root, str(pid))
        os.makedirs(os.path.join(folder, "ns"))
        os.symlink(os.path.join(self._nets, name, "ns"), os.path.join(folder, "ns", "net"))
        os.symlink(os.path.join(self._nets, name, "net"), os.path.join(folder, "net"))
        with open(os.path.join(folder, "cgroup"), "w", encoding="ascii") as file:
            file.write(f"0::{group}\n" if group.startswith("/") else group)
        with open(os.path.join(folder, "stat"), "w", encoding="ascii") as file:
            file.write(f"{pid} (a ) b) S " + "0 " * 18 + f"{started or pid} 0 0\n")
        return folder

    def this(self, name):
        """Processes 1 and `self` are in this namespace."""
        self.process(1, name)
        self.process("self", name, started=1)
        os.symlink("self/net", os.path.join(self.root, "net"))

    def mount(self, name, as_name):
        """A namespace that `ip netns` has given a name."""
        os.symlink(os.path.join(self._nets, name, "ns"),
                   os.path.join(self.mounted, as_name))
