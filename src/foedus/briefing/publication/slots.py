"""The places in a briefing's pages that a publication fills: head, bar on top, and foot."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("head", "top", "bottom")
_SLOT = re.compile(
    rb"<!--publication:(?P<name>\w+)-->.*?<!--/publication:(?P=name)-->", flags=re.DOTALL
)


def filled(page: bytes, words: Mapping[str, str]) -> bytes:
    """The page with its places filled, whatever was in them before.

    No text of a scenario can look like such a place, as every `<` in one is escaped.

    >>> filled(b"a<!--publication:top-->old<!--/publication:top-->b", {"top": "new"})
    b'a<!--publication:top-->new<!--/publication:top-->b'
    """

    def fill(found: re.Match[bytes]) -> bytes:
        name = found["name"].decode()
        content = words.get(name, "").strip()
        return f"<!--publication:{name}-->{content}<!--/publication:{name}-->".encode()

    return _SLOT.sub(fill, page)
