# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces, their devices and addresses, without any program's help.

A namespace belongs to the process that made it and to nobody else: when the process ends,
however it ends, the kernel takes the namespace away with all its sockets.
"""
import ctypes
import os
import signal
import socket
import struct

_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1

# linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h
_REQUEST, _ACK, _EXCL, _CREATE = 0x1, 0x4, 0x200, 0x400
_NEWLINK, _NEWADDR = 16, 20
_IFLA_IFNAME, _IFLA_MASTER, _IFLA_LINKINFO = 3, 10, 18
_INFO_KIND, _INFO_DATA, _VRF_TABLE, _VETH_PEER = 1, 2, 1, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_F_NODAD = 1, 2, 2
_IFF_UP, _IFF_NOARP = 0x1, 0x80


def _call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}(): {os.strerror(number)}")


def end_with(parent):
    """This process is killed when its parent ends, also if somebody kills that one."""
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)     # pylint: disable=protected-access # it has ended before


def enter_new():
    """From now on this process is in a network namespace of its own."""
    _call("unshare", _CLONE_NEWNET)


def _attribute(kind, data):
    size = 4 + len(data)
    return struct.pack("=HH", size, kind) + data + b"\0" * (-size % 4)


def _name(kind, text):
    return _attribute(kind, text.encode("ascii") + b"\0")


def _link(index, flags=0):
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, flags)


class Devices:
    """Makes and changes those of the namespace that this process is in."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._number = 0

    def _do(self, kind, flags, body):
        self._number += 1
        self._socket.send(struct.pack("=IHHII", 16 + len(body), kind,
                                      _REQUEST | _ACK | flags, self._number, 0) + body)
        error = -struct.unpack_from("=i", self._socket.recv(65536), 16)[0]
        if error:
            raise OSError(error, os.strerror(error))

    def _add(self, name, kind, data):
        info = _name(_INFO_KIND, kind) + _attribute(_INFO_DATA, data)
        self._do(_NEWLINK, _CREATE | _EXCL, _link(0) + _name(_IFLA_IFNAME, name) +
                 _attribute(_IFLA_LINKINFO, info))

    def add_vrf(self, name, table):
        """A VRF."""
        self._add(name, "vrf", _attribute(_VRF_TABLE, struct.pack("=I", table)))

    def add_cable(self, name, end):
        """Two devices; what is sent into one comes out of the other."""
        self._add(name, "veth", _attribute(_VETH_PEER, _link(0) + _name(_IFLA_IFNAME, end)))

    def switch_on(self, name, silent=False):
        """Switches it on. A silent one asks nobody where an address is."""
        flags = _IFF_UP | (_IFF_NOARP if silent else 0)
        self._do(_NEWLINK, 0, _link(socket.if_nametoindex(name), flags))

    def switch_off(self, name):
        """Switches it off."""
        self._do(_NEWLINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0,
                                          socket.if_nametoindex(name), 0, _IFF_UP))

    def enslave(self, name, master):
        """Puts it into a VRF."""
        self._do(_NEWLINK, 0, _link(socket.if_nametoindex(name)) + _attribute(
            _IFLA_MASTER, struct.pack("=I", socket.if_nametoindex(master))))

    def add_address(self, name, text, length=None):
        """An address, that of a single machine if the length of its prefix is not said."""
        family = socket.AF_INET6 if ":" in text else socket.AF_INET
        raw = socket.inet_pton(family, text)
        head = struct.pack("=BBBBI", family, length or 8 * len(raw), _IFA_F_NODAD, 0,
                           socket.if_nametoindex(name))
        self._do(_NEWADDR, _CREATE | _EXCL, head + _attribute(_IFA_LOCAL, raw) +
                 _attribute(_IFA_ADDRESS, raw))
