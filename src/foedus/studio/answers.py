"""Answers that were given before, kept as text up to a size in memory: undo costs nothing."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any


class Answers:
    """The answers that were asked for last, at most `most` bytes of JSON in all.

    >>> answers = Answers(20)
    >>> for key in "abc":
    ...     answers.put(key, {"said": key})
    >>> answers.get("a"), answers.get("c"), answers.held
    (None, {'said': 'c'}, 13)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self.held = 0

    def get(self, key: str) -> Any:
        """The answer of a key, None if it is not remembered."""
        text = self._kept.get(key)
        if text is None:
            return None
        self._kept.move_to_end(key)
        return json.loads(text)

    def put(self, key: str, answer: Any) -> None:
        """Remember an answer, and forget the oldest where that is too much."""
        text = json.dumps(answer).encode()
        self.held += len(text) - len(self._kept.pop(key, b""))
        self._kept[key] = text
        while self.held > self._most:
            self.held -= len(self._kept.popitem(last=False)[1])
