# SPDX-License-Identifier: GPL-2.0-only
"""Filters beside those of the real ss: it takes the same texts, and finds the same
connections. They are made on loopback."""
import random
import socket
import subprocess
import unittest

from twstatlib.errors import UsageError
from twstatlib.filters import compile_filter

# Both take these, by the rules of ss(8).
_TAKEN = """\
dport = :443|dport = 443|dport 443|dport :443|dport == :443|dport eq 443|dport = :https
dport != 443|dport ne :443|dport neq https|dport > 1024|dport gt :1024|sport < 1024
sport lt 1024|sport >= 1024|sport ge 1024|sport geq 1024|sport <= :1024|sport le 1024
sport leq 1024|dst 10.0.9.1|dst = 10.0.9.1|dst == 10.0.9.1|dst eq 10.0.9.1|dst 10.0.9.0/24
dst 10.0.9.1:443|dst 10.0.9.1:https|dst 10.0.0.0/8:443|dst :443|dst *:443|dst *|src [::1]
src [::1]:443|src [fd00::/16]:443|dst 10/8|dst 10.1|dst 10.0.9.1:*|dev lo|dev = lo
dev != lo|dst [::ffff:10.0.9.1]:443
not dst 10.0.9.1|! dst 10.0.9.1|not not dst 10.0.9.1|( dst 10.0.9.1 )
dst 10.0.9.1 or dst 10.0.9.2|dst 10.0.9.1 || dst 10.0.9.2
dst 10.0.9.1 and dport = :443|dst 10.0.9.1 & dport = :443|dst 10.0.9.1 && dport = :443
dst 10.0.9.1 dport = :443|( dst 10.0.9.1 or dst 10.0.9.2 ) not dport 443
not ( dst 10.0.9.1 or not ( src 10.0.0.1 ) )"""

# Neither takes these.
_REFUSED = """\
dst|dport|dport =|dst = |and dst 10.0.9.1|dst 10.0.9.1 and|or|not|( dst 10.0.9.1
dst 10.0.9.1 )|( )|dst and 10.0.9.1|dst != 10.0.9.1|dst > 10.0.9.1|dst 10.0.9.1,10.0.9.2
dport <> 443|dport in 443|dport = 10.0.9.1|dport = 10.0.9.1:443|dport = :nosuchservice
dst 10.0.9.1/33|dst 10.0.9.1:nosuchservice|:443|10.0.9.1|dst [::1|443|dst 10.0.9.1.2
dst 300.1.1.1|dst [::1]x|dev|dev > lo"""


def accepts(text):
    """Whether a Filter can be made of the text."""
    try:
        compile_filter([text])
    except UsageError:
        return False
    return True


def ask_ss(text):
    """What ss prints, or None if it does not take the text."""
    run = subprocess.run(["ss", "-tnHO", "state", "established", text],
                         capture_output=True, text=True, check=False)
    return None if run.returncode else run.stdout


def texts_of(lines):
    """The texts between the bars, of which two together are an operator."""
    for line in lines.splitlines():
        yield from (text.replace("\0", "||") for text in
                    line.replace("||", "\0").split("|"))


class Grammar(unittest.TestCase):
    """Which texts are filters."""

    def test_taken(self):
        """What ss takes."""
        for text in texts_of(_TAKEN):
            with self.subTest(text):
                self.assertIsNotNone(ask_ss(text))
                self.assertTrue(accepts(text))

    def test_refused(self):
        """What it refuses."""
        for text in texts_of(_REFUSED):
            with self.subTest(text):
                self.assertIsNone(ask_ss(text))
                self.assertFalse(accepts(text))


class Connections(unittest.TestCase):
    """Which of some connections they find."""

    PAIRS = (("127.0.0.1", "127.0.0.2"), ("127.0.0.1", "127.0.0.3"),
             ("127.0.1.1", "127.0.0.2"), ("127.0.1.1", "127.9.0.3"), ("::1", "::1"))

    def setUp(self):
        try:
            self.ends = [self.connect(*pair) for pair in self.PAIRS]
        except OSError as error:
            self.skipTest(f"loopback has not both families: {error}")

    def connect(self, local, remote):
        """Both ends of a connection, as ss prints them."""
        family = socket.AF_INET6 if ":" in local else socket.AF_INET
        server, client = (socket.socket(family, socket.SOCK_STREAM) for _ in range(2))
        for sock, address in ((server, remote), (client, local)):
            self.addCleanup(sock.close)
            sock.bind((address, 0))
        server.listen()
        client.connect(server.getsockname())
        return tuple(f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
                     for name in (client.getsockname(), client.getpeername()))

    def found_by_ss(self, text):
        """The numbers of the connections."""
        lines = [tuple(line.split()[2:4]) for line in ask_ss(text).splitlines()]
        return [number for number, ends in enumerate(self.ends) if ends in lines]

    def found_by_us(self, text):
        """The same."""
        wanted = compile_filter([text])
        return [number for number, (local, remote) in enumerate(self.ends)
                if wanted({"dir": "out", "local": local, "remote": remote})]

    def conditions(self):
        """One of each kind, with and without the operators, for each connection."""
        for local, remote in self.ends:
            port = int(remote.rpartition(":")[2])
            for sign in ("", "=", "==", "eq", "!=", "ne", ">", "gt", "<", "lt", ">=", "ge",
                         "<=", "le"):
                yield f"dport {sign} :{port}"
                yield f"sport {sign} {port}"
            yield from (f"dst {remote}", f"src = {local}", f"dst {local}", f"dst :{port}",
                        f"dst {remote.rpartition(':')[0]}", f"src *:{port}")
        yield from ("src 127.0.0.0/24", "dst 127.0.0.0/16", "dst 127/8", "dst 127.0/16",
                    "src [::1/64]", "dst *")

    def test_conditions(self):
        """Alone."""
        self.assertEqual(self.found_by_ss("sport > 0"), [0, 1, 2, 3, 4])
        # (ss finds nothing by `not dst 0.0.0.0/0`, not even IPv6: no sentence has them.)
        for text in (*self.conditions(), "dst [::/0]", "dst 0.0.0.0/0"):
            with self.subTest(text):
                self.assertEqual(self.found_by_us(text), self.found_by_ss(text))

    def sentence(self, chance, conditions, depth):
        """Conditions at random, one kind of operator between two parentheses: ss reads a
        mixture from left to right, and not as its manual says."""
        if not depth or chance.random() < 0.2:
            return chance.choice(conditions)
        between = chance.choice((" ", " and ", " & ", " && ")) if chance.random() < 0.5 \
            else chance.choice((" or ", " | ", " || "))
        parts = [self.sentence(chance, conditions, depth - 1)
                 for _ in range(chance.randint(1, 3))]
        text = f"( {between.join(parts)} )"
        return chance.choice(("", "", "not ", "! ")) + text

    def test_sentences(self):
        """Together. None of these is known before, but all can be had again."""
        chance, seen = random.Random(26), set()
        conditions = list(self.conditions())
        for _ in range(200):
            text = self.sentence(chance, conditions, 3)
            found = self.found_by_ss(text)
            seen.add(tuple(found))
            with self.subTest(text):
                self.assertEqual(self.found_by_us(text), found)
        # They do not all find the same.
        self.assertGreater(len(seen), 10)
