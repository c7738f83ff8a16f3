# SPDX-License-Identifier: GPL-2.0-only
"""The report in a real browser: what it has in its DOM, that it fetches nothing, and that it
can be read on a phone, on a screen, in the dark, and on paper.

Pictures of it are left in the folder TW_PICTURES, for people to look at.
"""
import os
import re
import tempfile
import time
import unittest

import browser
import report_samples
import report_test
from report_samples import BEGIN, EVIL

# The widths that are looked at, and what they are looked at with.
WIDTHS = (360, 1200)
SCHEMES = ("light", "dark")

# The boxes of all that is written and is to be seen, with its size in pixels and its colours.
_WRITTEN = """(() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, of = node.parentElement;
    if (!node.data.trim() || of.tagName == 'title') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), style = getComputedStyle(of);
    if (!box.width || !box.height) continue;
    const inSvg = of.namespaceURI.endsWith('svg');
    let back = of;
    while (!inSvg && back && getComputedStyle(back).backgroundColor == 'rgba(0, 0, 0, 0)')
      back = back.parentElement;
    found.push({text: node.data, left: box.left, right: box.right, top: box.top,
                bottom: box.bottom, size: parseFloat(style.fontSize), svg: inSvg,
                scrolls: !!of.closest('.table'), plot: inSvg && !!of.closest('.plot'),
                drawing: [...document.querySelectorAll('.plot')].indexOf(of.closest('.plot')),
                color: inSvg ? style.fill : style.color,
                back: inSvg || !back ? null : getComputedStyle(back).backgroundColor});
  }
  return found;
})()"""

# [name of an area, whether its four corners are in that area and not in what is drawn above
# it: the areas that stand below it]
_CORNERS = """[...document.querySelectorAll('.plot text.name')].filter(name =>
    getComputedStyle(name).display != 'none' && / of-/.test(name.getAttribute('class'))
).map(name => {
  const part = name.getAttribute('class').match(/of-(\\w+)/)[1];
  const areas = [...name.closest('.plot').querySelectorAll('path.area')];
  const at = areas.findIndex(area => area.classList.contains(part));
  const box = name.getBoundingClientRect();
  const holds = (area, x, y) => area && area.isPointInFill(
    new DOMPoint(x, y).matrixTransform(area.getScreenCTM().inverse()));
  return [part, [box.left, box.right].every(x => [box.top + 2, box.bottom - 2].every(y =>
    holds(areas[at], x, y) && !holds(areas[at + 1], x, y)))];
})"""


