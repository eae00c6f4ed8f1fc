"""The words of an expression, checked before Python's parser sees them.

Python's own tokens are a little too many for us: a stray string, a complex
number or a thousand minus signs would reach the parser, which may answer with a
warning, a `MemoryError` or a `RecursionError`. What passes here is short, flat
and made of numbers, names and the operators that the language has.
"""

from __future__ import annotations

import keyword
import re

from foedus.scenario.names import RESERVED
from foedus.scenario.problems import Problem

LONGEST = 2000  # characters
DEEPEST = 60  # levels of nesting

TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>\*\*|<=|>=|==|!=|[-+*/<>(),])"
    r"|(?P<other>\"[^\"]*\"|'[^']*'|&&|\|\||[=!%&|^\[\]{}\"'.:;]|.)",
    re.DOTALL,
)

INSTEAD = {
    "=": "use `==` to compare",
    "!": "use `not`",
    "&": "use `and`",
    "&&": "use `and`",
    "|": "use `or`",
    "||": "use `or`",
    "^": "use `**` for powers",
    "%": "write 5% as 0.05",
    "[": "use round brackets",
    "]": "use round brackets",
    "{": "use round brackets",
    "}": "use round brackets",
    '"': "names are written without quotes",
    "'": "names are written without quotes",
    "×": "use `*`",
    "·": "use `*`",
    "−": "use the minus sign of the keyboard",
    "–": "use the minus sign of the keyboard",
    "≤": "use `<=`",
    "≥": "use `>=`",
    "≠": "use `!=`",
}

# Python's keywords that the language leaves free, so that a player can `raise` or `yield`.
FREE = frozenset(keyword.kwlist) - RESERVED
WORDS = frozenset({"and", "or", "not", "if", "else", "in", "is", "for"})  # stand between values
MARK = "_"  # no name of the language begins with it, so a marked keyword cannot clash


def marked(text: str, problems: list[Problem], keywords: frozenset[str] = frozenset()) -> str:
    """The text as Python's parser may see it: one line, same length, free keywords made names.

    Adds to `problems` what must not reach the parser. After a word of `keywords` an `=` may stand.
    """
    if len(text) > LONGEST:
        message = f"the expression has {len(text):,} characters; {LONGEST:,} is the most"
        hint = "give parts of it a name under `define`"
        problems.append(Problem("F402", message, 0, len(text), hint))
        return ""
    tokens = [token for token in TOKEN.finditer(text) if token.lastgroup != "space"]
    given = _check_words(tokens, problems, keywords)
    _check_nesting(text, tokens, problems)
    ready = TOKEN.sub(_as_python, text)
    for at in given:
        ready = f"{ready[:at]}={ready[at + 1 :]}"
    return ready


def _as_python(token: re.Match[str]) -> str:
    word = token[0]
    if token.lastgroup == "name" and word in FREE:
        return MARK + word[1:]
    return word if token.lastgroup in ("name", "number", "operator") else " " * len(word)


def _check_words(
    tokens: list[re.Match[str]], problems: list[Problem], keywords: frozenset[str]
) -> list[int]:
    """Each token is part of the language, and values do not follow each other directly.

    Returns where the `=` of keywords stand.
    """
    value_before = number_before = False
    given = []
    for before, token in zip((None, *tokens), tokens, strict=False):
        kind, word = token.lastgroup, token[0]
        value = kind == "number" or (kind == "name" and word not in WORDS)
        if word == "=" and before is not None and before[0] in keywords:
            given.append(token.start())
        elif kind == "other":
            message = f"`{word}` is not part of the expression language"
            problems.append(Problem("F403", message, *token.span(), _instead(word)))
        elif kind == "name" and word.startswith("_"):
            message = f"`{word}` is not a name: names begin with a letter"
            problems.append(Problem("F403", message, *token.span()))
        elif value_before and (value or (word == "(" and number_before)):
            message = f"an operator is missing before `{word}`"
            problems.append(Problem("F401", message, *token.span()))
        value_before = value or word == ")"
        number_before = kind == "number" or word == ")"
    return given


def _instead(word: str) -> str:
    """What to write in place of a token that the language does not have."""
    return INSTEAD.get(word) or INSTEAD.get(word[0], "")


def _check_nesting(text: str, tokens: list[re.Match[str]], problems: list[Problem]) -> None:
    """Brackets match, and nothing nests so deeply that a recursive parser would give up."""
    open_at: list[int] = []
    deepest = prefixes = to_the_right = 0
    for token in tokens:
        word = token[0]
        prefixes = prefixes + 1 if word in ("+", "-", "not") else 0
        to_the_right += word in ("**", "else")
        if word == "(":
            open_at.append(token.start())
        elif word == ")" and not open_at:
            problems.append(Problem("F401", "this bracket was never opened", *token.span()))
        elif word == ")":
            open_at.pop()
        deepest = max(deepest, len(open_at) + prefixes, to_the_right)
    never = "this bracket is never closed"
    problems.extend(Problem("F401", never, start, start + 1) for start in open_at)
    if deepest > DEEPEST:
        problems.append(too_deep(text))


def too_deep(text: str) -> Problem:
    """The problem of an expression that is nested too deeply."""
    message = f"the expression is nested more than {DEEPEST} levels deep"
    hint = "give parts of it a name under `define`; use `sum(... for p in (...))` for long sums"
    return Problem("F402", message, 0, len(text), hint)


def unmarked(name: str) -> str:
    """The name as it was written.

    >>> unmarked("_aise")
    'raise'
    """
    if not name.startswith(MARK):
        return name
    return next(word for word in FREE if word[1:] == name[1:])
