# SPDX-License-Identifier: GPL-2.0-only
"""The drawing of a destination: its level, its ports, the calls that failed, one above the
other on one axis of time.

It is as wide as there is room, and its letters stay as large: places from left to right are
in percent, heights in pixels. Only the areas are stretched.
"""
from ..record.shown import WHY
from . import axis, place, stack
from .markup import element, joined
from .series import runs

_LEVEL = 16             # height of the band with the levels
_GAP = 8
_PORTS = 180
_FAILED = 52
_TIMES = 36
# What areas are drawn in; stretched to what there is.
_WIDE = 1000
# How wide the areas are in pixels on a phone, and on a larger screen at least, and a letter.
_PHONE, _SCREEN, _LETTER = 270, 620, 7.0
# How many bars of calls that failed there are, and of how many seconds each is at least.
_BARS, _BAR = 100, 5
_POINTER = "M-4 0H4L0 7Z"
# So many gaps are drawn, the longest.
_GAPS = 100


class Span:
    """The axis of time."""

    def __init__(self, since, until):
        self.since = since
        self.until = max(until, since + 1)

    def part(self, time):
        """From 0 to 1."""
        part = (time - self.since) / (self.until - self.since)
        return min(max(part, 0.0), 1.0)

    def percent(self, time):
        """As an attribute."""
        return f"{self.part(time) * 100:.2f}%"

    def width(self, begin, end):
        """Of what lasts from begin to end."""
        return f"{(self.part(end) - self.part(begin)) * 100:.2f}%"


def _title(words):
    return element("title", words)


# The level

def _levels(found):
    """(begin, end, level) from runs of moments, neighbours of one level as one."""
    levels = []
    for run in found:
        for begin, end, moment in run:
            level = moment.row.get("level")
            if levels and levels[-1][1:] == [begin, level]:
                levels[-1][1] = end
            elif levels and levels[-1][2] == level and levels[-1][1] == begin:
                levels[-1][1] = end
            else:
                levels.append([begin, end, level])
    return levels


def _level_band(span, found):
    parts = []
    for begin, end, level in _levels(found):
        name = level or "not known"
        parts.append(element(
            "rect", _title(f"{name}, {axis.span(begin, end)}"), x=span.percent(begin), y=0,
            width=span.width(begin, end), height=_LEVEL, class_=f"level {level or 'none'}"))
        room = span.part(end) - span.part(begin)
        width = len(name) * _LETTER + 4
        if room * _SCREEN >= width and level:
            parts.append(element(
                "text", name, x=span.percent((begin + end) / 2), y=_LEVEL - 4,
                class_=f"on-{level}" + ("" if room * _PHONE >= width else " wide")))
    return parts


# The ports

def _without_holes(bands):
    """Bands that touch one another together."""
    found = []
    for band in bands:
        if found and band[0] - found[-1][-1][1] < 1e-9:
            found[-1].append(band)
        else:
            found.append([band])
    return found


