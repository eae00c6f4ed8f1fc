"""The words of a game file, one after another: quoted texts, braces, numbers and bare words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from foedus.game.trees.faults import Report

# Every repetition is possessive, so that no text can make the matching go back and forth.
TOKEN = re.compile(
    r"(?P<skip>(?:[\s,\ufeff]|#[^\n]*+)++)"
    r'|(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")'
    r"|(?P<brace>[{}])"
    r'|(?P<word>[^\s,{}"]++)'
    r'|(?P<unclosed>")',
    re.DOTALL,
)
NUMBER = re.compile(
    r"(?P<above>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)"
    r"(?:/(?P<below>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?))?"
)
LONGEST = 500  # characters of a number
SHOWN = 40  # characters of a word in a message


class Token(NamedTuple):
    """A word and where it begins. `kind` is text, brace, word or end."""

    kind: str
    word: str
    at: int

    @property
    def shown(self) -> str:
        """The word as a message names it."""
        if self.kind == "end":
            return "the end of the file"
        cut = self.word if len(self.word) <= SHOWN else f"{self.word[:SHOWN]}…"
        return f"`{cut}`"


class Tokens:
    """The words of a text, read once from its beginning to its end."""

    def __init__(self, text: str, report: Report) -> None:
        self.text, self.report = text, report
        self._numbers: dict[str, Fraction] = {}
        self._words = self._scan()
        self.next = next(self._words)

    def _scan(self) -> Iterator[Token]:
        for found in TOKEN.finditer(self.text):
            kind = found.lastgroup
            if kind == "unclosed":
                raise self.report.stop(
                    found.start(),
                    "this quotation mark is never closed",
                    'a quotation mark inside a text is written \\"',
                )
            if kind != "skip":
                assert kind is not None
                yield Token(kind, found[0], found.start())
        end = Token("end", "", len(self.text))
        while True:
            yield end

    def take(self) -> Token:
        """The next word, which is then behind us."""
        token = self.next
        if token.kind != "end":
            self.next = next(self._words)
        return token

    def opens(self) -> bool:
        """Whether a `{` comes next."""
        return self.next.word == "{" and self.next.kind == "brace"

    def closes(self) -> bool:
        """Whether a `}` comes next."""
        return self.next.word == "}" and self.next.kind == "brace"

    def brace(self, wanted: str, what: str) -> Token:
        """Take a brace, which must come next."""
        token = self.take()
        if token.kind != "brace" or token.word != wanted:
            raise self._missing(token, f"`{wanted}`", what)
        return token

    def string(self, what: str) -> str:
        """Take a quoted text, which must come next."""
        token = self.take()
        if token.kind != "text":
            raise self._missing(token, "a text in quotation marks", what)
        return unquoted(token.word)

    def optional_string(self) -> str | None:
        """Take a quoted text if one comes next."""
        return unquoted(self.take().word) if self.next.kind == "text" else None

    def integer(self, what: str) -> int:
        """Take a whole number, which must come next."""
        token = self.take()
        if token.kind != "word" or not re.fullmatch(r"[+-]?\d{1,18}", token.word):
            raise self._missing(token, "a whole number", what)
        return int(token.word)

    def number(self, what: str) -> Fraction:
        """Take a number, which must come next: whole, decimal, or a fraction; kept exact."""
        token = self.take()
        known = self._numbers.get(token.word)
        if known is not None and token.kind == "word":
            return known
        found = NUMBER.fullmatch(token.word) if len(token.word) <= LONGEST else None
        if token.kind != "word" or found is None:
            raise self._missing(token, "a number", what, "write 3, -0.25, 1e-3 or 2/3")
        below = Fraction(found["below"]) if found["below"] else Fraction(1)
        if below == 0:
            raise self.report.stop(token.at, f"{token.shown} divides by 0")
        value = Fraction(found["above"]) / below
        self._numbers[token.word] = value
        return value

    def _missing(self, token: Token, wanted: str, what: str, hint: str = "") -> Exception:
        if token.kind == "end":
            return self.report.stop(
                token.at,
                f"the file ends where {wanted} is due: {what}",
                "the file may have been cut off when it was copied or saved",
            )
        return self.report.stop(token.at, f"{wanted} is due here, not {token.shown}: {what}", hint)


def unquoted(word: str) -> str:
    """The text between quotation marks, with what is escaped in it as it is meant."""
    body = word[1:-1]
    return re.sub(r"\\(.)", r"\1", body, flags=re.DOTALL) if "\\" in body else body


def named(labels: list[str]) -> list[str]:
    """The labels, with empty ones replaced by their place, counted from 1."""
    return [label.strip() or str(place) for place, label in enumerate(labels, 1)]


def repeated(labels: list[str]) -> list[str]:
    """What stands more than once."""
    seen: set[str] = set()
    found = [label for label in labels if label in seen or seen.add(label)]  # type: ignore[func-returns-value]
    return list(dict.fromkeys(found))
