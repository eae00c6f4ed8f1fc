"""What a name may look like, and the words that the expression language keeps for itself."""

from __future__ import annotations

import re
from functools import lru_cache

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
STATISTICS = ("share", "mean", "median", "quantile", "correlation")
FUNCTIONS = frozenset({"min", "max", "abs", "exp", "log", "sqrt", "logistic", "clip", "sum"})
RESERVED = FUNCTIONS | {
    "and", "or", "not", "if", "else", "in", "is", "for", "level", "next", "players",
    "true", "false", "null", "True", "False", "None",
}  # fmt: skip


@lru_cache(4096)
def is_name(text: str) -> bool:
    """Whether the text may name something.

    >>> is_name("war"), is_name("next"), is_name("2nd")
    (True, False, False)
    """
    return text not in RESERVED and NAME.fullmatch(text) is not None