def _light(color):
    """The relative luminance of rgb(r, g, b) (WCAG 2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                        for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _overlap(one, other):
    return (one["left"] < other["right"] - 1 and other["left"] < one["right"] - 1 and
            one["top"] < other["bottom"] - 3 and other["top"] < one["bottom"] - 3)


@unittest.skipUnless(browser.program(), f"there is no {browser.PROGRAM}")
class InBrowser(report_test.Page):
    """The page of the night of the samples."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.html = os.path.join(folder.name, "page.html")
        self.browser = browser.Browser(os.path.join(folder.name, "profile"))
        self.addCleanup(self.browser.__exit__)
        self.pictures = os.environ.get("TW_PICTURES") or folder.name

    def show(self, text):
        """Opens it."""
        with open(self.html, "w", encoding="utf-8") as file:
            file.write(text)
        self.browser.open(self.html)

    def show_story(self):
        """The night, whole."""
        self.night.story()
        self.show(self.text())

    def complaints(self):
        """What the browser has to say, and what it has asked for but the page."""
        heard = [event["request"]["url"] for event in
                 self.browser.heard("Network.requestWillBeSent")
                 if event["request"]["url"] != f"file://{self.html}"]
        for kind in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            heard += self.browser.heard(kind)
        return heard

    def test_silent(self):
        """No complaint, nothing fetched, nothing run, whatever the window."""
        self.show_story()
        for width in WIDTHS:
            for scheme in SCHEMES:
                self.browser.looks(width, scheme=scheme)
                self.browser.picture(os.path.join(self.pictures, f"{width}-{scheme}.png"))
        self.assertEqual(self.complaints(), [])
        self.assertEqual(self.browser.value("document.scripts.length"), 0)
        self.assertEqual(self.browser.value("performance.getEntriesByType('resource').length"),
                         0)

    def test_noticed(self):
        """A page that fetches or complains is noticed, so that silence says something."""
        for planted in ('<img src="http://127.0.0.1:9/x.png">',
                        '<link rel="stylesheet" href="x.css">',
                        "<script>console.error(1)</script>", "<script>nothing.at.all</script>"):
            with self.subTest(planted):
                self.browser.events.clear()
                self.show(f"<!DOCTYPE html><title>x</title><body>{planted}")
                until = time.monotonic() + 30
                while not self.complaints() and time.monotonic() < until:
                    self.browser.value("1")
                self.assertNotEqual(self.complaints(), [])

    def test_policy(self):
        """If something of a name became markup all the same, it would not run."""
        text = self.night.story() or self.text()
        self.show(text.replace("</main>", "<script>document.title = 'run'</script>"
                               "<img src=x onerror=\"document.title = 'run'\"></main>"))
        self.assertNotEqual(self.complaints(), [])
        self.assertNotEqual(self.browser.value("document.title"), "run")

    def test_numbers(self):
        """Its DOM has what the database has."""
        self.show_story()
        rows = self.browser.value(
            "[...document.querySelectorAll('section')].slice(0, 2).map(one => [...[..."
            "one.querySelectorAll('details')].pop().querySelectorAll('tbody tr')].map(row => "
            "[...row.cells].map(cell => cell.textContent)))")
        worst = self.query("SELECT free, tw, estab FROM sample WHERE destination = 1 AND "
                           "free = 0 ORDER BY look LIMIT 1")[0]
        self.assertIn(list(map(str, worst)), [[row[2], row[3], row[5]] for row in rows[0]])
        fails = dict(self.query("SELECT destination, sum(fails) FROM failure GROUP BY 1"))
        self.assertEqual(sum(int(row[-1]) for row in rows[0]), fails[1])
        cells = self.browser.value("[...document.querySelectorAll('td')].map(cell => "
                                   "cell.textContent)")
        self.assertIn(EVIL, cells)
        self.assertIn(str(fails[3]), cells)

    def test_heights(self):
        """The areas are where the numbers are: at the time of the fewest free ports the area
        of TIME_WAIT ends at the top of the plot, to the pixel."""
        self.show_story()
        for width in WIDTHS:
            self.browser.looks(width)
            tops = self.browser.value(
                "[...document.querySelectorAll('section:first-of-type figure:first-of-type "
                ".area')].filter(area => area.tagName == 'path').map(area => {"
                "const box = area.getBoundingClientRect(), "
                "plot = area.closest('.plot').getBoundingClientRect(); return "
                "[area.getAttribute('class'), box.top - plot.top, box.bottom - plot.top, "
                "box.width / plot.width]})")
            by_name = {name.split()[1]: rest for name, *rest in tops}
            self.assertAlmostEqual(by_name["free"][0], 24, delta=1)
            self.assertAlmostEqual(by_name["timewait"][0], 24, delta=1)
            self.assertGreater(by_name["bound"][0], by_name["open"][0])
            for name, (_, bottom, width) in by_name.items():
                self.assertAlmostEqual(bottom, 204, delta=1, msg=name)
                self.assertTrue(0.8 < width < 0.95, (name, width))  # then comes the gap

    def test_names(self):
        """The name of an area is inside of it, each corner, wherever it is shown."""
        self.show_story()
        for width in WIDTHS:
            self.browser.looks(width)
            corners = self.browser.value(_CORNERS)
            self.assertGreater(len(corners), 5)
            self.assertEqual([name for name, inside in corners if not inside], [])

    def test_readable(self):
        """Nothing is cut off or written over something else; letters are large enough and
        stand out."""
        self.show_story()
        for width in WIDTHS:
            for scheme in SCHEMES:
                self.browser.looks(width, scheme=scheme)
                self.assertEqual(
                    self.browser.value("document.documentElement.scrollWidth"), width)
                words = self.browser.value(_WRITTEN)
                self.assertGreater(len(words), 100)
                for word in words:
                    self.assertGreaterEqual(word["size"], 12, word)
                    if not word["scrolls"]:
                        self.assertTrue(word["left"] >= 0 and word["right"] <= width, word)
                    if word["back"]:
                        self.assertGreater(_contrast(word["color"], word["back"]), 4.5, word)
                drawn = [word for word in words if word["plot"]]
                self.assertGreater(len(drawn), 20)
                for at, one in enumerate(drawn):
                    for other in drawn[at + 1:]:
                        self.assertFalse(one["drawing"] == other["drawing"] and
                                         _overlap(one, other), (width, one, other))

    def test_schemes(self):
        """Dark where that is wanted."""
        self.show_story()
        backs = []
        for scheme in SCHEMES:
            self.browser.looks(1200, scheme=scheme)
            backs.append(_light(self.browser.value(
                "getComputedStyle(document.body).backgroundColor")))
        self.assertGreater(backs[0], 0.8)
        self.assertLess(backs[1], 0.05)

    def test_paper(self):
        """On paper it is black on white, and has the numbers though nobody can open them."""
        self.show_story()
        seen = "document.querySelector('section details:last-of-type table').checkVisibility()"
        self.assertFalse(self.browser.value(seen))
        self.browser.looks(794, 1123, "dark", "print")
        self.assertTrue(self.browser.value(seen))
        self.assertEqual(self.browser.value("getComputedStyle(document.body).backgroundColor"),
                         "rgb(255, 255, 255)")
        self.browser.picture(os.path.join(self.pictures, "print.png"))
        path = os.path.join(self.pictures, "print.pdf")
        self.browser.paper(path)
        with open(path, "rb") as file:
            pages = re.findall(rb"/Type\s*/Page\b", file.read())
        self.assertTrue(3 <= len(pages) <= 12, len(pages))

    def test_week(self):
        """The largest drawing: a column for each step."""
        self.night.week(step=60)
        self.show(self.text(BEGIN, BEGIN + 7 * 86400))
        for width in WIDTHS:
            self.browser.looks(width)
            self.browser.picture(os.path.join(self.pictures, f"week-{width}.png"))
            self.assertEqual(self.browser.value("document.documentElement.scrollWidth"), width)
        self.assertEqual(self.complaints(), [])

    def test_calm(self):
        """A page of one sentence."""
        self.night.stretch()
        self.night.at(0, {1: report_samples.row(100)}, header=self.night.HEADER)
        self.show(self.text(BEGIN, BEGIN + 5))
        self.browser.looks(360)
        self.browser.picture(os.path.join(self.pictures, "calm.png"))
        self.assertIn("No destination was in trouble",
                      self.browser.value("document.querySelector('.lead').textContent"))
        self.assertEqual(self.complaints(), [])
