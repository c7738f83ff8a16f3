# SPDX-License-Identifier: GPL-2.0-only
"""twstat --advise: for each destination that is short of ports what would help, by how
much, and what it risks. It reads, and changes nothing."""
import os
import re
import textwrap

from . import sources
from .interface import LEVELS, split_address, unescape
from .outlook import ports_of
from .output import width_of
from .rows import counted, matters
from .settings import Settings

# Rows of tw_sources that are no addresses.
_NO_ADDRESS = ("0.0.0.0", "[::]", "other", "[other]")
# So many programs or addresses are named.
_MOST = 3
_FIN_TIMEOUT = 10

_RISK_POOL = "the other end may close a connection that is idle: the program must try again"
_RISK_REUSE = ("small; a firewall that remembers the old connection may drop the first SYN, "
               "which is sent again after a second")
_RISK_ADDRESS = "whoever lets this machine in by its address must let that one in too"
_RISK_FIN = "a server that takes longer to close gets a reset"
_RISK_SYN = "a slow network has less time to answer"
_RISK_ORPHAN = "on a bad network the end of the data may be lost"
_RISK_KILL = ("late segments of the old connections reach new ones with the same ports, and "
              "end or garble them (RFC 1337); once, and only in an emergency")
_RISK_NO_PORT = "none known; the program learns its port from connect(), not from bind()"


class Remedy:
    """What would help, what it brings, and what it risks (None: nothing to speak of)."""

    def __init__(self, what, gain, risk=None):
        self.what = what
        self.gain = gain
        self.risk = risk

    def lines(self, width):
        """Text, with a mark in front."""
        lines = textwrap.wrap(f"{self.what}: {self.gain}", width, initial_indent="  - ",
                              subsequent_indent="    ", break_long_words=False,
                              break_on_hyphens=False)
        if self.risk:
            lines += textwrap.wrap(f"risk: {self.risk}", width, initial_indent="      ",
                                   subsequent_indent="      ")
        return lines


