# SPDX-License-Identifier: GPL-2.0-only
"""Text in cells of the screen: some characters take two of them, and some none."""
import unicodedata


def _cells_of(char):
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cells(text):
    """So many cells does it take."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def cut(text, width):
    """The beginning that fits; a `~` at its end says that something is left out."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += _cells_of(char)
        if used > width - 1:
            break
        kept.append(char)
    return ("".join(kept) + "~") if width > 0 else ""


def left(text, width):
    """The text at the left of exactly so many cells."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


def right(text, width):
    """The text at the right of exactly so many cells."""
    text = cut(text, width)
    return " " * (width - cells(text)) + text


def first_fitting(variants, width):
    """The first of the variants that fits; an empty one if none does."""
    return next((text for text in variants if cells(text) <= width), "")


def encodable(text, encoding):
    """The text with question marks for what this encoding has not, as wide as before."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return "".join(char if char.isascii() else "?" * _cells_of(char) for char in text)
