# SPDX-License-Identifier: GPL-2.0-only
"""A page of HTML as a tree. It complains of what is not closed, or closed twice."""
from html.parser import HTMLParser

_VOID = {"meta", "br"}


class Node:
    """An element."""

    def __init__(self, tag, attributes, parent):
        self.tag = tag
        self.attributes = dict(attributes)
        self.parent = parent
        self.content = []       # nodes and texts

    def text(self):
        """All of it."""
        return "".join(each if isinstance(each, str) else each.text()
                       for each in self.content)

    def all(self, tag=None, class_=None):
        """The elements below it with this name and this class, in their order."""
        found = []
        for each in self.content:
            if isinstance(each, str):
                continue
            classes = each.attributes.get("class", "").split()
            if (tag is None or each.tag == tag) and (class_ is None or class_ in classes):
                found.append(each)
            found += each.all(tag, class_)
        return found

    def rows(self):
        """The texts of a table, row by row."""
        return [[cell.text() for cell in row.content if not isinstance(cell, str)]
                for row in self.all("tr")]


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("root", (), None)

    def handle_starttag(self, tag, attrs):
        node = Node(tag, attrs, self.at)
        self.at.content.append(node)
        if tag not in _VOID:
            self.at = node

    def handle_endtag(self, tag):
        if tag != self.at.tag:
            raise AssertionError(f"</{tag}> ends a <{self.at.tag}>")
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.content.append(data)


def parse(text):
    """The root of the tree."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    if parser.at is not parser.root:
        raise AssertionError(f"<{parser.at.tag}> is not closed")
    return parser.root