class Advice:
    """All that is known: the tables, the settings (settings.Settings), and whether this
    kernel ends TIME_WAITs on demand. Callers and addresses may be None."""

    def __init__(self, table, settings, callers=None, addresses=None, kills=True):
        self._table = table
        self._header = table.header
        self._settings = settings
        self._callers = callers
        self._addresses = addresses
        self._kills = kills
        self._widened = False
        header = table.header
        self._ports = ports_of(header)
        self._wider = settings.wider(header, self._taken())

    def _taken(self):
        """Ports outside the range that old servers or clients with a fixed port have."""
        return {split_address(row["local"])[2] for row in self._table.rows_of("bound")}

    def _range(self):
        if self._wider.gain <= 0:
            return []
        self._widened = True
        return [Remedy("the wider range below",
                       f"{counted(self._wider.gain, 'port')} more to every destination",
                       "see there")]

    # What helps by the state of the sockets

    def _tw(self, row):
        tw, rate = row["tw"], row.get("close/s")
        took = f"; {rate:.1f} closes a second take one each" if rate else ""
        return [Remedy("keep connections open (a pool, HTTP keep-alive)",
                       f"up to {counted(tw, 'port')}{took}", _RISK_POOL)]

    def _reuse(self, row):
        if not row.get("reuse_if"):
            return []
        return [Remedy("sysctl -w net.ipv4.tcp_tw_reuse=1",
                       f"{counted(row['reuse_if'], 'port')} at once", _RISK_REUSE)]

    def _fw2(self, row):
        held = row.get("fw2_held")
        left = row["fw2"] - (held or 0)
        found = []
        now = self._settings.fin_timeout
        if left and now > _FIN_TIMEOUT:
            which = "" if held is not None else ", if no program holds them open"
            found.append(Remedy(
                f"sysctl -w net.ipv4.tcp_fin_timeout={_FIN_TIMEOUT}",
                f"as many as these {counted(left, 'port')}, {_FIN_TIMEOUT} s after the close "
                f"and not {now} s, for later ones{which}", _RISK_FIN))
        if held:
            found.append(Remedy(
                "the program must close what it has shut down "
                f"(ss -tnp state fin-wait-2 dst {row['remote']} names it)",
                f"{counted(held, 'port')}; no timer ends these"))
        return found

    def _estab(self, row):
        growth = row.get("grow/s") or 0.0
        what = ("an end to the leak" if growth > 0 else "fewer open connections")
        speed = f", {growth:.1f} more each second" if growth > 0 else ""
        return [Remedy(f"{what} (ss -tnp dst {row['remote']} names the program)",
                       f"{counted(row['estab'], 'port')}{speed}, a minute after the close")]

    def _cwait(self, row):
        return [Remedy("the program must close what the server has closed "
                       f"(ss -tnp state close-wait dst {row['remote']} names it)",
                       f"{counted(row['cwait'], 'port')} at once")]

    def _syn(self, row):
        return [Remedy("a server that answers, or sysctl -w net.ipv4.tcp_syn_retries=2",
                       f"as many as these {counted(row['syn'], 'port')}, sooner, for later "
                       "ones", _RISK_SYN)]

    def _other(self, row):
        return [Remedy("sysctl -w net.ipv4.tcp_orphan_retries=1",
                       f"as many as these {counted(row['other'], 'port')}, sooner, for later "
                       "ones, if the peer is gone (FIN-WAIT-1 in ss -tan)", _RISK_ORPHAN)]

    def _by_state(self, row):
        """Of the states that hold much, and of the one that holds most."""
        ways = {"tw": self._tw, "fw2": self._fw2, "estab": self._estab,
                "cwait": self._cwait, "syn": self._syn, "other": self._other}
        held = {state: row.get(state) or 0 for state in ways}
        most = max(held.values())
        found = []
        for state, way in ways.items():
            if held[state] and (held[state] == most or held[state] * 20 >= self._ports):
                found += way(row)
        return found

    # What helps whatever the state

    def _addresses_more(self):
        usable = self._header.get("usable")
        if not usable:
            return []
        return [Remedy("another local address, which the program binds with "
                       "IP_BIND_ADDRESS_NO_PORT", f"{counted(usable, 'port')} for each",
                       _RISK_ADDRESS),
                Remedy("another address or port of the server",
                       f"{counted(usable, 'port')} for each")]

    def _binders(self):
        """Programs that call bind() with port 0, as far as tw_callers knows them, those
        that do it most first."""
        rows = sorted(self._callers.rows if self._callers else [],
                      key=lambda row: -(row.get("calls") or 0))
        names = []
        for row in rows:
            name = unescape(row["comm"]) if row.get("comm") else None
            if row["remote"] == "*" and name and name not in names:
                names.append(name)
        return names[:_MOST]

    def _bound(self):
        """Ports that bind() has taken from all: those of listeners stay."""
        bound = self._header.get("bound") or 0
        bound -= len(self._settings.servers_in_range())
        if bound <= 0 or bound * 20 < self._ports:
            return []
        names = self._binders()
        who = f" ({', '.join(names)})" if names else ""
        return [Remedy("IP_BIND_ADDRESS_NO_PORT in the programs that bind first" + who,
                       f"up to {counted(bound, 'port')} to every destination", _RISK_NO_PORT)]

    def _kill(self, row):
        tw = row.get("tw") or 0
        if not self._kills or tw * 20 < self._ports:
            return []
        return [Remedy(f"in an emergency: ss -K -tn state time-wait dst {row['remote']}",
                       f"up to {counted(tw, 'port')} at once", _RISK_KILL)]

    # Sections: a title, and remedies

    def _destination(self, row):
        title = (f"{row['local']} -> {row['remote']}: {row.get('level') or 'not known'}, "
                 f"{row.get('free')} of {self._ports} ports free")
        if row.get("fail"):
            title += f", {counted(row['fail'], 'call')} failed"
        if row.get("level") == "ok":
            why = ("a program with a range of its own (IP_LOCAL_PORT_RANGE) has fewer; else "
                   "it is over")
            return title, [Remedy("ports are free now", why)]
        found = (self._by_state(row) + self._reuse(row) + self._bound() + self._range() +
                 self._addresses_more() + self._kill(row))
        return title, found

    def _everybody(self):
        """The level of a destination that nobody has used yet."""
        header = self._header
        rows = [row.get("level") for row in self._table.rows_of("out")]
        if header.get("level") not in LEVELS[1:] or header["level"] in rows:
            return []
        return [(f"every destination: {header['level']}, bind() has left "
                 f"{header.get('usable')} of {self._ports} ports",
                 self._bound() + self._range())]

    def _bind(self):
        """Addresses from which bind() with port 0 finds no port, or soon."""
        header = self._header
        if not header.get("bind_fails") and header.get("bind_level") not in LEVELS[1:]:
            return []
        rows = self._addresses.rows if self._addresses else []
        other = [row.get("bind_free") for row in rows if row["local"] == "other"]
        short = [row for row in rows if row.get("level") in LEVELS[1:] and
                 row["local"] not in _NO_ADDRESS]
        names = self._binders()
        what = Remedy("IP_BIND_ADDRESS_NO_PORT in the program" +
                      (f" ({', '.join(names)})" if names else ""),
                      "bind() then takes no port; connect() chooses one", _RISK_NO_PORT)
        sections = []
        for row in short[:_MOST]:
            found = [what] + self._range()
            if other and other[0]:
                found.append(Remedy("another local address",
                                    f"{counted(other[0], 'port')} for each", _RISK_ADDRESS))
            sections.append((f"bind({row['local']}, port 0): {row['level']}, "
                             f"{row['bind_free']} ports free", found))
        if not short and header.get("bind_fails"):
            sections.append((f"bind() with port 0: {counted(header['bind_fails'], 'call')} "
                             "failed", [what] + self._range()))
        return sections

    def _range_lines(self, width):
        wider = self._wider
        listen = (f"Servers have these of its ports today: {wider.listed()}."
                  if wider.servers else "No server has any of its ports today.")
        lines = textwrap.wrap(
            f"The wider range brings {counted(wider.gain, 'port')} to every destination. "
            f"{listen}", width)
        lines += [f"    {command}" for command in wider.commands()]
        lines += textwrap.wrap(
            "Risk: a server that is stopped now is not in the list, and may find its port "
            "taken: add it. Firewalls that know the old range must know the new one. To make "
            "it last, write both lines to a file in /etc/sysctl.d.", width)
        return lines

    def lines(self, rows, width=None):
        """The text. `rows` are those that are wanted."""
        width = max(width or 100, 40)
        sections = [self._destination(row) for row in rows
                    if row.get("dir") == "out" and matters(row)]
        sections += self._everybody() + self._bind()
        lines = []
        for title, found in sections:
            lines += textwrap.wrap(title, width, break_long_words=False)
            for remedy in found:
                lines += remedy.lines(width)
            lines.append("")
        if self._widened:
            lines += self._range_lines(width) + [""]
        if not sections:
            lines.append("No destination is short of ports, and no call has failed for want "
                         "of one.")
        return lines + ["Nothing was changed."]


def kernel_kills(release):
    """Whether `ss -K` ends TIME_WAITs: since 6.1 it does (net/ipv4/tcp.c:tcp_abort)."""
    match = re.match(r"(\d+)\.(\d+)", release)
    return bool(match) and (int(match.group(1)), int(match.group(2))) >= (6, 1)


class Advise:
    """What would help."""

    def __init__(self, options, out):
        self._options = options
        self._out = out

    def show(self, namespace, table, callers):
        """The namespace."""
        advice = Advice(table, Settings(table.header), callers,
                        namespace.read_if_there(sources.SOURCES),
                        kernel_kills(os.uname().release))
        rows = self._options.wanted.rows(table)
        print("\n".join(advice.lines(rows, width_of(self._options, self._out))),
              file=self._out)

    def end(self, last):    # pylint: disable=unused-argument
        """After all namespaces of one time."""
