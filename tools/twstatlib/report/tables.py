# SPDX-License-Identifier: GPL-2.0-only
"""What was recorded in words and in tables, for who does not see a drawing and for who
copies a number."""
from ..record.shown import FAILED
from ..rows import cell, counted
from . import axis
from .incidents import MOST_LISTED
from .markup import Markup, element, joined

_PROGRAMS = 10
_EPISODES = 8
_STATES = (("tw", "in TIME_WAIT"), ("estab", "open"), ("fw2", "in FIN_WAIT2"),
           ("syn", "in SYN_SENT"), ("cwait", "in CLOSE_WAIT"), ("other", "in other states"))
_RATES = (("close/s", "closes"), ("grow/s", "ports more that no timer gives back"))
# A column of the numbers: what stands above it, and where it comes from.
_PARTS = (("free", None), ("TIME_WAIT", "timewait"), ("reusable", "reuse"), ("open", "open"),
          ("FIN_WAIT2, other", "other"), ("lost to bind()", "bound"))


def name_of(destination):
    """What people call it."""
    if destination.remote == "*":
        return f"bind() with {destination.local} and port 0"
    return f"{destination.local} → {destination.remote}"


def level_mark(level):
    """A level, framed. Where none is known, calls have failed."""
    return element("span", level or "not known", class_=f"level {level or 'none'}")


def table(caption, columns, rows, label=None):
    """A table that can be moved sideways where it has no room. A column whose name begins
    with a blank has numbers."""
    def cells(tag, fields):
        return joined(element(tag, field, scope="col" if tag == "th" else None,
                              class_="number" if name.startswith(" ") else None)
                      for name, field in zip(columns, fields))
    head = element("tr", cells("th", [name.strip() for name in columns]))
    body = joined((element("tr", cells("td", row)) for row in rows), Markup("\n"))
    return element("div", element("table", element("caption", caption),
                                  element("thead", head), element("tbody", body)),
                   class_="table", tabindex=0, role="region", aria_label=label or caption)


def _moment(time, beside=None):
    return element("time", axis.clock(time, beside),
                   datetime=axis.local(time).isoformat(timespec="seconds"))


def failed_words(counts):
    """63 calls: connect() found no port"""
    return "; ".join(f"{FAILED[kind]}: {counted(counts[kind], 'call')}"
                     for kind in FAILED if counts.get(kind))


def program_name(one):
    """A program and its unit."""
    name = one.program or "a program that is not known"
    return f"{name} ({one.unit})" if one.unit else name


def overview(incidents, drawn, several):
    """All destinations in a table: who is drawn has a link. `several`: of more than one
    network namespace."""
    columns = ["destination", *(["of"] if several else []), "level", "in trouble for",
               " fewest free", " calls failed", "programs that found no port"]
    rows = []
    for number, one in enumerate(incidents[:MOST_LISTED]):
        name = name_of(one.destination)
        link = element("a", name, href=f"#d{number + 1}") if number < drawn else name
        free = "-" if one.worst is None else f"{one.worst.row['free']}"
        rows.append([link, *([one.destination.namespace.name] if several else []),
                     level_mark(one.level) if one.worst else "-", axis.lasting(one.lasted()),
                     free, sum(one.failed.values()),
                     ", ".join(program_name(each) for each in one.programs[:3]) or "-"])
    parts = [table("Destinations in trouble, the worst first", columns, rows)]
    more = len(incidents) - MOST_LISTED
    if more > 0:
        parts.append(element("p", f"{counted(more, 'more destination')} not listed."))
    return joined(parts)


def _episode(one):
    levels = ", ".join(f"{level} for {axis.lasting(one.levels[level])}"
                       for level in ("full", "crit", "warn") if one.levels.get(level))
    when = joined([_moment(one.begin), " to ", _moment(one.end, one.begin)])
    parts = [joined([when, f" ({axis.lasting(one.end - one.begin)})",
                     ", had begun before" if one.before else None,
                     ", not over at the end" if one.lasts else None])]
    words = [levels, f"at worst {one.free} free" if one.free is not None else "",
             f"at most {one.closing:.1f} closes a second" if one.closing else "",
             failed_words(one.failed)]
    parts.append("; ".join(word for word in words if word))
    return element("li", joined(parts, ": "))


