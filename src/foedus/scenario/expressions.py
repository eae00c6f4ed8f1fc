"""From the text of an expression to a formula, every name resolved.

Python's parser does the grammar; a whitelist does the rest. Nothing is ever
evaluated by Python, and what the language does not have is refused with its
place in the text.
"""

from __future__ import annotations

import ast
from collections import deque

from foedus.scenario.formulas import Formula
from foedus.scenario.problems import ExpressionError, Problem
from foedus.scenario.scope import Scope
from foedus.scenario.tokens import DEEPEST, marked, too_deep
from foedus.scenario.translation import Translation

__all__ = ["ExpressionError", "Problem", "Scope", "parse", "read_formula"]


def read_formula(text: str, scope: Scope) -> Formula:
    """The formula that the text stands for in `scope`.

    Raises `ExpressionError` with every problem in the text, by character.

    >>> read_formula("2 * 3 + 1", Scope({}))
    Number(value=7.0)
    """
    return Translation(text, scope).formula(parse(text))


def parse(text: str, keywords: frozenset[str] = frozenset()) -> ast.expr:
    """The expression's syntax tree, checked for size. Its columns are one ahead of the text's.

    `keywords` are the words that may name an argument, as in `f(x, given=y)`.

    Raises `ExpressionError` for text that is no expression.
    """
    problems: list[Problem] = []
    ready = marked(text, problems, keywords)
    if not problems and not ready.strip():
        problems.append(Problem("F401", "the expression is empty", 0, max(1, len(text))))
    if problems:
        raise ExpressionError(text, tuple(problems))
    try:
        # Brackets make leading spaces and line breaks harmless.
        body = ast.parse(f"({ready})", mode="eval").body
    except (RecursionError, MemoryError):
        raise ExpressionError(text, (too_deep(text),)) from None
    except SyntaxError as error:
        raise ExpressionError(text, (_syntax(text, error),)) from None
    if len(text) > DEEPEST and _depth(body) > DEEPEST:  # each level takes a character
        raise ExpressionError(text, (too_deep(text),))
    return body


def _syntax(text: str, error: SyntaxError) -> Problem:
    """Python's complaint in our words, where Python stopped."""
    start = (error.offset or 2) - 2
    if start >= len(text.rstrip()) or start < 0:
        end = len(text.rstrip())
        return Problem("F401", "the expression stops short", max(0, end - 1), max(1, end))
    word = text[start:].split(maxsplit=1)[0] if text[start:].strip() else text[start]
    hint = ""
    if "else" in (error.msg or ""):
        hint = "a condition is written `x if c else y`"
    return Problem("F401", "this is not an expression", start, start + len(word), hint)


def _depth(body: ast.expr) -> int:
    """Levels of nesting, found without recursion."""
    deepest = 0
    waiting: deque[tuple[ast.AST, int]] = deque([(body, 1)])
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend(
            (inner, level + isinstance(inner, ast.expr)) for inner in ast.iter_child_nodes(node)
        )
    return deepest
