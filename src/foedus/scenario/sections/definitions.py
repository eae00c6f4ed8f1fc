"""The section `define`: named expressions, read when something first needs them."""

from __future__ import annotations

from foedus.scenario.formulas import Formula
from foedus.scenario.nodes import Node, Scalar
from foedus.scenario.problems import BROKEN
from foedus.scenario.scope import BrokenName, DefineName, Scope, define_name
from foedus.scenario.sections.context import Context

LONGEST_CHAIN = 60  # definitions that need each other, one inside the other


class Definition:
    """A definition that reads itself on first use, so that the order of the file is free."""

    def __init__(self, key: Scalar, node: Node, context: Context, scope: Scope) -> None:
        self.key = key
        self.node = node
        self.context = context
        self.scope = scope
        self.open: list[Definition] = []  # shared by all: those being read, outermost first

    def resolve(self) -> DefineName | BrokenName:
        """The definition's symbol. A circle is reported once and breaks its names."""
        name = self.key.text
        if self in self.open:
            circle = self.open[self.open.index(self) :]
            first = min(circle, key=lambda d: d.key.start)
            at = circle.index(first)
            names = [d.key.text for d in [*circle[at:], *circle[:at], first]]
            self.context.report.error(
                "F308",
                first.key.place,
                f"definitions go round in a circle: {' → '.join(names)}",
                hint="one of them must do without the others",
            )
            return BrokenName(name)
        if len(self.open) >= LONGEST_CHAIN:
            message = f"definitions build on each other more than {LONGEST_CHAIN} deep"
            self.context.report.error("F402", self.key.place, message)
            return BrokenName(name)
        self.open.append(self)
        formula = self.context.formula(self.node, self.scope)
        self.open.pop()
        symbol = (
            BrokenName(name)
            if formula is BROKEN
            else self.context.memory.once(
                "define", (name, formula), lambda: define_name(name, formula)
            )
        )
        self.scope.symbols[name] = symbol
        return symbol


def declare(context: Context, scope: Scope) -> None:
    """Put every definition into the scope, unread."""
    open_: list[Definition] = []
    for key, node in context.section("define"):
        if key.text not in scope.symbols:
            definition = Definition(key, node, context, scope)
            definition.open = open_
            scope.symbols[key.text] = definition


def read_definitions(context: Context, scope: Scope) -> dict[str, Formula]:
    """All definitions by name, in the order of the file."""
    formulas = {}
    for key, _ in context.section("define"):
        symbol = scope.symbol(key.text)
        if isinstance(symbol, DefineName):
            formulas[key.text] = symbol.formula
    return formulas
