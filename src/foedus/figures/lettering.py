"""Words that fit: cleaned of what could upset a page, measured, cut and broken into lines."""

from __future__ import annotations

import unicodedata

# Advance widths of Liberation Sans (those of Arial) in thousandths of an em.
_NARROW = {**dict.fromkeys("ijl'|", 222), **dict.fromkeys(" !,./:;I[]ft\\", 278)}
_WIDTHS = {
    **_NARROW,
    **dict.fromkeys('()-r"*', 340),
    **dict.fromkeys("ckJsvxyz", 500),
    **dict.fromkeys("FTZL", 611),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833),
    **dict.fromkeys("%@W", 960),
    **dict.fromkeys("+<=>~", 584),
}
_OTHER, _FOREIGN, _WIDE, _BOLD = 556, 760, 1350, 1.08


def clean(text: str) -> str:
    """The text on one line without control characters and changes of writing direction.

    >>> clean("a\\u202eb\\x1b\\n c")
    'ab c'
    """
    kept = (c if unicodedata.category(c)[0] != "C" or c == "\u200d" else " " for c in _lines(text))
    return " ".join("".join(kept).split())


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most, about, in pixels.

    >>> width("iii", 10) < width("mmm", 10)
    True
    """
    ems = sum(_advance(c) for c in text) / 1000
    return ems * size * (_BOLD if bold else 1)


def opened(text: str) -> str:
    """The text with a capital letter to open it.

    >>> opened("war goes on"), opened("")
    ('War goes on', '')
    """
    return text[:1].upper() + text[1:]


def quoted(text: str, most: int = 90) -> str:
    """The clean text in quotation marks, cut where it has more characters than that.

    >>> quoted("war  goes on"), quoted("war goes on", 6)
    ('“war goes on”', '“war g…”')
    """
    text = clean(text)
    cut = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return f"“{cut}”"


def fit(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The clean text, cut with an ellipsis where it needs more room.

    >>> fit("a very long label indeed", 12, 60)
    'a very lon…'
    """
    text = clean(text)
    if width(text, size, bold=bold) <= room:
        return text
    room -= width("…", size, bold=bold)
    kept, used = [], 0.0
    for c in text:
        used += width(c, size, bold=bold)
        if used > room:
            break
        kept.append(c)
    return "".join(kept).rstrip() + "…"


def broken(text: str, size: float, room: float, *, lines: int, bold: bool = False) -> list[str]:
    """The clean text on at most so many lines, the last one cut where it is too long.

    >>> broken("one two three four", 12, 50, lines=2)
    ['one two', 'three fo…']
    """
    found: list[str] = []
    words = clean(text).split(" ")
    while words and len(found) < lines - 1:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size, bold=bold) <= room:
            line = f"{line} {words.pop(0)}"
        found.append(fit(line, size, room, bold=bold))
    if words:
        found.append(fit(" ".join(words), size, room, bold=bold))
    return found


def _lines(text: str) -> str:
    """Line breaks as spaces; marks of direction gone without a trace."""
    return "".join(
        " " if c in "\n\r\t\u2028\u2029" else c
        for c in text
        if unicodedata.category(c) != "Cf" or c == "\u200d"
    )


def _advance(c: str) -> int:
    if unicodedata.combining(c) or c == "\u200d" or "\ufe00" <= c <= "\ufe0f":
        return 0
    if unicodedata.east_asian_width(c) in "WF" or ord(c) > 0xFFFF:
        return _WIDE
    if ord(c) > 0x24F and c.isalpha():
        return _FOREIGN
    return _WIDTHS.get(c, 667 if c.isupper() else _OTHER)
