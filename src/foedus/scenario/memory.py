"""What has been read already, so that regimes and variants read only what they change."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from foedus.scenario.expressions import parse
from foedus.scenario.formulas import Formula
from foedus.scenario.scope import Scope, Symbol
from foedus.scenario.translation import Translation

T = TypeVar("T")


class Memory:
    """Formulas by text, and other things by the nodes that they were made from.

    A formula is used again where every name in its text still means the same
    and may be read. Equal texts so give the very same formula.
    """

    def __init__(self) -> None:
        self.used: set[str] = set()  # every name that some expression has used
        self._parsed: dict[str, ast.expr] = {}
        self._formulas: dict[str, list[tuple[dict[str, Symbol], frozenset[str], Formula]]] = {}
        self._made: dict[tuple[object, ...], tuple[Any, object]] = {}

    def formula(self, text: str, scope: Scope) -> Formula:
        """The formula that the text stands for; raises `ExpressionError`."""
        for uses, reads, formula in self._formulas.get(text, ()):
            if (scope.known is None or reads <= scope.known) and scope.means(uses):
                return formula
        if text not in self._parsed:
            self._parsed[text] = parse(text)
        translation = Translation(text, scope)
        try:
            formula = translation.formula(self._parsed[text])
        finally:
            self.used |= set(translation.uses)
        entry = (translation.uses, frozenset(translation.reads), formula)
        self._formulas.setdefault(text, []).append(entry)
        return formula

    def once(self, what: str, keys: tuple[object, ...], make: Callable[[], T]) -> T:
        """What `make` makes from these very objects, made the first time only."""
        key = (what, *((k if isinstance(k, str) else id(k)) for k in keys))
        if key not in self._made:
            self._made[key] = (make(), keys)  # keeping the objects keeps their ids theirs
        return self._made[key][0]  # type: ignore[no-any-return]
