# SPDX-License-Identifier: GPL-2.0-only
"""The names of control groups: of a systemd unit, or of a container."""
import os
import re

ROOT = "/sys/fs/cgroup"

# How the common engines name the control group of a container.
_CONTAINER = re.compile(
    r"(?:(?P<engine>docker|libpod|crio|cri-containerd)-)?(?P<id>[0-9a-f]{64})"
    r"(?:\.scope)?\Z")
_UNIT = re.compile(r".*\.(?:service|scope|slice|socket|mount)\Z")


def name_of_path(path):
    """The name of a control group for people: container, unit, or its last folder."""
    parts = [part for part in path.split("/") if part]
    for part in reversed(parts):
        match = _CONTAINER.match(part)
        if match:
            return f"{match.group('engine') or 'container'} {match.group('id')[:12]}"
    for part in reversed(parts):
        if _UNIT.match(part):
            return part
    return parts[-1] if parts else "/"


def name_of_process(pid):
    """The name of the control group of a process, None if that is not known."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("0::"):
                    path = line.rstrip("\n")[3:]
                    return name_of_path(path) if path != "/" else None
    except OSError:
        pass
    return None


class Names:
    """Finds the names of control groups by their ids: the inode numbers of their
    folders. Looks at the folders once."""

    def __init__(self, root=ROOT, numeric=False):
        self._root = root
        self._paths = {} if numeric else None

    def _read(self):
        self._paths = {}
        # Where version 1 is used too, version 2 has a folder of its own.
        root = os.path.join(self._root, "unified")
        root = root if os.path.isdir(root) else self._root
        for folder, _, _ in os.walk(root):
            try:
                path = folder[len(root):] or "/"
                self._paths[os.stat(folder).st_ino] = path
            except OSError:
                continue

    def name(self, ident):
        """The name, or `id N` if the control group is gone or names are not wanted."""
        if ident is None:
            return "-"
        if self._paths is None:
            self._read()
        path = self._paths.get(ident)
        return name_of_path(path) if path else f"id {ident}"
