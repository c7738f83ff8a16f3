# SPDX-License-Identifier: GPL-2.0-only
"""Cases about calls that fail: they are counted, and the program is named."""
import socket

from . import sources
from .interface import unescape
from .verify_ground import A, B, HIGH, LOW, R, S, LeftOut
from .verify_sockets import Pair

_TO_R = Pair(A, R)


def _own_name():
    with open("/proc/self/comm", encoding="utf-8", errors="replace") as file:
        return file.read().rstrip("\n")


def _counted(world):
    table = world.read()
    if table.header.get("fails") is None:
        raise LeftOut("the module counts no failures (count_failures, or no kprobes)")
    if table.header["fails_missed"]:
        raise LeftOut("calls could not be followed: the machine is busy")
    return table


def _caller(world, local, remote):
    """What is said of this program."""
    for row in world.read(sources.CALLERS).rows:
        if (row["local"], row["remote"]) == (local, remote) and \
                unescape(row["comm"]) == _own_name():
            return row
    return {}


def connect_fails(world):
    """No port: the pair, the namespace, and the program."""
    world.set("ip_local_reserved_ports", f"{LOW}-{HIGH}")
    world.fail_to_connect(_TO_R, 3)
    world.fail_to_connect(Pair(B, S), 2)
    table = _counted(world)
    world.compare("failed calls of the namespace", table.header["fails"], 5)
    world.compare(f"failed calls from {_TO_R}", (world.row(table, _TO_R) or {}).get("fail"),
                  3)
    world.compare("failed calls of this program", _caller(world, *_TO_R.names()).get("fails"),
                  3)


def bind_fails(world):
    """bind() with port 0 finds none. Nothing else counts."""
    world.set("ip_local_reserved_ports", f"{LOW}-{HIGH}")
    world.bind(A, port=LOW)
    world.fail_to_bind(A, 4)
    world.fail_to_bind(A, 2, port=LOW)      # it is in use: that is no want of ports
    table = _counted(world)
    world.compare("failed bind() calls", table.header["bind_fails"], 4)
    world.compare("failed connect() calls", table.header["fails"], 0)
    world.compare("failed calls of this program", _caller(world, A, "*").get("fails"), 4)


def clash(world):
    """The port that the program has chosen is in use to this very destination."""
    chosen = {"port": 30001, "options": (socket.SO_REUSEADDR,)}
    world.keep(_TO_R, **chosen)
    world.fail_to_connect(_TO_R, 3, **chosen)
    table = _counted(world)
    world.compare("clashes of the namespace", table.header["clashes"], 3)
    world.compare("failed connect() calls", table.header["fails"], 0)
    world.compare(f"clashes from {_TO_R}", (world.row(table, _TO_R) or {}).get("clash"), 3)
    world.compare("clashes of this program", _caller(world, *_TO_R.names()).get("clashes"), 3)


CASES = (
    ("connect() calls that fail", connect_fails),
    ("bind() calls that fail", bind_fails),
    ("connect() calls that clash", clash),
)
