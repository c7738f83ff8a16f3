# SPDX-License-Identifier: GPL-2.0-only
"""What the path of a control group says: units, containers, pods."""
import unittest

from twstatlib import cgroups

ID = "9687bac58d5c4d1606aa46af33d1a21c1d1652e0ac9fb3fc0fc86e3495f42869"
OTHER = "73a4fb9769188ae5dc51cb7e24b9f2752a4af7b802a8949f06a7b2f2363ab0e9"
UID = "0b7632a2-a56e-4278-987a-22de18008dbe"
UID_ = UID.replace("-", "_")
STATIC = "a1f2d0b94a3c5e6f7788990011223344"     # of a static pod
SHORT = ID[:12]
SLICE = "/kubepods.slice/kubepods-burstable.slice"
USER = "/user.slice/user-1000.slice/user@1000.service"

# Each form, with what is to be found: the name, the pod, the container.
FORMS = {
    "kubernetes, cgroupfs driver": {
        f"/kubepods/burstable/pod{UID}/{ID}": (f"container {SHORT}", UID, ID),
        f"/kubepods/besteffort/pod{UID}/{ID}": (f"container {SHORT}", UID, ID),
        f"/kubepods/pod{UID}/{ID}": (f"container {SHORT}", UID, ID),
        f"/kubepods/burstable/pod{STATIC}/{ID}": (f"container {SHORT}", STATIC, ID),
        f"/kubepods/burstable/pod{UID}/crio-{ID}": (f"crio {SHORT}", UID, ID),
        # containerd by itself, the kubelet by systemd
        f"/system.slice/containerd.service/kubepods-burstable-pod{UID_}.slice:"
        f"cri-containerd:{ID}": (f"container {SHORT}", UID, ID),
    },
    "kubernetes, systemd driver": {
        f"{SLICE}/kubepods-burstable-pod{UID_}.slice/cri-containerd-{ID}.scope":
            (f"cri-containerd {SHORT}", UID, ID),
        f"/kubepods.slice/kubepods-pod{UID_}.slice/cri-containerd-{ID}.scope":
            (f"cri-containerd {SHORT}", UID, ID),
        f"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{UID_}.slice/"
        f"docker-{ID}.scope": (f"docker {SHORT}", UID, ID),
        f"{SLICE}/kubepods-burstable-pod{STATIC}.slice/cri-containerd-{ID}.scope":
            (f"cri-containerd {SHORT}", STATIC, ID),
        # kind
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
        f"kubelet-kubepods-besteffort-pod{UID_}.slice/cri-containerd-{ID}.scope":
            (f"cri-containerd {SHORT}", UID, ID),
        # The pod's own group
        f"{SLICE}/kubepods-burstable-pod{UID_}.slice":
            (f"kubepods-burstable-pod{UID_}.slice", UID, None),
    },
    "CRI-O": {
        f"{SLICE}/kubepods-burstable-pod{UID_}.slice/crio-{ID}.scope":
            (f"crio {SHORT}", UID, ID),
        f"{SLICE}/kubepods-burstable-pod{UID_}.slice/crio-{ID}.scope/container":
            (f"crio {SHORT}", UID, ID),
        # What watches it is not in it.
        f"{SLICE}/kubepods-burstable-pod{UID_}.slice/crio-conmon-{ID}.scope":
            (f"crio-conmon-{ID}.scope", UID, None),
    },
    "docker": {
        f"/docker/{ID}": (f"docker {SHORT}", None, ID),
        f"/system.slice/docker-{ID}.scope": (f"docker {SHORT}", None, ID),
        f"/system.slice/docker-{ID}.scope (deleted)": (f"docker {SHORT}", None, ID),
        # With systemd inside, and in another container
        f"/docker/{ID}/system.slice/nginx.service": (f"docker {SHORT}", None, ID),
        f"/docker/{OTHER}/docker/{ID}": (f"docker {SHORT}", None, ID),
        f"{USER}/user.slice/docker-{ID}.scope": (f"docker {SHORT}", None, ID),
    },
    "podman": {
        f"/machine.slice/libpod-{ID}.scope/container": (f"libpod {SHORT}", None, ID),
        f"/machine.slice/libpod-{ID}.scope": (f"libpod {SHORT}", None, ID),
        f"{USER}/user.slice/libpod-{ID}.scope/container": (f"libpod {SHORT}", None, ID),
        f"/libpod_parent/libpod-{ID}": (f"libpod {SHORT}", None, ID),
        f"/machine.slice/machine-libpod_pod_{OTHER}.slice/libpod-{ID}.scope":
            (f"libpod {SHORT}", None, ID),
        f"/system.slice/nginx.service/libpod-payload-{ID}": (f"libpod {SHORT}", None, ID),
        f"{USER}/app.slice/redis.service/libpod-payload-{ID}":
            (f"libpod {SHORT}", None, ID),
        f"/machine.slice/libpod-conmon-{ID}.scope":
            (f"libpod-conmon-{ID}.scope", None, None),
    },
    "containerd": {
        f"/system.slice/nerdctl-{ID}.scope": (f"nerdctl {SHORT}", None, ID),
        f"{USER}/user.slice/nerdctl-{ID}.scope": (f"nerdctl {SHORT}", None, ID),
        f"/default/{ID}": (f"container {SHORT}", None, ID),
    },
    "LXC": {
        "/lxc.payload.web": ("lxc web", None, "web"),
        "/lxc.payload.gha-fleet_worker/system.slice/nginx.service":
            ("lxc gha-fleet_worker", None, "gha-fleet_worker"),
        "/lxc/101/ns/init.scope": ("lxc 101", None, "101"),
        f"/lxc.payload.web/docker/{ID}": (f"docker {SHORT}", None, ID),
        "/lxc.monitor.web": ("lxc.monitor.web", None, None),
    },
    "systemd-nspawn": {
        "/machine.slice/systemd-nspawn@media-01.service/payload/init.scope":
            ("machine media-01", None, "media-01"),
        "/machine.slice/systemd-nspawn@jammy.service/payload/system.slice/sshd.service":
            ("machine jammy", None, "jammy"),
        r"/machine.slice/machine-my\x2dbox.scope/payload/init.scope":
            ("machine my-box", None, "my-box"),
        r"/machine.slice/machine-qemu\x2d1\x2dvm.scope":
            (r"machine-qemu\x2d1\x2dvm.scope", None, None),
    },
    "units, and nothing": {
        "/system.slice/nginx.service": ("nginx.service", None, None),
        "/system.slice/nginx.service/worker": ("nginx.service", None, None),
        "/user.slice/user-1000.slice/session-3.scope": ("session-3.scope", None, None),
        f"/some/pod{UID}/thing": ("thing", None, None),
        "/": ("/", None, None),
    },
}


