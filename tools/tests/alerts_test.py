# SPDX-License-Identifier: GPL-2.0-only
"""monitoring/alerts.yml: its own test has the figures of machines that run out of ports as
twstat prints them, and the runbooks are there."""
import re
import sys
import unittest
from decimal import Decimal

import promtool
import traffic
from twstatlib import interface, metrics, named

EVERY = 15


def _ramp(second):
    """Up to 600 a second in ten minutes; from the 13th on little."""
    return (second if second < 600 else 600 if second < 780 else 100,)


# name: (machine, load, seconds)
SCENARIOS = {
    "ramp": ({}, _ramp, 1500),
    "step": ({}, lambda second: (300 if second < 300 else 480,), 600),
    "batch": ({}, lambda second: (500 if second < 40 else 0,), 300),
    "storm": ({}, lambda second: (2000 if second < 60 else 0,), 600),
    "flat79": ({}, lambda second: (371,), 1500),
    "flat81": ({}, lambda second: (382,), 1500),
    "flat99": ({}, lambda second: (465,), 1500),
    "small": ({"timewait_max": 8192}, lambda second: (500,), 1500),
    "reuse": ({"reuse": True}, lambda second: (2000,), 600),
    "leak": ({"ports": 20000}, lambda second: (20, 20), 1500),
    "drain": ({"opened": 24000}, lambda second: (20, -24000 if second == 305 else 0), 480),
    "pool": ({}, lambda second: (50, 100 if second < 60 else 0), 600),
}

SERIES = [f'worst_projected_ratio{{level="{level}"}}' for level in interface.LEVELS] + [
    "connect_failures_total", "worst_exhaustion_seconds", "worst_level", "up"]


def _run(values):
    """How many of them, from the first, are one step apart from each other."""
    end = 2
    while end < len(values) and values[end] - values[end - 1] == values[1] - values[0]:
        end += 1
    return end


def notation(texts):
    """As promtool has them: VALUE+STEPxN is VALUE, and N more of them; infinities apart."""
    words = []
    while texts:
        if "+Inf" in texts[:3] or _run([Decimal(text) for text in texts[:3]]) < 3:
            same = len(texts) > 1 and texts[0] == texts[1]
            number = next((at for at, text in enumerate(texts) if text != texts[0]),
                          len(texts)) if same else 1
            # An x after Inf would be read as a part of its name.
            words.append(f"{texts[0]}+0x{number - 1}" if same else texts[0])
        else:
            until = texts.index("+Inf") if "+Inf" in texts else len(texts)
            values = [Decimal(text) for text in texts[:until]]
            number = _run(values)
            step = values[1] - values[0]
            words.append(f"{texts[0]}{step:+}x{number - 1}" if step else
                         f"{texts[0]}x{number - 1}")
        texts = texts[number:]
    return " ".join(words)


def _of(text):
    table = interface.parse(text)
    found = metrics.exposition(table, "1", named.chosen(table, 1, {}))
    return dict(line.rsplit(" ", 1) for line in found.splitlines()
                if not line.startswith("#"))


def series_of(name):
    """The lines of a scenario in alerts_test.yml; of levels those that it has."""
    machine, load, seconds = SCENARIOS[name]
    seen = [_of(text) for text in
            traffic.looks(traffic.Machine(**machine), load, seconds, EVERY)]
    for series in SERIES:
        values = [found["ephemeral_ports_" + series] for found in seen]
        if series.startswith("worst_projected") and set(values) == {"0.0"}:
            continue
        base, _, labels = series.partition("{")
        labels = labels.rstrip("}") + "," if labels else ""
        yield (f"      - series: 'ephemeral_ports_{base}"
               f"{{{labels}job=\"node\",instance=\"{name}\"}}'\n"
               f"        values: '{notation(values)}'\n")


def runbooks(text):
    """{alert: its runbook_url, or None}"""
    found = {}
    for block in text.split("- alert: ")[1:]:
        url = re.search(r"^ +runbook_url: (\S+)$", block, re.M)
        found[block.split()[0]] = url and url.group(1)
    return found


def anchors(text):
    """Those of a document's headings, as they are shown on the web."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.M)}


class Rules(unittest.TestCase):
    """alerts.yml and its test."""

    def test_promtool(self):
        """The rules are good, and their tests pass."""
        promtool.run(self, "check", "rules", "alerts.yml")
        promtool.run(self, "test", "rules", "alerts_test.yml", "alerts_leak_test.yml",
                     "alerts_netns_test.yml")

    def test_figures(self):
        """What the test feeds in is what twstat prints on such machines."""
        text = promtool.content("monitoring", "alerts_test.yml")
        for name in SCENARIOS:
            for lines in series_of(name):
                self.assertTrue(lines in text, f"not in alerts_test.yml:\n{lines}")

    def test_runbooks(self):
        """Each alert has a section in usage.md, and usage.md has no other; what a section
        points to is there. Each alert is tested."""
        urls = runbooks(promtool.content("monitoring", "alerts.yml"))
        usage = promtool.content("docs", "usage.md")
        there = anchors(usage)
        for name, url in urls.items():
            self.assertEqual(url, f"docs/usage.md#{name.lower()}")
            self.assertIn(name.lower(), there)
        self.assertEqual(set(re.findall(r"^#### (Ephemeral\w+)$", usage, re.M)), set(urls))
        for anchor in re.findall(r"\]\(#([\w-]+)\)", usage):
            self.assertIn(anchor, there)
        tests = "".join(promtool.content("monitoring", name) for name in
                        ("alerts_test.yml", "alerts_leak_test.yml"))
        for name in urls:
            self.assertRegex(tests, rf"alertname: {name}\n +exp_alerts:")

    def test_join(self):
        """The query of usage.md is the one that is tested."""
        usage = promtool.content("docs", "usage.md")
        query = re.search(r"^ {4}ephemeral_ports_netns(?:.*\n {4})+.*", usage, re.M).group()
        tested = promtool.content("monitoring", "alerts_netns_test.yml")
        self.assertIn(" ".join(query.split()), " ".join(tested.split()))

    def test_one_page(self):
        """One alert wakes somebody. Each says what it is for."""
        text = promtool.content("monitoring", "alerts.yml")
        self.assertEqual(text.count("severity: page"), 1)
        self.assertEqual(text.count("severity: ticket"), len(runbooks(text)) - 1)
        for block in text.split("      - alert: ")[:-1]:
            self.assertRegex(block, r"\n +# [^\n]*\n\Z")


if __name__ == "__main__":
    # The lines for alerts_test.yml
    for each in sys.argv[1:]:
        print("".join(series_of(each)))
