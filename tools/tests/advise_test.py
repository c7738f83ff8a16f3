# SPDX-License-Identifier: GPL-2.0-only
"""What --advise says. (That the figures are right is tested in a guest:
selftests/advise.sh.)"""
import os
import tempfile
import unittest
from unittest import mock

import samples
from twstatlib import advise, errors, interface, options, ports, settings

# As /proc/net/tcp has them: sockets that listen come first.
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0
   1: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0
   2: 0100000A:9C41 0109000A:01BB 01 00000000:00000000 00:00000000 00000000     0        0
   3: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:9C4A 00000000000000000000000000000000:0000 0A 0
"""
UDP = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout
  137: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0
  138: 0100000A:9C45 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0
  139: 0100000A:14EA 0109000A:0035 01 00000000:00000000 00:00000000 00000000     0        0
"""


class Ports(unittest.TestCase):
    """Sets of ports."""

    def test_lists(self):
        """As the kernel writes them."""
        for text, there in (("", set()), ("8080", {8080}), ("1-3,7", {1, 2, 3, 7}),
                            ("7,9,10,11", {7, 9, 10, 11})):
            self.assertEqual(ports.expand(text), there)
        for text in ("", "8080", "1-3,7", "1-2,4,6-9"):
            self.assertEqual(ports.compress(ports.expand(text)), text)

    def test_servers(self):
        """Those that listen; UDP ports that nobody gets by chance."""
        with tempfile.TemporaryDirectory() as proc:
            for name, text in (("tcp", TCP), ("tcp6", TCP6), ("udp", UDP)):
                with open(os.path.join(proc, name), "w", encoding="ascii") as file:
                    file.write(text)
            # The listener after the connections is none: the kernel lists none there.
            self.assertEqual(ports.listening(proc + "/"), {8080, 22, 40010})
            self.assertEqual(ports.udp_servers(40000, 40199, proc + "/"), {5353})


class Wider(unittest.TestCase):
    """The wider range."""

    def test_gain(self):
        """Ports that are there more, and can be used."""
        for what, gain in ((dict(), 64512 - 200),
                           (dict(servers={22, 8080, 40010}), 64512 - 200 - 1),
                           (dict(kept={9000, 9001, 40001}), 64512 - 200 - 2),
                           (dict(servers={8080}, kept={8080}, taken={8080, 9, 40002, 1500}),
                            64512 - 200 - 2)):
            what = {"kept": set(), "servers": set(), **what}
            with self.subTest(what):
                self.assertEqual(settings.Wider((40000, 40199), 200, **what).gain, gain)
        # 61 ports, 60 of them tried
        self.assertEqual(settings.Wider((40000, 40060), 60, set(), set()).gain, 64512 - 60)
        # It is as wide as it can be, and wider.
        self.assertEqual(settings.Wider((1024, 65535), 64512, set(), set()).gain, 0)
        self.assertEqual(settings.Wider((100, 65535), 65436, set(), set()).gain, 0)
        self.assertEqual(settings.Wider((40000, 40199), 200, set(), set(), (), 2000).gain,
                         63536 - 200)

    def test_commands(self):
        """Reserved ports stay, and servers' ports come to them, before the range."""
        wider = settings.Wider((40000, 40199), 200, {500, 30000, 30001}, {22, 8080, 30002})
        self.assertEqual(wider.commands(), [
            'sysctl -w net.ipv4.ip_local_reserved_ports="500,8080,30000-30002"',
            'sysctl -w net.ipv4.ip_local_port_range="1024 65535"'])
        self.assertEqual(wider.listed(), "8080,30002")
        self.assertEqual(len(settings.Wider((40000, 40199), 200, set(), {22}).commands()), 1)


def fake_settings(**values):
    """Settings without this machine."""
    made = settings.Settings.__new__(settings.Settings)
    made.__dict__.update({"range": (40000, 40199), "fin_timeout": 60, "_kept": set(),
                          "_lowest": 1024, "_listen": {22, 8080, 40010}, "_udp": set(),
                          **values})
    return made