def episodes(incident):
    """When it was in trouble."""
    shown = incident.episodes[:_EPISODES]
    items = [_episode(one) for one in shown]
    if len(incident.episodes) > len(shown):
        items.append(element("li", f"and {len(incident.episodes) - len(shown)} times more"))
    return element("ol", joined(items), class_="episodes")


def worst(incident):
    """The worst moment, as a list."""
    sample = incident.worst
    if not sample:
        return None
    row = sample.row
    states = [f"{row[column]} {name}" for column, name in _STATES if row.get(column)]
    rates = [f"{row[column]:.1f} {words} a second" for column, words in _RATES
             if row.get(column)]
    total = (sample.header.get("tried") or 0) - (sample.header.get("reserved") or 0)
    return element(
        "p", "At the worst moment, ", _moment(sample.time), f": {row['free']} of {total} "
        f"ports free. Sockets: {', '.join(states) or 'none'}. Ports lost to bind(): "
        f"{cell(sample.header, 'bound')}. {', '.join(rates).capitalize()}"
        f"{'.' if rates else ''}")


def programs(incident):
    """Who failed."""
    if not incident.programs:
        return element("p", "No call failed for want of a port.")
    kinds = [kind for kind in FAILED if incident.failed.get(kind)]
    rows = [[*(one.counts[kind] for kind in kinds), one.program or "not known",
             one.unit or "-"] for one in incident.programs[:_PROGRAMS]]
    rest = incident.programs[_PROGRAMS:]
    if rest:
        rows.append([*(sum(one.counts[kind] for one in rest) for kind in kinds),
                     counted(len(rest), "more program"), ""])
    return table("Programs whose calls failed",
                 [*(f" {FAILED[kind]}" for kind in kinds), "program", "unit or container"],
                 rows)


def remedies(sections):
    """What would help."""
    parts = []
    for _, found in sections:
        items = [element("li", element("b", one.what), f": {one.gain}",
                         joined([". Risk: ", one.risk]) if one.risk else None)
                 for one in found]
        parts.append(element("ul", joined(items)))
    if not parts:
        return None
    return element("div", element("h3", "What would help"), *parts, class_="remedies")


def changes(incident):
    """When its level changed."""
    if not incident.changes:
        return None
    words = {None: "not recorded"}
    rows = [[_moment(one.time), words.get(one.old, one.old),
             level_mark(one.new) if one.new else words[None],
             cell(one.row or {}, "free"), cell(one.row or {}, "use%")]
            for one in incident.changes]
    more = (f"; {incident.more_changes} later ones are left out"
            if incident.more_changes else "")
    return element("details", element("summary", "Changes of the level"), table(
        f"Changes of the level of {name_of(incident.destination)}{more}",
        ["time", "from", "to", " free", " use%"], rows))


def _failed_between(failures, begin, end):
    return sum(one.count for one in failures if begin < one.time <= end)


def numbers(incident):
    """What the drawing shows, in numbers; a bounded number of moments."""
    kept, rows, before = incident.numbers, [], float("-inf")
    moments = kept.moments()
    if moments and moments[-1][1] is None:
        moments.pop()                       # where the record ends
    for time, moment in moments:
        # Of a step its moment's own time is shown.
        time = moment.time if moment and kept.step else time
        failed = _failed_between(incident.failures, before, time)
        before = time
        if moment is None:
            rows.append([_moment(time), "not recorded", *[""] * (len(_PARTS) + 2), failed])
            continue
        row = moment.row
        rows.append([
            _moment(time), level_mark(row.get("level")),
            cell(row, "free"),
            *(cell(moment.stack._asdict() if moment.stack else {}, part)
              for _, part in _PARTS[1:]),
            cell(row, "close/s"), cell(row, "grow/s"), failed])
    if not rows:
        return None
    after = _failed_between(incident.failures, before, float("inf"))
    said = (f"Of each {axis.lasting(kept.step)} the moment with the fewest ports free"
            if kept.step else "Each change that was recorded")
    columns = ["time", "level", *(f" {name}" for name, _ in _PARTS), " close/s", " grow/s",
               " calls failed since the row before"]
    more = f"; {after} calls failed later" if after else ""
    return element("details", element("summary", "Numbers"),
                   table(f"{said}: {name_of(incident.destination)}{more}", columns, rows))
