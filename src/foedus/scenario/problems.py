"""What is wrong in an expression, by characters of its text."""

from __future__ import annotations

from typing import NamedTuple

from foedus.errors import QueryError
from foedus.scenario.formulas import ParameterValue, Reading

BROKEN = Reading("?")  # stands for the value of what has a problem
BROKEN_TERM = ParameterValue("?")  # the same in a statement


class Problem(NamedTuple):
    """One problem, at characters `start` to `stop` of the expression."""

    code: str
    message: str
    start: int
    stop: int
    hint: str = ""


class ExpressionError(QueryError):
    """An expression that cannot be read. `problems` lists everything found in `text`."""

    def __init__(self, text: str, problems: tuple[Problem, ...]) -> None:
        self.text = text
        self.problems = problems
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        flat = " ".join(self.text.splitlines()) if "\n" in self.text else self.text
        lines = []
        for p in self.problems:
            first = max(0, p.start - 40)
            shown = flat[first : first + 96]
            width = max(1, min(p.stop, first + len(shown)) - p.start)
            lines += [p.message, f"  {shown}", f"  {' ' * (p.start - first)}{'^' * width}"]
            lines += [f"  {p.hint}"] if p.hint else []
        return lines
