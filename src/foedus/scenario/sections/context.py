"""What every section needs while the rules of one regime are read."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.scenario.constants import number
from foedus.scenario.diagnostics import Report
from foedus.scenario.formulas import ONE, Formula
from foedus.scenario.memory import Memory
from foedus.scenario.names import is_name
from foedus.scenario.nodes import Mapping, Node, Place, Scalar, pairs
from foedus.scenario.problems import BROKEN, ExpressionError
from foedus.scenario.scope import Scope
from foedus.scenario.suggestions import did_you_mean


class Context:
    """The edited tree, the report, and what other regimes have read already."""

    def __init__(self, tree: Mapping, report: Report, memory: Memory) -> None:
        self.tree = tree
        self.report = report
        self.memory = memory

    def section(self, name: str) -> Iterator[tuple[Scalar, Node]]:
        """Well-named entries of a top-level mapping."""
        return named(self.tree.get(name))

    def formula(self, node: Node | None, scope: Scope, default: Formula = ONE) -> Formula:
        """The formula in a field, the default where the field is left out."""
        if node is None:
            return default
        if not isinstance(node, Scalar) or node.null or node.truth is not None:
            return BROKEN
        if node.number is not None:
            return number(node.number)
        try:
            return self.memory.formula(node.text, scope)
        except ExpressionError as error:
            for p in error.problems:
                hint = p.hint or before_comma(node, p.message)
                self.report.error(p.code, node.part(p.start, p.stop), p.message, hint=hint)
            return BROKEN

    def known(self, node: Node | None, names: object, what: str) -> str | None:
        """The name in a field if it is one of `names`; otherwise a diagnostic."""
        if not isinstance(node, Scalar) or not is_name(node.text):
            return None
        if node.text in names:  # type: ignore[operator]
            return node.text
        self.unknown(node.place, node.text, names, what)
        return None

    def unknown(self, place: Place, word: str, names: object, what: str) -> None:
        """Say that there is no such player, factor, level, ..."""
        listed = [str(name) for name in names]  # type: ignore[attr-defined]
        hint = did_you_mean(word, listed, f"{what}s")
        self.report.error("F304", place, f"there is no {what} `{word}`", hint=hint)


def before_comma(node: Scalar, message: str) -> str:
    """What helps where a comma in an unquoted expression has cut it short."""
    cut = node.source.text[node.stop : node.stop + 1] == "," and "never closed" in message
    return "between { and } an expression with a comma stands in quotes" if cut else ""


def named(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """Entries of a mapping whose keys can be names; the others have been reported."""
    return ((key, value) for key, value in pairs(node) if is_name(key.text))
