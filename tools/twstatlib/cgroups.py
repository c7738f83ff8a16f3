# SPDX-License-Identifier: GPL-2.0-only
"""The names of control groups: of a systemd unit, of a container, of a pod."""
import os
import re
from collections import namedtuple

ROOT = "/sys/fs/cgroup"

# docker-ID.scope (systemd driver), crio-ID, libpod-payload-ID, and ID alone (cgroupfs driver
# of docker and containerd). Not crio-conmon-ID and libpod-conmon-ID: these watch a container.
_CONTAINER = re.compile(
    r"(?:(?P<engine>docker|libpod|crio|cri-containerd|nerdctl)(?:-payload)?-)?"
    r"(?P<id>[0-9a-f]{64})(?:\.scope)?\Z")
# kubepods-burstable-podUID.slice (systemd driver, which has _ for -), podUID (cgroupfs). That
# of a static pod is a hash of its file: no dashes.
_POD = re.compile(r"(?:[\w-]*kubepods-(?:burstable-|besteffort-)?)?pod"
                  r"(?P<uid>[0-9a-f]{8}([-_]?)(?:[0-9a-f]{4}\2){3}[0-9a-f]{12})(?:\.slice)?\Z")
# Containers that have names: LXC from 4.0 on, and those of systemd-nspawn.
_LXC = re.compile(r"lxc\.payload\.(?P<id>.+)\Z")
_MACHINE = re.compile(r"(?:systemd-nspawn@(?P<instance>.+)\.service|"
                      r"machine-(?!qemu\\x2d)(?P<scope>.+)\.scope)\Z")
_UNIT = re.compile(r".*\.(?:service|scope|slice|socket|mount)\Z")
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")

# A name for people; the pod and the container, None if the path has none.
Group = namedtuple("Group", "name pod_uid container_id")


def printable(name):
    """A file's name as text, whatever bytes are in it."""
    return os.fsencode(name).decode("utf-8", "replace")


def _container(parts):
    """The innermost container: its name for people, its id. None if there is none."""
    for at in reversed(range(len(parts))):
        match = _CONTAINER.match(parts[at])
        if match:
            before = parts[at - 1] if at else ""
            engine = match.group("engine") or ("docker" if before == "docker" else "container")
            return f"{engine} {match.group('id')[:12]}", match.group("id")
        match = _LXC.match(parts[at])
        if match:
            return f"lxc {match.group('id')}", match.group("id")
        match = at and parts[0] == "machine.slice" and _MACHINE.match(parts[at])
        if match:
            name = _ESCAPED.sub(lambda hexa: chr(int(hexa.group(1), 16)),
                                match.group("instance") or match.group("scope"))
            return f"machine {name}", name
    if len(parts) > 1 and parts[0] == "lxc":
        return f"lxc {parts[1]}", parts[1]      # before 4.0
    return None


def _pod_uid(parts):
    """As Kubernetes writes it."""
    if not any("kubepods" in part for part in parts):
        return None
    for part in reversed(parts):
        match = _POD.match(part)
        if match:
            return match.group("uid").replace("_", "-")
    return None


def identify(path):
    """What the path of a control group says."""
    # The path of a group that is gone ends in this. With containerd's systemd driver off and
    # the kubelet's on, colons stand between the names.
    parts = [part for part in re.split("[/:]", re.sub(r" \(deleted\)\Z", "", path)) if part]
    name, ident = _container(parts) or (None, None)
    if not name:
        units = [part for part in parts if _UNIT.match(part)]
        name = units[-1] if units else parts[-1] if parts else "/"
    return Group(name, _pod_uid(parts), ident)


def name_of_path(path):
    """The name of a control group for people: container, unit, or its last folder."""
    return identify(path).name


def path_in(text):
    """The path that /proc/PID/cgroup tells most with; None if all are the root. Version 1
    has a line for each controller, and with both the container may be in any."""
    paths = {}
    for line in text.splitlines():
        fields = line.split(":", 2)
        if len(fields) == 3 and fields[2] not in ("", "/"):
            paths[fields[1]] = fields[2]
    ordered = [paths[key] for key in ("", "name=systemd", *sorted(paths)) if key in paths]
    return next((path for path in ordered if identify(path).container_id),
                ordered[0] if ordered else None)


def of_process(pid, proc="/proc"):
    """The Group of a process, None if that is not known."""
    try:
        with open(f"{proc}/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            path = path_in(file.read())
    except OSError:
        return None
    return identify(path) if path else None


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
                path = printable(folder[len(root):] or "/")
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
