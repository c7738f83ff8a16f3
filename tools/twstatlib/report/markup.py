# SPDX-License-Identifier: GPL-2.0-only
"""HTML and SVG. What is no Markup is text, and is escaped: names of programs and of units
come from users."""
from html import escape

_VOID = {"meta", "br"}


class Markup(str):
    """What is markup already."""

    __slots__ = ()


def text(value):
    """Escaped. What does not print (it could turn the direction of writing) is shown as ?."""
    if isinstance(value, Markup):
        return value
    return Markup(escape("".join(c if c.isprintable() else "?" for c in str(value))))


def joined(parts, between=""):
    """Parts one after another; those that are None are left out."""
    return Markup(text(between).join(text(part) for part in parts if part is not None))


def _value(value):
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def element(tag, *content, **attributes):
    """An element. An attribute that is None is left out; class_ is class, stroke_width
    stroke-width."""
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{text(_value(value))}"'
                   for key, value in attributes.items() if value is not None)
    if tag in _VOID:
        return Markup(f"<{tag}{said}>")
    return Markup(f"<{tag}{said}>{joined(content)}</{tag}>")
