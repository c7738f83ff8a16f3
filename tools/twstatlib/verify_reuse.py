# SPDX-License-Identifier: GPL-2.0-only
"""Cases about TIME_WAITs that connect() takes over: `free`, `reuse` and `reuse_if`."""
import time

from .verify_ground import A, A6, MAPPED, R, R6, LeftOut
from .verify_sockets import Pair

_TO_R = Pair(A, R)
_TO_R6 = Pair(A6, R6)
_LOOP = Pair("127.0.0.1", "127.0.0.1")
_LOOP6 = Pair("::1", "::1")
# How often a case is tried that must be done within a second.
_TRIES = 6


def _old_ones(world, pair, timestamps=True):
    """Eleven old TIME_WAITs and three connections, made with tcp_tw_reuse=0."""
    world.set("tcp_tw_reuse", 0)
    world.set("tcp_timestamps", int(timestamps))
    world.close(pair, 11)
    world.set("tcp_timestamps", 1)
    world.keep(pair, 3)
    world.settle(time_wait=11)
    world.grow_old()


def _check_reuse(world, table, pair, mode):
    """`reuse` is how many more calls succeed than without the setting."""
    world.set("tcp_tw_reuse", 0)
    without = world.connects(pair)
    world.set("tcp_tw_reuse", mode)
    found = world.connects(pair)
    world.compare(f"connect() calls from {pair}", world.said(table, pair), found)
    world.compare(f"TIME_WAITs taken over from {pair}", world.said(table, pair, "reuse"),
                  found - without)


def _with_mode(world, mode, pair, timestamps=True):
    _old_ones(world, pair, timestamps)
    world.set("tcp_tw_reuse", mode)
    _check_reuse(world, world.read(), pair, mode)


def off(world):
    """Even on loopback."""
    _with_mode(world, 0, _LOOP)


def always(world):
    """Between any addresses."""
    _with_mode(world, 1, _TO_R)


def always_by_ipv6(world):
    """Those of IPv6."""
    world.ipv6()
    _with_mode(world, 1, _TO_R6)


def loopback_only_elsewhere(world):
    """Other addresses of the device lo are not loopback."""
    _with_mode(world, 2, _TO_R)


def loopback_only(world):
    """127/8, at one end at least."""
    for pair in (_LOOP, Pair("127.1.2.3", A)):
        world.set("tcp_tw_reuse", 0)
        world.close(pair, 8)
    world.settle(time_wait=16)
    world.grow_old()
    world.set("tcp_tw_reuse", 2)
    table = world.read()
    for pair in (_LOOP, Pair("127.1.2.3", A)):
        _check_reuse(world, table, pair, 2)


def loopback_only_by_ipv6(world):
    """::1 is loopback, another address of lo is not."""
    world.ipv6()
    world.set("tcp_tw_reuse", 0)
    for pair in (_LOOP6, _TO_R6):
        world.close(pair, 8)
    world.settle(time_wait=16)
    world.grow_old()
    world.set("tcp_tw_reuse", 2)
    table = world.read()
    for pair in (_LOOP6, _TO_R6):
        _check_reuse(world, table, pair, 2)


def loopback_only_mapped(world):
    """127/8 in an IPv6 socket."""
    world.ipv6(MAPPED)
    _with_mode(world, 2, _LOOP._replace(mapped=True))


def loopback_only_on_lo(world):
    """A socket that is bound to lo is on loopback whatever its addresses."""
    _with_mode(world, 2, _TO_R._replace(dev="lo"))


def without_timestamps(world):
    """Nothing protects the new connection from old segments."""
    _with_mode(world, 1, _TO_R, timestamps=False)


def some_without_timestamps(world):
    """Each TIME_WAIT for itself."""
    world.set("tcp_timestamps", 0)
    world.close(_TO_R, 5)
    world.set("tcp_timestamps", 1)
    world.set("tcp_tw_reuse", 0)
    world.close(_TO_R, 7)
    world.settle(time_wait=12)
    world.grow_old()
    world.set("tcp_tw_reuse", 1)
    _check_reuse(world, world.read(), _TO_R, 1)