class Forms(unittest.TestCase):
    """Paths as the engines make them."""

    def test_each(self):
        """The name, the pod and the container."""
        for form, paths in FORMS.items():
            for path, wanted in paths.items():
                with self.subTest(form, path=path):
                    self.assertEqual(tuple(cgroups.identify(path)), wanted)

    def test_near(self):
        """What only looks like one."""
        for path in (f"/docker/{ID[1:]}", f"/docker/{ID.upper()}", f"/x-{ID}.scope",
                     f"/docker-{ID}.mount", f"/kubepods/pod{UID[1:]}/x",
                     f"/kubepods/burstable/pod{UID}0/x", "/system.slice/lxc/web",
                     "/system.slice/systemd-nspawn@web.service"):
            with self.subTest(path):
                group = cgroups.identify(path)
                self.assertEqual((group.pod_uid, group.container_id), (None, None))


class Files(unittest.TestCase):
    """/proc/PID/cgroup."""

    def test_version_1(self):
        """Many lines, of which some are the root's; both versions at once."""
        in_docker = f"12:pids:/docker/{ID}\n11:cpu,cpuacct:/docker/{ID}\n"
        for text, path in (
                ("0::/system.slice/nginx.service\n", "/system.slice/nginx.service"),
                ("0::/\n", None), ("", None), ("nonsense\n0:\n", None),
                (in_docker + "1:name=systemd:/\n", f"/docker/{ID}"),
                (in_docker + "0::/system.slice/containerd.service\n", f"/docker/{ID}"),
                ("4:memory:/\n1:name=systemd:/system.slice/cron.service\n0::/\n",
                 "/system.slice/cron.service"),
                ("3:pids:/user.slice\n1:name=systemd:/user.slice/a.scope\n",
                 "/user.slice/a.scope"),
                ("0::/a:b/c\n", "/a:b/c")):
            with self.subTest(text):
                self.assertEqual(cgroups.path_in(text), path)
