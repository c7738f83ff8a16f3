# SPDX-License-Identifier: GPL-2.0-only
"""What would have helped: what --advise says, of the worst moment that was recorded. Settings
and servers are not recorded, so what depends on them is left to --advise."""
from ..advise import Advice, Remedy
from ..interface import Table
from ..ports import expand
from ..settings import Wider


class _Defaults:
    """Settings that nobody has changed."""

    fin_timeout = 60

    def __init__(self, header):
        low, _, high = (header.get("range") or "0-0").partition("-")
        self.range = int(low), int(high)

    @staticmethod
    def servers_in_range():
        """Not known."""
        return set()

    def wider(self, header, taken):
        """The most that a wider range could bring."""
        return Wider(self.range, header.get("tried") or 0, expand(""), set(), taken)


class _Past(Advice):
    """The advice of then."""

    def _range(self):
        if self._wider.gain <= 0 or not self._header.get("tried"):
            return []
        return [Remedy("a wider range of ports",
                       f"up to {self._wider.gain} ports more to every destination; twstat "
                       "--advise prints the settings, with the ports of servers reserved",
                       "a server that is stopped when the range is set may find its port "
                       "taken")]

    def sections(self, row):
        """(title, remedies) of a destination, or of bind() with port 0."""
        return [self._destination(row)] if row else self._bind()


class _Callers:
    """The programs that were recorded, as the table of callers has them."""

    def __init__(self, programs):
        self.rows = [{"remote": "*", "comm": one.program, "calls": one.counts["bind"]}
                     for one in programs if one.counts["bind"] and one.program]


def of_incident(incident, kills, programs=()):
    """[(title, remedies)] of an incident; `programs` are those of all, because whoever binds
    first takes ports from every destination."""
    row = incident.worst.row if incident.worst else None
    header = {**incident.header, "bind_fails": incident.failed["bind"], "bind_level": None}
    table = Table("tw_summary", header, [], [row] if row else [])
    return _Past(table, _Defaults(header), _Callers(programs), None, kills).sections(row)