class _Ports:
    """The areas of the ports."""

    def __init__(self, span, found, top):
        self._span = span
        self._found = [[each for each in run if each[2].stack] for run in found]
        self.most = max((sum(moment.stack) for run in self._found for _, _, moment in run),
                        default=0)
        self._top = top

    def y(self, ports):
        """So many ports, in pixels from above."""
        return self._top + _PORTS * (1 - ports / self.most)

    def _edges(self, part):
        """Of each run (x0, x1, top, bottom) of a part."""
        at = stack.PARTS.index(part)
        return [[(self._span.part(begin), self._span.part(end),
                  self.y(sum(moment.stack[:at + 1])), self.y(sum(moment.stack[:at])))
                 for begin, end, moment in run] for run in self._found]

    def _path(self, part):
        """From the bottom up to the top of a part: those below are drawn above it."""
        base = f"{self._top + _PORTS:.0f}"
        said = []
        for run in self._edges(part):
            for whole in _without_holes(run):
                said.append(f"M{whole[0][0] * _WIDE:.1f} {base}V{whole[0][2]:.1f}")
                for (_, right, top, _), (_, _, new, _) in zip(whole, whole[1:]):
                    if new != top:
                        said.append(f"H{right * _WIDE:.1f}V{new:.1f}")
                said.append(f"H{whole[-1][1] * _WIDE:.1f}V{base}Z")
        return "".join(said)

    def parts(self):
        """Those that there are."""
        return [part for at, part in enumerate(stack.PARTS)
                if any(moment.stack[at] for run in self._found for _, _, moment in run)]

    def areas(self):
        """The drawing."""
        paths = [element("path", d=self._path(part), class_=f"area {part}",
                         vector_effect="non-scaling-stroke")
                 for part in reversed(self.parts())]
        height = self._top + _PORTS
        return element("svg", *paths, viewBox=f"0 0 {_WIDE} {height}", width="100%",
                       height=height, preserveAspectRatio="none")

    def words(self):
        """The names of the areas, where they have room."""
        found = []
        for part in self.parts():
            name = stack.NAMES[part]
            bands = [band for run in self._edges(part) for band in run]
            pixels = len(name) * _LETTER + 8
            narrow = place.room(bands, pixels / _PHONE, 15)
            where = narrow or place.room(bands, pixels / _SCREEN, 15)
            if where:
                found.append(element(
                    "text", name, x=f"{where[0] * 100:.2f}%", y=where[1] + 4,
                    class_=f"name of-{part}" + ("" if narrow else " wide")))
        return found


# What failed

def _bar(span):
    """The seconds of a bar."""
    return max((span.until - span.since) / _BARS, _BAR)


def _bars(span, failures):
    """How many calls in each part of the axis: {part: number}."""
    counts = {}
    for failed in failures:
        if span.since <= failed.time <= span.until:
            at = int((min(failed.time, span.until - 0.001) - span.since) / _bar(span))
            counts[at] = counts.get(at, 0) + failed.count
    return counts


def _failed(span, counts, top):
    most = max(counts.values(), default=0)
    each = _bar(span)
    parts = []
    for at, count in sorted(counts.items()):
        height = max(_FAILED * count / most, 2.0)
        begin, end = span.since + at * each, min(span.since + (at + 1) * each, span.until)
        words = f"{count} failed, {axis.span(begin, end)}"
        parts.append(element("rect", _title(words), x=span.percent(begin),
                             y=top + _FAILED - height, width=span.width(begin, end),
                             height=height, class_="failed"))
    return parts


# Around it

def _gaps(span, gaps, height):
    parts = []
    for gap in sorted(gaps, key=lambda gap: gap.begin - gap.end)[:_GAPS]:
        begin, end = max(gap.begin, span.since), min(gap.end, span.until)
        if end <= begin:
            continue
        why = WHY.get(gap.why, gap.why)
        parts.append(element(
            "rect", _title(f"no record, {axis.span(begin, end)}: {why}"),
            x=span.percent(begin), y=0, width=span.width(begin, end), height=height,
            class_="gap"))
        room = span.part(end) - span.part(begin)
        width = len("no record") * _LETTER + 8
        if room * _SCREEN >= width:
            parts.append(element(
                "text", "no record", x=span.percent((begin + end) / 2), y=height / 2,
                class_="name" + ("" if room * _PHONE >= width else " wide")))
    return parts


def _times(span, top, bottom):
    parts = []
    for number, (time, words, day) in enumerate(axis.time_marks(span.since, span.until)):
        wide = " wide" if number % 2 else ""
        x = span.percent(time)
        parts.append(element("line", x1=x, x2=x, y1=top, y2=bottom + 4,
                             class_="mark" + wide))
        if 0.03 < span.part(time) < 0.97:
            parts.append(element("text", words, x=x, y=bottom + 18, class_="time" + wide))
            if day:
                parts.append(element("text", day, x=x, y=bottom + 32, class_="time" + wide))
    return parts