class Advice(unittest.TestCase):
    """What is said of a table."""

    def said(self, rows, callers=None, addresses=None, kills=True, **header):
        """One text without line breaks."""
        header = {"range": "40000-40199", "tried": 200, "usable": 199, "bound": 1, **header}
        table = interface.parse(samples.table(rows, **header))
        advice = advise.Advice(table, fake_settings(), callers, addresses, kills)
        return " ".join(" ".join(advice.lines(table.rows, 80)).split())

    def check(self, said, there, absent=()):
        """Words that must be in the text, and words that must not."""
        for words in there:
            self.assertIn(words, said)
        for words in absent:
            self.assertNotIn(words, said)

    def test_nothing(self):
        """All is well."""
        said = self.said([{"tw": 3}])
        self.check(said, ["No destination is short of ports", "Nothing was changed."],
                   ["sysctl", "wider"])

    def test_time_wait(self):
        """The figures are those of the row."""
        said = self.said([{"level": "full", "free": 0, "tw": 199, "reuse_if": 180,
                           "close/s": "3.3", "fail": 7}], level="full")
        self.check(said, [
            "10.0.0.1 -> 10.0.9.1:443: full, 0 of 200 ports free, 7 calls failed",
            "keep connections open (a pool, HTTP keep-alive): up to 199 ports; 3.3 closes",
            "tcp_tw_reuse=1: 180 ports at once", "the wider range below: 64311 ports more",
            "Servers have these of its ports today: 8080,40010.",
            'ip_local_reserved_ports="8080,40010" sysctl', 'port_range="1024 65535"',
            "another local address, which the program binds with IP_BIND_ADDRESS_NO_PORT: "
            "199 ports for each", "ss -K -tn state time-wait dst 10.0.9.1:443: up to 199",
            "RFC 1337", "Nothing was changed."],
            ["fin_timeout", "in the programs that bind first", "names"])
        said = self.said([{"level": "crit", "tw": 199}], kills=False)
        self.check(said, ["10.0.9.1:443: crit"], ["ss -K", "tcp_tw_reuse=1"])

    def test_by_state(self):
        """What holds most ports, and what holds many."""
        for state, words in (("estab", "fewer open connections (ss -tnp dst 10.0.9.1:443"),
                             ("cwait", "ss -tnp state close-wait dst 10.0.9.1:443"),
                             ("syn", "tcp_syn_retries=2"),
                             ("other", "tcp_orphan_retries=1"),
                             ("fw2", "tcp_fin_timeout=10")):
            with self.subTest(state):
                said = self.said([{"level": "warn", "free": 40, state: 150, "tw": 9}])
                self.check(said, [words], ["keep connections open", "ss -K"])
                self.assertIn("150 ports", said)
                said = self.said([{"level": "warn", "free": 40, state: 10, "tw": 149}])
                self.check(said, [words, "keep connections open"])

    def test_fin_wait2(self):
        """A timer ends those that the program has closed, none ends the others."""
        row = {"level": "warn", "fw2": 160}
        said = self.said([{**row, "fw2_held": 160}])
        self.check(said, ["ss -tnp state fin-wait-2 dst 10.0.9.1:443 names it): 160 ports"],
                   ["tcp_fin_timeout"])
        said = self.said([{**row, "fw2_held": 60}])
        self.check(said, ["as many as these 100 ports, 10 s after the close and not 60 s",
                          "names it): 60 ports; no timer"], ["if no program"])
        said = self.said([row])
        self.check(said, ["as many as these 160 ports", "if no program holds them open"],
                   ["fin-wait-2"])

    def test_leak(self):
        """Open connections that become more."""
        self.check(self.said([{"level": "crit", "estab": 190, "grow/s": "20.0"}]),
                   ["an end to the leak", "20.0 more each second"])

    def test_calls_fail_and_ports_are_free(self):
        """The table can't know of a program's own range."""
        self.check(self.said([{"free": 100, "fail": 18}]),
                   ["18 calls failed", "IP_LOCAL_PORT_RANGE"], ["sysctl"])

    def test_programs_that_bind(self):
        """They are named; listeners' ports do not count."""
        callers = interface.parse(samples.callers(), "tw_callers")
        said = self.said([{"level": "full", "free": 0, "tw": 59}], callers,
                         bound=141, usable=59)
        self.check(said, ["in the programs that bind first (generator, report): up to 140 ports"])
        said = self.said([], callers, bound=191, usable=9, level="crit")
        self.check(said, ["every destination: crit, bind() has left 9 of 200 ports",
                          "up to 190 ports", "wider range"], ["No destination"])

    def test_bind(self):
        """Addresses without a port; wildcards are another matter."""
        addresses = interface.parse(
            "# tw_sources version=1\nbind_free use% level local\n0 100.0 full 10.0.0.6\n"
            "0 100.0 full 0.0.0.0\n190 5.0 ok 10.0.0.7\n200 0.0 ok other\n3 98.5 crit [other]\n", "tw_sources")
        said = self.said([], None, addresses, bind_fails=8, bind_level="full")
        self.check(said, ["bind(10.0.0.6, port 0): full, 0 ports free",
                          "IP_BIND_ADDRESS_NO_PORT in the program: bind() then takes no port",
                          "another local address: 200 ports for each"],
                   ["bind(0.0.0.0", "bind(10.0.0.7", "bind([other]"])
        said = self.said([], bind_fails=8)
        self.check(said, ["bind() with port 0: 8 calls failed"], ["No destination"])
        self.check(self.said([], None, addresses), ["No destination"])

    def test_every_width(self):
        """Only what is to be copied is longer."""
        table = interface.parse(samples.table([{"level": "full", "tw": 99}]))
        lines = advise.Advice(table, fake_settings()).lines(table.rows, 50)
        for line in lines:
            if "sysctl" not in line:
                self.assertLessEqual(len(line), 50)