def young(world):
    """They may not be taken over yet. All is done within one second of the kernel's clock,
    which begins when that of time.monotonic() does."""
    for _ in range(_TRIES):
        world.set("tcp_tw_reuse", 1)
        now = time.monotonic()
        time.sleep(1.02 - now % 1)
        second = int(time.monotonic())
        world.close(_TO_R, 6)
        world.settle(time_wait=6)
        table = world.read()
        found = world.connects(_TO_R)
        if int(time.monotonic()) == second:
            world.compare(f"connect() calls from {_TO_R}", world.said(table, _TO_R), found)
            return
        world.begin_again()
    raise LeftOut("a second is too short for this machine: it is busy")


def fin_wait2(world):
    """Abandoned in FIN_WAIT2: never taken over but by kernels of before October 2024."""
    world.set("tcp_tw_reuse", 1)
    world.abandon(_TO_R, 7)
    world.keep(_TO_R, 2)
    world.settle(fin_wait2=7)
    world.grow_old()
    world.check_free(world.read(), _TO_R)


def reuse_if(world):
    """What tcp_tw_reuse=1 would bring, and brings: some have no timestamps, some are in
    FIN_WAIT2."""
    world.set("tcp_timestamps", 0)
    world.close(_TO_R, 4)
    world.set("tcp_timestamps", 1)
    world.close(_TO_R, 9)
    world.abandon(_TO_R, 3)
    world.keep(_TO_R, 2)
    world.settle(time_wait=13, fin_wait2=3)
    world.grow_old()
    world.check_reuse_if(_TO_R)


def reuse_if_on_loopback(world):
    """Nothing: the default does it already."""
    _old_ones(world, _LOOP)
    world.set("tcp_tw_reuse", 2)
    table = world.read()
    world.compare("more of them with tcp_tw_reuse=1", world.said(table, _LOOP, "reuse_if"),
                  0)
    world.check_free(table, _LOOP)


def longer_delay(world):
    """Since 6.14 the age that is needed is a setting."""
    world.set("tcp_tw_reuse_delay", 60000)
    _with_mode(world, 1, _TO_R)


def shorter_delay(world):
    """Likewise."""
    world.set("tcp_tw_reuse_delay", 1)
    world.set("tcp_tw_reuse", 1)
    world.close(_TO_R, 1)
    world.settle(time_wait=1)
    time.sleep(0.05)
    _check_reuse(world, world.read(), _TO_R, 1)


CASES = (
    ("tcp_tw_reuse=0", off),
    ("tcp_tw_reuse=1", always),
    ("tcp_tw_reuse=1, IPv6", always_by_ipv6),
    ("tcp_tw_reuse=2, not on loopback", loopback_only_elsewhere),
    ("tcp_tw_reuse=2 on loopback", loopback_only),
    ("tcp_tw_reuse=2, IPv6", loopback_only_by_ipv6),
    ("tcp_tw_reuse=2, mapped addresses", loopback_only_mapped),
    ("tcp_tw_reuse=2, bound to the device lo", loopback_only_on_lo),
    ("TIME_WAITs without timestamps", without_timestamps),
    ("TIME_WAITs with and without timestamps", some_without_timestamps),
    ("FIN_WAIT2 of closed sockets", fin_wait2),
    ("what tcp_tw_reuse=1 would bring", reuse_if),
    ("what tcp_tw_reuse=1 would bring on loopback", reuse_if_on_loopback),
    ("tcp_tw_reuse_delay, long", longer_delay),
    ("tcp_tw_reuse_delay, short", shorter_delay),
)
# These have no time to wait for others.
ALONE = (
    ("TIME_WAITs that are too young", young),
)
