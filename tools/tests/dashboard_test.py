# SPDX-License-Identifier: GPL-2.0-only
"""The dashboard is what Grafana reads: its structure, and queries that Prometheus
understands, of series that there are. (That they have results: selftests/fleet.sh.)"""
import json
import os
import re
import tempfile
import unittest

import promtool
import samples
from twstatlib import interface, metrics, named, ranking
from twstatlib import sources as files

BOARD = json.loads(promtool.content("monitoring", "dashboard.json"))
# Of Grafana's units those that are used
UNITS = {"percentunit", "ops", "short", "s"}


def all_panels(panels):
    """Those inside rows too."""
    for panel in panels:
        yield panel
        yield from all_panels(panel.get("panels", []))


def queries():
    """(panel, target) of each query."""
    for panel in all_panels(BOARD["panels"]):
        for target in panel.get("targets", []):
            yield panel, target


def thresholds_of(panel):
    """Above the first, which is for what is below them all."""
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    return [step["value"] for step in steps[1:]]


class Dashboard(unittest.TestCase):
    """dashboard.json"""

    def test_order(self):
        """Hosts in trouble, the worst destinations, then the rest; each host apart."""
        titles = [panel["title"] for panel in BOARD["panels"]]
        self.assertEqual(titles[:3], ["Hosts in trouble", "Worst destinations",
                                      "Ports used, by destination"])
        rows = [panel for panel in BOARD["panels"] if panel["type"] == "row"]
        self.assertEqual(rows[0].get("repeat"), "instance")
        self.assertEqual([variable["name"] for variable in BOARD["templating"]["list"]],
                         ["datasource", "job", "instance"])

    def test_panels(self):
        """Each has a number of its own, a place of its own, and says what it shows."""
        panels = list(all_panels(BOARD["panels"]))
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in BOARD["panels"]:
            if panel["type"] == "row":
                self.place(panel["panels"], set())
            else:
                self.assertTrue(panel["description"], panel["title"])
        self.place(BOARD["panels"], taken)

    def place(self, panels, taken):
        """On a grid of 24 columns, no two on one square."""
        for panel in panels:
            pos = panel["gridPos"]
            self.assertLessEqual(pos["x"] + pos["w"], 24, panel["title"])
            squares = {(x, y) for x in range(pos["x"], pos["x"] + pos["w"])
                       for y in range(pos["y"], pos["y"] + pos["h"])}
            self.assertFalse(squares & taken, panel["title"])
            taken |= squares

    def test_units(self):
        """One for each panel, and a yes or no is not beside seconds. Thresholds are
        drawn."""
        for panel, target in queries():
            defaults = panel["fieldConfig"]["defaults"]
            if panel["type"] == "timeseries":
                self.assertIn(defaults["unit"], UNITS)
                self.assertNotRegex(target["expr"], r"_(up|snapshot_complete)\b")
            if thresholds_of(panel):
                self.assertIn(defaults["custom"]["thresholdsStyle"]["mode"],
                              ("line", "dashed", "area"), panel["title"])
            if defaults.get("unit") == "percentunit":
                self.assertTrue(thresholds_of(panel), panel["title"])

    def test_tables(self):
        """Ask once and for now; a column for each query, with a name that the sorting and
        the overrides know. What goes over time is not sorted."""
        for panel, target in queries():
            self.assertEqual(panel["type"] == "table", "instant" in target)
            self.assertNotIn("sort", target["expr"])
            if panel["type"] != "table":
                self.assertNotIn("topk", target["expr"])
                self.assertIn("legendFormat", target)
                continue
            self.assertEqual((target["instant"], target["format"]), (True, "table"))
            names = panel["transformations"][1]["options"]["renameByName"]
            self.assertIn("Value #" + target["refId"], names)
            used = [by["displayName"] for by in panel["options"]["sortBy"]] + [
                override["matcher"]["options"]
                for override in panel["fieldConfig"]["overrides"]]
            self.assertLessEqual(set(used), set(names.values()))

    def test_hosts(self):
        """A query is about the hosts and jobs that are chosen, and no sum hides whose it
        is."""
        of_one_host = {panel["id"] for row in BOARD["panels"] if row.get("repeat")
                       for panel in row["panels"]}
        for panel, target in queries():
            expr = target["expr"]
            for selector in re.findall(r"\w+_\w+\{([^}]*)\}", expr):
                self.assertTrue(selector.startswith('job=~"$job", instance=~"$instance"'),
                                panel["title"])
            self.assertEqual(len(re.findall(r"(?:ephemeral_ports|node)_\w+", expr)),
                             expr.count('"$instance"'))
            for by in re.findall(r"(?:sum|max|min) (?:by \(([^)]*)\))?", expr):
                self.assertIn("instance", by)
            legend = target.get("legendFormat", "{{instance}}")
            self.assertTrue(panel["id"] in of_one_host or "{{instance}}" in legend,
                            panel["title"])

    def test_series(self):
        """twstat prints each one that is asked for."""
        table = interface.parse(samples.table(
            [{"level": "warn", "grow/s": "1.0"}], timewait_dropped=1, bind_level="-",
            mispredicted=0))
        sources = interface.parse("# tw_sources version=1\nbind_free local\n1 10.0.0.1\n"
                                  "1 0.0.0.0\n", "tw_sources")
        callers = interface.parse(samples.callers(), "tw_callers")
        others = ranking.Others([ranking.Read(files.Namespace(1, "x"), table, callers,
                                              sources)], [], 0)
        text = metrics.exposition(table, "1", named.chosen(table, 1, {}), callers, sources,
                                  others)
        there = set(re.findall(r"^# TYPE (\w+)", text, re.M))
        asked = {name for _, target in queries()
                 for name in re.findall(r"ephemeral_ports_\w+", target["expr"])}
        self.assertLessEqual(asked, there)
        # And the rules
        asked = set(re.findall(r"ephemeral_ports_\w+",
                               promtool.content("monitoring", "alerts.yml")))
        self.assertLessEqual(asked, there)
        # And the table of docs/usage.md has each one that is not of a destination.
        usage = promtool.content("docs", "usage.md")
        for name in there:
            short = name.replace("ephemeral_ports_", "")
            if name.replace("netns_", "") in there:
                continue        # usage.md says of all of these that they are the host's
            self.assertTrue(short.startswith("destination_") or
                            re.search(rf"^\|.*\b{short}\b.*\|", usage, re.M), name)

    def test_promtool(self):
        """Prometheus can read each query."""
        rules = [{"record": f"query:{number}", "expr": target["expr"]
                  .replace("$__rate_interval", "1m")}
                 for number, (_, target) in enumerate(queries())]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "queries.yml")
            with open(path, "w", encoding="utf-8") as file:
                # JSON is YAML too.
                json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            promtool.run(self, "check", "rules", path)