class CommandLine(unittest.TestCase):
    """Its options, and the machine that the tests run on."""

    def test_refused(self):
        """It is about one namespace, now."""
        for text in ("--advise --all", "--advise --who", "--advise --json", "--advise 5",
                     "--advise --metrics"):
            with self.subTest(text), self.assertRaises(errors.UsageError):
                options.parse(text.split())
        self.assertTrue(options.parse("--advise dst 10.0.0.0/8".split()).advise)

    def test_settings_of_this_machine(self):
        """The files have the form that is expected."""
        found = settings.Settings({"range": "32768-60999", "tried": 28232})
        self.assertGreater(found.fin_timeout, 0)
        self.assertIsInstance(found.wider({"tried": 28232}, set()).gain, int)
        with self.assertRaisesRegex(errors.Failure, "/nowhere"):
            settings.Settings({"range": "1-2"}, "/nowhere/")

    def test_kernels(self):
        """5.10 leaves TIME_WAITs alone."""
        kills = advise.kernel_kills      # pylint: disable=protected-access
        self.assertEqual([kills(release) for release in
                          ("5.10.0-46-amd64", "6.1.0-57-amd64", "6.12.1", "7.3.4+deb13", "x")],
                         [False, True, True, True, False])

    def test_callers_of_root_only(self):
        """Without them it says what it can."""
        from twstatlib import main, sources     # pylint: disable=import-outside-toplevel

        def read(path, _kind):
            if not path.endswith("tw_summary"):
                raise errors.NotAllowed(path)
            return interface.parse(samples.readme())
        with mock.patch.object(sources, "read", read), mock.patch("sys.stdout") as out:
            self.assertEqual(main.main(["--advise"]), 0)
        text = "".join(call.args[0] for call in out.write.call_args_list)
        self.assertIn("10.0.9.1:8080: crit", text)
