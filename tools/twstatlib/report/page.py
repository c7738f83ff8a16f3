# SPDX-License-Identifier: GPL-2.0-only
"""The page as a whole, and its sections."""
from ..rows import counted
from . import axis, chart, tables
from .incidents import MOST_DRAWN
from .markup import Markup, element, joined
from .style import STYLE

# The page has all that it needs: nothing is fetched, and nothing in it can run.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def _head(title):
    return element(
        "head", element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="color-scheme", content="light dark"),
        # Else a browser asks a server for one.
        element("title", title), element("style", Markup(STYLE)))


def _facts(facts):
    return element("dl", joined(joined([element("dt", name), element("dd", value)])
                                for name, value in facts), class_="facts")


def _lead(incidents, since, until, wanted):
    """What there is to say in a sentence."""
    which = " that the filter is about" if wanted else ""
    if not incidents:
        return element("p", f"No destination{which} was in trouble between {axis.full(since)} "
                       f"and {axis.full(until)}: none was short of ports, and no call failed "
                       "for want of one.", class_="lead")
    one = incidents[0]
    failed = sum(each.failed["connect"] + each.failed["bind"] for each in incidents)
    words = [f"{counted(len(incidents), 'destination')}{which} "
             f"{'was' if len(incidents) == 1 else 'were'} in trouble."]
    if one.level != "ok":
        words.append(f"The worst, {tables.name_of(one.destination)}, reached level "
                     f"{one.level}" +
                     (f" with {counted(one.worst.row['free'], 'port')} free."
                      if one.worst else "."))
    words.append(f"{counted(failed, 'call')} found no port." if failed
                 else "No call failed for want of a port.")
    return element("p", " ".join(words), class_="lead")


def _no_record(gaps, since, until):
    """What the record has nothing of: nobody may take this for peace."""
    if not gaps:
        return None
    lost = sum(gap.end - gap.begin for gap in gaps)
    if len(gaps) == 1 and lost >= until - since:
        return element("p", element("b", "Nothing was recorded in this time."))
    longest = sorted(gaps, key=lambda gap: gap.begin - gap.end)[:3]
    shown = "; ".join(f"{axis.full(gap.begin)} to {axis.clock(gap.end, gap.begin)}"
                      for gap in sorted(longest))
    more = f" and {len(gaps) - 3} more times" if len(gaps) > 3 else ""
    return element("p", element("b", f"No record for {axis.lasting(lost)}"),
                   f" of this time: {shown}{more}. What happened then is not known.")


def _figure(incident, kept, gaps, words):
    span = kept.span
    inside = [gap for gap in gaps if gap.begin < span.until and gap.end > span.since]
    name = tables.name_of(incident.destination)
    said = f"{name}: ports and calls that failed, {axis.span(span.since, span.until)}; the " \
           "tables below have the numbers"
    drawing, parts = chart.draw(span, kept.moments(), incident.failures, inside, said,
                                incident.worst and incident.worst.time)
    step = (f" Each step shows the worst moment of {axis.lasting(max(kept.step, 1))}."
            if kept.step else "")
    return element("figure", element("figcaption", f"{words}, "
                                     f"{axis.span(span.since, span.until)}.{step}"),
                   drawing, chart.legend(span, parts, inside, incident.failures))


def _section(number, incident, gaps, sections, several):
    its = incident.destination
    title = joined([tables.name_of(its), " ",
                    tables.level_mark(incident.level) if incident.worst else None])
    words = "Level, ports and calls that failed" if incident.worst else "Calls that failed"
    figures = [_figure(incident, incident.whole, gaps, words)]
    if incident.closer:
        figures.append(_figure(incident, incident.closer, gaps, "Closer"))
    pod = f", pod {its.namespace.pod_uid}" if its.namespace.pod_uid else ""
    return element(
        "section", element("h2", title, id=f"d{number}"),
        element("p", f"Network namespace of {its.namespace.name}{pod}") if several else None,
        tables.episodes(incident), tables.worst(incident),
        element("div", element("div", *figures), tables.programs(incident), class_="sides"),
        tables.remedies(sections), tables.changes(incident), tables.numbers(incident))


def _notes(incidents, span, since, until):
    notes = []
    if span and (span.since > since or span.until < until):
        notes.append(f"The drawings show {axis.span(span.since, span.until)}; before and after "
                     "that the record knows of no trouble of theirs.")
    if len(incidents) > MOST_DRAWN:
        notes.append(f"Of {len(incidents)} destinations the worst {MOST_DRAWN} are drawn.")
    if incidents:
        notes.append("Where a drawing is empty the destination was well, and not among the "
                     "five with the fewest ports free, so it was not recorded. What would "
                     "help is about the worst moment; settings are not recorded, and taken "
                     "for the kernel's own.")
    return element("p", " ".join(notes)) if notes else None


def page(title, facts, found, gaps, time, remedies, wanted=False):
    """The whole page. `found` is what incidents.find() found, `time` is (since, until),
    `remedies(incident)` gives the sections of the advice."""
    incidents, span = found
    drawn = incidents[:MOST_DRAWN]
    several = len({one.destination.namespace.id for one in incidents}) > 1 or any(
        one.destination.namespace.name != "host" for one in incidents)
    body = [chart.patterns() if drawn else None,
            element("main", element("h1", title), _facts(facts),
                    _lead(incidents, *time, wanted), _no_record(gaps, *time),
                    tables.overview(incidents, len(drawn), several) if incidents else None,
                    _notes(incidents, span, *time),
                    *(_section(number, one, gaps, remedies(one), several)
                      for number, one in enumerate(drawn, 1)))]
    html = element("html", _head(title), element("body", *body), lang="en")
    return f"<!DOCTYPE html>\n{html}\n"
