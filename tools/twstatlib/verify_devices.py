# SPDX-License-Identifier: GPL-2.0-only
"""Cases about `free` of sockets that are bound to devices, and about VRFs."""
from .verify_ground import A, B, R
from .verify_sockets import End, Pair

_BARE = Pair(A, R)
_ON_LO = Pair(A, R, dev="lo")
# To where nobody is.
_OUTSIDE = Pair("10.8.0.1", "10.8.0.2")
_ON_OUTSIDE = _OUTSIDE._replace(dev="outside")
_ON_INSIDE = _OUTSIDE._replace(dev="inside")
_ON_VRF = _OUTSIDE._replace(dev="vrf0")
_ALL = (_ON_INSIDE, _ON_VRF, _ON_OUTSIDE, _OUTSIDE)


def device(world):
    """A socket with a device meets those without, but not the other way round."""
    world.keep(_BARE, 5)
    world.close(_BARE, 4)
    world.keep(_ON_LO, 6)
    world.close(_ON_LO, 3)
    world.settle(time_wait=7)
    world.check_free(world.read(), _ON_LO, _BARE)


def device_reuse_if(world):
    """On the device, TIME_WAITs of none are in the way too, and taken over."""
    world.set("tcp_tw_reuse", 0)
    world.close(_BARE, 5)
    world.close(_ON_LO, 4)
    world.keep(_ON_LO, 2)
    world.settle(time_wait=9)
    world.grow_old()
    world.check_reuse_if(_ON_LO)


def bind_on_device(world):
    """bind() takes a port from all, whatever the device."""
    world.keep(_ON_LO, 2)
    world.keep(_BARE, 3)
    world.bind(End(B, "lo"), 7)
    world.check_free(world.read(), _ON_LO, _BARE)


def _in_vrfs(world, accept):
    world.vrf()
    world.set("tcp_l3mdev_accept", accept)
    for count, pair in enumerate(_ALL, 3):
        world.wait_unanswered(pair, count)


def vrf(world):
    """Sockets on a VRF, on a device of it, on one outside, and on none."""
    _in_vrfs(world, 0)
    table = world.read()
    for count, pair in enumerate(_ALL, 3):
        world.compare(f"column syn of {pair}", (world.row(table, pair) or {}).get("syn"),
                      count)
    world.check_free(table, *_ALL)


def vrf_shared(world):
    """With tcp_l3mdev_accept=1."""
    _in_vrfs(world, 1)
    world.check_free(world.read(), *_ALL)


def _bind_in_vrfs(world):
    for count, dev in enumerate(("inside", "vrf0", None), 4):
        world.bind(End("10.8.0.1", dev), count)


def vrf_bind(world):
    """bind() takes ports in its own VRF."""
    _in_vrfs(world, 0)
    _bind_in_vrfs(world)
    world.check_free(world.read(), *_ALL)


def vrf_bind_shared(world):
    """Or in all of them."""
    _in_vrfs(world, 1)
    _bind_in_vrfs(world)
    world.check_free(world.read(), *_ALL)


def vrf_listener(world):
    """What a listener has a port for is in its own VRF: elsewhere connect() may use it, and
    its connection there is that of a client."""
    world.vrf()
    world.range(40000, 40009)
    for address in ("10.7.0.1", "10.7.0.2"):
        world.devices.add_address("vrf0", address)
    world.listen("10.7.0.2", 40004, dev="vrf0")
    world.keep(Pair("10.7.0.1", "10.7.0.2", 40004, "vrf0"), 3)
    world.wait_unanswered(_OUTSIDE, 10)
    table = world.read()
    served = [row["estab"] for row in table.rows_of("in")
              if row["local"] == "10.7.0.2%vrf0:40004"]
    world.compare("connections that are served", sum(served), 3)
    world.compare("column used outside", (world.row(table, _OUTSIDE) or {}).get("used"), 10)
    world.check_free(table, _OUTSIDE)


def listener_outside(world):
    """The other way round."""
    world.vrf()
    world.range(40000, 40009)
    world.listen("0.0.0.0", 40004)
    world.wait_unanswered(_ON_VRF, 9)
    table = world.read()
    row = world.row(table, _ON_VRF) or {}
    world.compare("column used in the VRF", row.get("used"), 9)
    world.check_free(table, _ON_VRF)


CASES = (
    ("a device", device),
    ("what tcp_tw_reuse=1 would bring on a device", device_reuse_if),
    ("bind() with a device", bind_on_device),
    ("a VRF", vrf),
    ("a VRF, tcp_l3mdev_accept=1", vrf_shared),
    ("bind() in a VRF", vrf_bind),
    ("bind() in a VRF, tcp_l3mdev_accept=1", vrf_bind_shared),
    ("a listener in a VRF", vrf_listener),
    ("a listener outside the VRF", listener_outside),
)
