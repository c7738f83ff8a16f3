# SPDX-License-Identifier: GPL-2.0-only
"""What a case works with: it makes its situation, reads what the module says of it, and
then finds out what is so."""
import collections
import errno

from . import sources
from .rows import pair_of
from .verify_ground import LeftOut
from .verify_sockets import End, Sockets, reset

Numbers = collections.namedtuple("Numbers", "what said found")


class World(Sockets):
    """A case's ground, its sockets, and the numbers that were compared."""

    def __init__(self):
        super().__init__()
        self.numbers = []
        self.texts = {}
        self._tables = {}

    def read(self, kind=sources.SUMMARY):
        """One of the module's files, as it was when it was read first: readers share what
        is younger than cache_ms."""
        if kind in self._tables:
            return self._tables[kind]
        table, self.texts[kind] = sources.read_with_text(sources.path_of(kind), kind)
        self._tables[kind] = table
        if table.header.get("complete") is False:
            raise LeftOut(f"{kind} is not complete: is memory short?")
        return table

    def compare(self, what, said, found):
        """Two numbers that must be equal."""
        self.numbers.append(Numbers(what, said, found))

    @staticmethod
    def row(table, pair):
        """The row of a pair, or None."""
        for row in table.rows_of("out"):
            if pair_of(row) == pair.names():
                return row
        return None

    def said(self, table, pair, column="free"):
        """The number of a pair. Who has no socket gets all that are usable."""
        row = self.row(table, pair)
        if row is None and not pair.dev and column == "free":
            number = table.header["usable"]
        elif row is None:
            return "no row"
        else:
            number = row[column]
        if number is None:
            raise LeftOut(f"the table does not know {column} of {pair}")
        return number

    def connects(self, pair, options=()):
        """How many connect() calls succeed before one finds no port."""
        if not pair.dev and (pair.remote, pair.port) not in self.listeners and \
                not pair.remote.startswith("10.8."):
            self.listen(pair.remote, pair.port)
        return self._until(errno.EADDRNOTAVAIL, lambda: self.connected(pair, None, options))

    def binds(self, end, options=()):
        """How many bind() calls with port 0 succeed before one finds no port."""
        return self._until(errno.EADDRINUSE, lambda: self.bound(end, 0, options))

    @staticmethod
    def _until(last, call):
        made = []
        try:
            while len(made) < 1000:
                made.append(call())
        except OSError as error:
            if error.errno != last:
                raise
        finally:
            reset(made)
        return len(made)

    def check_free(self, table, *pairs, options=()):
        """`free` of pairs, by connect()."""
        for pair in pairs:
            self.compare(f"connect() calls from {pair}", self.said(table, pair),
                         self.connects(pair, options))

    def check_reuse_if(self, pair):
        """`free` of a pair, and how many more tcp_tw_reuse=1 brings, by connect()."""
        table = self.read()
        before = self.connects(pair)
        self.set("tcp_tw_reuse", 1)
        after = self.connects(pair)
        self.compare(f"connect() calls from {pair}", self.said(table, pair), before)
        self.compare("more of them with tcp_tw_reuse=1", self.said(table, pair, "reuse_if"),
                     after - before)

    def _fail(self, call, count, last):
        """Calls none of which may succeed."""
        for _ in range(count):
            try:
                reset([call()])
            except OSError as error:
                if error.errno != last:
                    raise
            else:
                raise LeftOut("a call succeeded that was to fail")

    def fail_to_connect(self, pair, count, **how):
        """connect() finds no port, or its own port in use."""
        self._fail(lambda: self.connected(pair, **how), count, errno.EADDRNOTAVAIL)

    def fail_to_bind(self, address, count, port=0):
        """bind() finds no port, or its own port in use."""
        self._fail(lambda: self.bound(End(address), port), count, errno.EADDRINUSE)

    def begin_again(self):
        """In a namespace that is a child of the present one."""
        self.reset_all()
        self.__init__()     # pylint: disable=unnecessary-dunder-call
