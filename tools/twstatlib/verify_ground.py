# SPDX-License-Identifier: GPL-2.0-only
"""A network namespace for a case: its settings, addresses and devices."""
import contextlib
import socket
import time

from . import verify_net

# Addresses of the device lo that tcp_tw_reuse=2 does not take for loopback.
A, B, R, S = "10.9.0.1", "10.9.0.2", "10.9.1.1", "10.9.1.2"
A6, B6, R6 = "fd09::1", "fd09::2", "fd09::11"
# Their number is even: then connect() tries all of them.
LOW, HIGH = 40000, 40039

# Most are the kernel's defaults. A machine may have others for new namespaces.
_SETTINGS = (("tcp_tw_reuse", 2), ("tcp_timestamps", 1), ("tcp_fin_timeout", 60),
             ("tcp_max_tw_buckets", 4096), ("ip_autobind_reuse", 0),
             ("ip_local_reserved_ports", ""))

# Nothing comes later on a machine that works at all.
PATIENCE_S = 20


class LeftOut(Exception):
    """The case cannot be made here. `kind` is one of the following, or None."""

    def __init__(self, why, kind=None):
        super().__init__(why)
        self.kind = kind


class NoSuchRule(Exception):
    """The case is about something that this kernel does not have."""


IPV6, MAPPED, VRF = "IPv6", "mapped addresses", "VRFs"
# What a kernel may be without: what it does not have needs no proof.
MAY_BE_LEFT_OUT = (IPV6, MAPPED, VRF)


class Ground:
    """A new namespace with the addresses above, in which this process is from now on."""

    def __init__(self):
        verify_net.enter_new()
        self.devices = verify_net.Devices()
        self.devices.switch_on("lo")
        for address in (A, B, R, S):
            self.devices.add_address("lo", address)
        for name, value in _SETTINGS:
            self.set(name, value)
        self.range(LOW, HIGH)

    @staticmethod
    def set(name, value):
        """A setting of net.ipv4."""
        try:
            with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as file:
                file.write(f"{value}\n")
        except FileNotFoundError:
            raise NoSuchRule(f"this kernel has no {name}") from None

    def range(self, low, high):
        """The ports that connect() chooses from."""
        self.set("ip_local_port_range", f"{low} {high}")

    def ipv6(self, kind=IPV6):
        """The addresses of IPv6 as well."""
        try:
            for address in (A6, B6, R6):
                self.devices.add_address("lo", address)
            for address in (A6, B6, R6):
                self.wait_for(lambda text=address: self._is_of_use(text))
        except OSError as error:
            raise LeftOut(f"no IPv6: {error.strerror}", kind) from None

    @staticmethod
    def _is_of_use(address):
        """Until a worker has made its route, what is sent to it is lost
        (addrconf.c:addrconf_dad_work())."""
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 0))
                probe.sendto(b"?", probe.getsockname())
                return bool(probe.recv(1, socket.MSG_DONTWAIT))
            except OSError:
                return False

    def vrf(self):
        """A VRF vrf0 with a device `inside` in it, and a device `outside`. Nobody is at the
        other end of these: a connection waits for an answer."""
        devices = self.devices
        try:
            devices.add_vrf("vrf0", 10)
            devices.switch_on("vrf0")
            for name in ("inside", "outside"):
                devices.add_cable(name, f"{name}-end")
                if name == "inside":
                    devices.enslave(name, "vrf0")
                devices.switch_on(f"{name}-end")
                devices.switch_on(name, silent=True)
                devices.add_address(name, "10.8.0.1", 24)
        except OSError as error:
            raise LeftOut(f"no VRF devices: {error.strerror}", VRF) from None
        for end in ("vrf0", "inside", "outside"):
            self.wait_for(lambda dev=end: self._has_route(dev))

    @staticmethod
    def _has_route(dev):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())
            try:
                probe.connect(("10.8.0.9", 9))
            except OSError:
                return False
        return True

    @staticmethod
    def wait_for(what):
        """Until it is so."""
        end = time.monotonic() + PATIENCE_S
        while not what():
            if time.monotonic() > end:
                raise LeftOut("what was to happen did not happen")
            time.sleep(0.005)

    def end(self):
        """Else the kernel logs that it cannot switch the VRF's device on once more, when
        its cable has gone (drivers/net/vrf.c:cycle_netdev())."""
        with contextlib.suppress(OSError):
            self.devices.switch_off("inside")
