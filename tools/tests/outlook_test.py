# SPDX-License-Identifier: GPL-2.0-only
"""What the present rate leads to: compared with a machine where it goes on."""
import unittest

import samples
import traffic
from twstatlib import interface, outlook


def outlook_of(text):
    """(lasting, projected) of the first row."""
    table = interface.parse(text)
    row = table.rows[0]
    return (outlook.lasting(row, table.header),
            outlook.projected(row, table.header, outlook.coming(table)))


class Outlook(unittest.TestCase):
    """Of one destination."""

    def test_early(self):
        """After 10 s of a new rate it says what the use will be after a minute."""
        for rate, machine in ((100, {}), (400, {}), (500, {}), (2000, {"reuse": True}),
                              (500, {"timewait_max": 8192})):
            with self.subTest(rate=rate, **machine):
                begun = traffic.Machine(**machine)
                later = traffic.Machine(ports=10 ** 6, **{**machine, "reuse": False})
                for _ in range(10):
                    begun.second(rate)
                for _ in range(60):
                    later.second(rate)
                # A TIME_WAIT that may be taken over keeps its port for a second.
                held = rate if machine.get("reuse") else sum(later.made)
                said = outlook_of(begun.table())[1]
                self.assertAlmostEqual(said, held / begun.ports, delta=0.005)

    def test_batch_ends(self):
        """When nobody closes any more, nothing is to come, though nothing is free yet."""
        machine = traffic.Machine()
        for _ in range(40):
            machine.second(500)
        self.assertAlmostEqual(outlook_of(machine.table())[1], 1.063, delta=0.001)
        for _ in range(10):
            machine.second(0)
        self.assertEqual(outlook_of(machine.table())[1], 0.0)
        self.assertEqual(machine.free(), 28232 - 20000)

    def test_what_lasts(self):
        """Open connections and bound ports; no TIME_WAIT, no orphan in FIN_WAIT2."""
        header = dict(tried=1000, reserved=0, usable=900, bound=100)
        row = {"free": 500, "tw": 150, "reuse": 50, "fw2": 120, "fw2_held": 20,
               "estab": 200, "close/s": "0.0"}
        # 500 are lost: 100 in TIME_WAIT and 100 in FIN_WAIT2 come back.
        self.assertEqual(outlook_of(samples.table([row], **header)), (0.3, 0.4))

    def test_unknown(self):
        """Without free nothing is said; while TIME_WAITs are dropped, what there is."""
        self.assertEqual(outlook_of(samples.table([{"free": "-"}])), (None, None))
        row = {"free": 700, "tw": 300, "close/s": "-"}
        self.assertEqual(outlook_of(samples.table([row], tried=1000)), (0.0, 0.3))
        self.assertEqual(outlook_of(samples.table([{}], tried=0)), (1.0, 1.0))

    def test_shares(self):
        """At timewait_max each row has its part, by its rate; servers' rows as well."""
        rows = [{"free": 1000, "close/s": "30.0"}, {"free": 1000, "close/s": "10.0"},
                {"dir": "in", "level": "-", "free": "-", "close/s": "60.0",
                 "local": "10.0.0.1:80", "remote": "*"}]
        text = samples.table(rows, tried=1000, timewait_max=300)
        self.assertEqual(outlook_of(text)[1], 0.09)

    def test_reuse(self):
        """Where only some may be taken over, the others hold their ports for a minute."""
        row = {"free": 500, "tw": 600, "reuse": 295, "close/s": "10.0"}
        self.assertEqual(outlook_of(samples.table([row], tried=1000)), (0.195, 0.5))
        row["reuse"] = 0
        self.assertEqual(outlook_of(samples.table([row], tried=1000))[1], 0.5)
        # In the first second of a rate nothing is old enough to tell: 60 s are assumed.
        row = {"free": 990, "tw": 10, "close/s": "1.0"}
        self.assertEqual(outlook_of(samples.table([row], tried=1000))[1], 0.06)
