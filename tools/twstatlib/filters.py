# SPDX-License-Identifier: GPL-2.0-only
"""Which rows are wanted, in the grammar of ss(8):

    filter     := and { or and }            or: or | ||
    and        := not { [and] not }         and: and & &&, or nothing
    not        := { not } ( "(" filter ")" | condition )        not: not !
    condition  := WORD [OPERATOR] VALUE     or a word that stands alone

`and` binds closer than `or`, as the manual of ss says. (ss itself reads both from left to
right: misc/ssfilter.y of iproute2 has one rule for a list of terms.) Unlike in ss, symbols
need no blanks around them.
"""
import re

from . import conditions
from .conditions import OPERATORS
from .errors import UsageError

_AND = ("and", "&", "&&")
_OR = ("or", "|", "||")
_NOT = ("not", "!")
_SYMBOLS = ("(", ")", *_AND, *_OR, *_NOT, *OPERATORS)
# Nobody writes more parentheses inside each other; it bounds the recursion.
_DEEPEST = 100
_TOKEN = re.compile(r"[<>=!]=|&&|\|\||[()!&|=<>]|[^\s()!&|=<>]+")


class Filter:
    """A function of a row that says whether it is wanted."""

    def __init__(self, condition, text):
        self._condition = condition
        self.text = text

    def __call__(self, row):
        return self._condition(row)

    def __bool__(self):
        """Whether it leaves out any row."""
        return bool(self.text)

    def concerns(self, header):
        """Whether a namespace is of interest though none of its rows is: bind() calls that
        failed lately have no destination."""
        last = header.get("bind_fails_last")
        return self.text == "failed" and last is not None and last <= conditions.RECENT

    def rows(self, table):
        """The rows of a table that are wanted."""
        return [row for row in table.rows if self(row)]


class _Parser:
    """Descends from the rule for `filter`, with one token to look ahead."""

    def __init__(self, words):
        self._tokens = [token for word in words for token in _TOKEN.findall(word)]
        self._at = 0
        self._depth = 0

    def _next(self):
        """The next token, None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *wanted):
        """Takes the next token if it is one of these."""
        token = self._next()
        if token not in wanted or token is None:
            return None
        self._at += 1
        return token

    def all(self):
        """The whole filter."""
        if not self._tokens:
            return lambda row: True
        found = self._or()
        if self._next():
            raise UsageError("there is a ')' without a '('")
        return found

    def _or(self):
        parts = [self._and()]
        while self._take(*_OR):
            parts.append(self._and())
        return lambda row: any(part(row) for part in parts)

    def _and(self):
        parts = [self._not()]
        while self._take(*_AND) or self._next() not in (None, ")", *_OR):
            parts.append(self._not())
        return lambda row: all(part(row) for part in parts)

    def _not(self):
        negative = False
        while self._take(*_NOT):
            negative = not negative
        found = self._group() if self._take("(") else self._one()
        return (lambda row: not found(row)) if negative else found

    def _group(self):
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UsageError(f"more than {_DEEPEST} '(' inside each other")
        found = self._or()
        if not self._take(")"):
            raise UsageError("a ')' is missing")
        self._depth -= 1
        return found

    def _one(self):
        word = self._next()
        if word is None or word in (")", *_AND, *_OR):
            before = f"'{self._tokens[self._at - 1]}'" if self._at else "the beginning"
            raise UsageError(f"after {before} there must be a condition")
        if word in OPERATORS:
            raise UsageError(f"before '{word}' there must be a word: dport {word} :443")
        conditions.check_word(word)
        self._at += 1
        return conditions.alone(word) or self._compared(word)

    def _compared(self, word):
        sign = OPERATORS.get(self._take(*OPERATORS))
        value = self._next()
        if value is None or value in _SYMBOLS:
            raise UsageError(f"'{word}' needs a value")
        self._at += 1
        return conditions.make(word, sign, value)


def compile_filter(words):
    """The Filter that these words say; a word may have blanks in it."""
    return Filter(_Parser(words).all(), " ".join(words))