def _scale(marks, height):
    """The numbers at the left."""
    words = [element("text", words, x=46, y=y + 4) for words, y in marks]
    return element("svg", *words, width=50, height=height, class_="scale",
                   aria_hidden="true")


def _worst(span, time):
    """Points to the moment with the fewest ports free."""
    if time is None or not span.since <= time <= span.until:
        return None
    mark = element("path", _title(f"the fewest ports free, {axis.full(time)}"), d=_POINTER)
    return element("svg", mark, x=span.percent(time), y=_LEVEL, class_="worst")


def draw(span, moments, failures, gaps, said, worst=None):
    """Markup, and the parts that it shows. `said` is what somebody hears who does not see
    it; `worst` is the time with the fewest ports free."""
    found = runs(moments, span.until)
    ports = _Ports(span, found, _LEVEL + _GAP)
    parts, marks, lines, bottom = [], [], [], 0
    if ports.most:
        bottom = _LEVEL + _GAP + _PORTS
        marks = [(f"{at}", ports.y(at)) for at in axis.number_marks(ports.most)]
        lines = [element("line", x1="0", x2="100%", y1=y, y2=y, class_="mark")
                 for _, y in marks]
        parts = [*_level_band(span, found), ports.areas(), *lines, *ports.words()]
    counts = _bars(span, failures)
    if counts:
        top = bottom + 2 * _GAP if bottom else _GAP
        bottom = top + _FAILED
        marks += [(f"{max(counts.values())}", top), ("0", bottom)]
        parts += [element("line", x1="0", x2="100%", y1=bottom, y2=bottom, class_="mark"),
                  *_failed(span, counts, top)]
    height = bottom + _TIMES
    plot = element("svg", *_times(span, 0, bottom), *parts, *_gaps(span, gaps, bottom),
                   _worst(span, worst) if ports.most else None, height=height, class_="plot", role="img", aria_label=said)
    return element("div", _scale(marks, height), plot, class_="drawing"), ports.parts()


def patterns():
    """What areas are filled with: the patterns of a page, once. Lines that go along or up
    stay what they are however the areas are stretched."""
    def pattern(name, lines, size=8):
        rect = element("rect", width=size, height=size, class_=f"fill {name}")
        return element("pattern", rect, *lines, id=f"p-{name}", width=size, height=size,
                       patternUnits="userSpaceOnUse")

    along = element("path", d="M0 1H8", class_="line")
    up = element("path", d="M1 0V8", class_="line")
    dots = element("path", d="M0 1H4", class_="line")
    across = element("path", d="M-2 2L2 -2M0 8L8 0M6 10L10 6", class_="gap-line")
    return element(
        "svg",
        element("defs", pattern("timewait", ()), pattern("open", (along,)),
                pattern("other", (up,)), pattern("bound", (along, up)),
                pattern("reuse", (dots,)), pattern("gap", (across,))),
        width=0, height=0, class_="patterns", aria_hidden="true")


def _swatch(*content):
    return element("svg", *content, width=22, height=14, aria_hidden="true")


def legend(span, parts, gaps, failures):
    """What each area is, from above to below."""
    each = axis.lasting(_bar(span))
    items = []
    if parts:
        pointer = element("path", d=_POINTER, class_="worst", transform="translate(11 4)")
        items.append(element("li", _swatch(pointer), " fewest ports free"))
    for part in reversed(parts):
        swatch = element("rect", width=22, height=14, class_=f"area {part}")
        items.append(element("li", _swatch(swatch), " ", stack.NAMES[part]))
    for shown, name, words in ((failures, "failed", f"calls that failed, per {each}"),
                               (gaps, "gap", "no record")):
        if shown:
            swatch = element("rect", width=22, height=14, class_=name)
            items.append(element("li", _swatch(swatch), " ", words))
    return element("ul", joined(items), class_="legend")
