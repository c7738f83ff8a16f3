# SPDX-License-Identifier: GPL-2.0-only
"""twstat --metrics --all: which namespaces are read, and what they have. In a folder that
looks like /proc."""
import io
import os
import re
import unittest
from unittest import mock

import promtool
import samples
from fakeproc import Proc
from twstatlib import errors, main, ranking, sources

ID = "9687bac58d5c4d1606aa46af33d1a21c1d1652e0ac9fb3fc0fc86e3495f42869"
UID = "0b7632a2-a56e-4278-987a-22de18008dbe"
POD = f"/kubepods/burstable/pod{UID}/{ID}"

ADDRESSES = "# tw_sources version=1 tried=200\nbind_free use% local\n80 60.0 127.0.0.6\n"


def table_of(proc, name, rows=(), **header):
    """Gives a namespace its tables."""
    proc.file(name, "tw_summary", samples.table(list(rows), netns=proc.inode(name), **header))
    proc.file(name, "tw_callers", "# tw_callers version=1 rows=0\nfails local remote\n")
    proc.file(name, "tw_sources", ADDRESSES)


def series(text):
    """{(name, labels): value}; the labels as a sorted tuple."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"ephemeral_ports_(\w+)(?:{(.*)})? (\S+)",
                                               line).groups()
            key = name, tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels or "")))
            assert key not in found, line
            found[key] = value
    return found


class All(unittest.TestCase):
    """A machine with a few namespaces."""

    def setUp(self):
        self.proc = Proc().start()
        self.addCleanup(self.proc.stop)
        self.proc.namespace("host", in_use=5)
        self.proc.this("host")
        table_of(self.proc, "host", [{"free": 9}], timewait=28, bind_level="ok")

    def pod(self, pid, name, group="/", in_use=1, timewait=0, **header):
        """A namespace with one process."""
        inode = self.proc.namespace(name, in_use, timewait)
        self.proc.process(pid, name, group)
        table_of(self.proc, name, [{"free": 7, "level": "warn"}], **header)
        return inode

    def run_main(self, *argv):
        """(status, text, what is said beside it)"""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("sys.stdout", out), mock.patch("sys.stderr", err):
            status = main.main(["--metrics", *argv])
        return status, out.getvalue(), err.getvalue()

    def found(self, *argv):
        """The series of a run that succeeds in silence."""
        status, text, said = self.run_main("--all", *argv)
        self.assertEqual((status, said), (0, ""))
        return series(text)

    @staticmethod
    def labels(found, name="netns_worst_free"):
        """The labels of a metric's series, as dicts."""
        return [dict(key[1]) for key in found if key[0] == name]

    def test_host_as_before(self):
        """Its series have the names, labels and values that they have without --all."""
        self.pod(100, "pod", POD)
        before = series(self.run_main()[1])
        now = self.found()
        self.assertEqual({key: value for key, value in now.items()
                          if not key[0].startswith("netns_")}, before)

    def test_same_series(self):
        """Another namespace has those of the host, but for what is the machine's."""
        self.pod(100, "pod", POD, timewait=3, bind_level="ok")
        found = self.found()
        host = {key[0] for key in found if not key[0].startswith("netns_")}
        other = {key[0].replace("netns_", "") for key in found if key[0].startswith("netns_")}
        self.assertEqual(other - host, {"shown", "rest", "rest_sockets", "unread"})
        self.assertEqual(host - other, {"up", "build_info"})

    def test_labels(self):
        """What a join needs."""
        inode = str(self.pod(100, "pod", POD))
        unit = str(self.pod(101, "unit", "/system.slice/nginx.service"))
        bare = str(self.pod(102, "bare"))
        self.assertCountEqual(self.labels(self.found()), [
            {"netns": inode, "name": f"container {ID[:12]}", "pod_uid": UID,
             "container_id": ID},
            {"netns": unit, "name": "nginx.service"}, {"netns": bare, "name": "pid 102"}])

    def test_names_of_mounts(self):
        """That of `ip netns`, but for a container, whose mount has a random name."""
        self.pod(100, "pod", POD)
        self.pod(101, "blue", "/user.slice/user-0.slice/session-3.scope")
        self.proc.mount("pod", "cni-7d0c3c5e")
        self.proc.mount("blue", "blue")
        self.assertEqual({labels["name"] for labels in self.labels(self.found())},
                         {f"container {ID[:12]}", "blue"})

    def test_name_stays(self):
        """It is that of the oldest process, whatever the numbers: who looks into a container
        for a moment does not make it another series."""
        self.pod(500, "pod", POD)
        before = self.labels(self.found())
        self.proc.process(20, "pod", "/system.slice/debug.service", started=900)
        self.assertEqual(self.labels(self.found()), before)

    def test_bounded(self):
        """The worst ones, this one among them; the rest in one sum."""
        for number in range(60):
            self.pod(100 + number, f"pod{number}", POD, in_use=100 + number, timewait=1000)
        for argv, shown in (((), 49), (("--most-namespaces", "3"), 2),
                            (("--most-namespaces", "1"), 0),
                            (("--most-namespaces", "61"), 60)):
            found = self.found(*argv)
            self.assertEqual(len(self.labels(found)), shown)
            self.assertEqual(found["netns_shown", ()], str(shown))
            self.assertEqual(found["netns_rest", ()], str(60 - shown))
            self.assertEqual(found["netns_rest_sockets", (("state", "time_wait"),)],
                             str(1000 * (60 - shown)))
            self.assertEqual(found["netns_rest_sockets", (("state", "in_use"),)],
                             str(sum(range(100, 160 - shown))))
        self.assertEqual({labels["netns"] for labels in
                          self.labels(self.found("--most-namespaces", "3"))},
                         {str(self.proc.inode("pod59")), str(self.proc.inode("pod58"))})

    def test_long_walks(self):
        """Where each walk takes long, those with the most sockets are read for a second."""
        for number in range(9):
            self.pod(100 + number, f"pod{number}", POD, in_use=100 + number, walk_us=300000)
        found = self.found()
        self.assertEqual({labels["netns"] for labels in self.labels(found)},
                         {str(self.proc.inode(f"pod{number}")) for number in (8, 7, 6, 5)})
        self.assertEqual(found["netns_rest", ()], "5")

    def test_number_of_series(self):
        """The bound that docs/usage.md names."""
        inode = self.pod(100, "pod", POD)
        self.proc.file("pod", "tw_callers", samples.callers())
        self.proc.file("pod", "tw_sources", ADDRESSES + "70 65.0 0.0.0.0\n")
        self.proc.file("pod", "tw_summary", samples.table(
            [{"grow/s": "1.0"}], netns=inode, bind_level="ok", mispredicted=0,
            timewait_dropped=0))
        number = len([key for key in self.found() if ("netns", str(inode)) in key[1]])
        said = re.search(r"Each of these\s+has (\d+) series at most",
                         promtool.content("docs", "usage.md"))
        self.assertEqual(number, int(said.group(1)))

    def test_few_reads(self):
        """A table is read of those that are shown only, and tw_sources where programs
        bind."""
        for number in range(5):
            self.pod(100 + number, f"pod{number}", POD, in_use=number,
                     **({"bind_level": "ok"} if number == 4 else {"bind_level": "-"}))
        with mock.patch.object(sources, "read", wraps=sources.read) as read:
            found = self.found("--most-namespaces", "3")
        paths = [call.args[0][len(self.proc.root) + 1:] for call in read.call_args_list]
        self.assertEqual([path for path in paths if path.endswith("tw_summary")],
                         ["net/tw_summary", "104/net/tw_summary", "103/net/tw_summary"])
        self.assertCountEqual([path for path in paths if path.endswith("tw_sources")],
                              ["net/tw_sources", "104/net/tw_sources"])
        # pod0 has no socket at all.
        self.assertEqual(found["netns_rest", ()], "2")

    def test_ends_meanwhile(self):
        """It is passed over: between any two looks, and if its number is another one's."""
        self.pod(100, "gone", in_use=9)
        self.proc.file("gone", "tw_summary", None)
        self.pod(101, "reused", in_use=8)
        self.proc.file("reused", "tw_summary", samples.table([], netns=77))
        self.pod(102, "early", in_use=7)
        self.proc.file("early", "sockstat", None)
        self.pod(103, "there")
        found = self.found()
        self.assertEqual([labels["name"] for labels in self.labels(found)], ["pid 103"])
        self.assertEqual((found["netns_unread", ()], found["netns_rest", ()]), ("0", "0"))

    def test_first_process_ends(self):
        """Another one of the same namespace is asked."""
        self.pod(100, "pod", in_use=9)
        self.proc.process(200, "pod", POD)
        os.unlink(os.path.join(self.proc.root, "100", "net"))
        self.assertEqual(len(self.labels(self.found())), 1)

    def test_number_changes_hands(self):
        """The process whose group is read is in another namespace by then: no wrong name."""
        self.pod(100, "pod", POD)
        real = sources.cgroups.of_process

        def leaves(pid, proc):
            group = real(pid, proc)
            path = os.path.join(self.proc.root, "100", "ns", "net")
            os.unlink(path)
            os.symlink(os.path.join(self.proc.root, "1", "ns", "net"), path)
            return group
        with mock.patch.object(sources.cgroups, "of_process", leaves):
            self.assertEqual([labels["name"] for labels in self.labels(self.found())],
                             ["pid 100"])

    def test_unread(self):
        """One that may not be read, or is not understood, takes nothing from the others."""
        self.pod(100, "odd", in_use=9)
        self.proc.file("odd", "tw_summary", "# tw_summary version=99\n")
        self.proc.namespace("mounted", in_use=8)
        self.proc.mount("mounted", "blue")
        self.pod(101, "good")
        refused = errors.Failure("/run/netns/blue: Operation not permitted")
        with mock.patch.object(sources, "_in_namespace", side_effect=refused):
            found = self.found()
        self.assertEqual([labels["name"] for labels in self.labels(found)], ["pid 101"])
        self.assertEqual(found["netns_unread", ()], "2")

    def test_only_mounted(self):
        """Who may enter it reads it."""
        self.proc.namespace("mounted", in_use=8)
        table_of(self.proc, "mounted")
        self.proc.mount("mounted", "blue")
        self.proc.process("thread-self", "mounted")
        with mock.patch.object(sources, "_in_namespace", lambda _mount, what: what()):
            self.assertEqual([labels["name"] for labels in self.labels(self.found())],
                             ["blue"])

    def test_not_allowed(self):
        """The host's series are there, and the failure is told."""
        self.pod(100, "pod")
        with mock.patch.object(sources, "find", side_effect=errors.NotAllowed("/proc/1")):
            status, text, said = self.run_main("--all")
        self.assertEqual(status, 4)
        self.assertIn("/proc/1", said)
        found = series(text)
        self.assertEqual(found["up", ()], "1")
        self.assertNotIn("netns_shown", {key[0] for key in found})

    def test_down(self):
        """Without the module, that alone."""
        self.pod(100, "pod")
        self.proc.file("host", "tw_summary", None)
        status, text, _ = self.run_main("--all")
        self.assertEqual((status, series(text)), (3, {("up", ()): "0"}))

    def test_together(self):
        """All samples of a metric stand together, once explained."""
        for number in range(3):
            self.pod(100 + number, f"pod{number}", POD)
        _, text, _ = self.run_main("--all")
        names = [re.match(r"(?:# \w+ )?(\w+)", line).group(1) for line in text.splitlines()]
        changes = [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
        self.assertEqual(len(changes), len(set(changes)))

    def test_people(self):
        """twstat --all has the same names."""
        self.pod(100, "pod", POD)
        out = io.StringIO()
        with mock.patch("sys.stdout", out):
            self.assertEqual(main.main(["--all"]), 0)
        self.assertEqual(re.findall(r"^(.*) \(netns", out.getvalue(), re.M),
                         ["host", f"container {ID[:12]}"])


class Sockstat(unittest.TestCase):
    """The files that rank."""

    def test_numbers(self):
        """As the kernel writes them; TIME_WAITs of IPv6 are among those of the first."""
        first = ("sockets: used 164\nTCP: inuse 5 orphan 3 tw 12 alloc 9 mem 1\n"
                 "UDP: inuse 2 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n")
        second = "TCP6: inuse 4\nUDP6: inuse 1\nUDPLITE6: inuse 0\n"
        self.assertEqual(ranking.sockets_in(first, second), (9, 12))
        self.assertEqual(ranking.sockets_in(first, ""), (5, 12))
        self.assertEqual(ranking.sockets_in("", ""), (0, 0))

    def test_real(self):
        """This machine's own has these words."""
        with open("/proc/self/net/sockstat", encoding="ascii") as file:
            text = file.read()
        self.assertRegex(text, r"(?m)^TCP: inuse \d+ orphan \d+ tw \d+ ")


class Options(unittest.TestCase):
    """The command line."""

    def test_refused(self):
        """With a sentence, and status 2."""
        for text in ("--most-namespaces 5", "--metrics --most-namespaces 5",
                     "--all --most-namespaces 5", "--metrics --all --most-namespaces 0",
                     "--metrics --all --most-namespaces 1001",
                     "--metrics --all --most-namespaces x", "--metrics --all --who",
                     "--metrics --all dst 10.0.0.1"):
            with self.subTest(text), self.assertRaises(errors.UsageError):
                main.parse(text.split())
        self.assertEqual(main.parse("--metrics --all".split()).most_namespaces, 50)
        self.assertEqual(main.parse("-ma --most-namespaces 1000".split()).most_namespaces,
                         1000)
