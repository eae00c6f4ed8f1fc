"""Starts that quantities make for themselves: a declared one with some factors at other levels."""

from __future__ import annotations

from collections.abc import Mapping

from foedus.scenario.model import Start
from foedus.scenario.nodes import Node, Scalar
from foedus.scenario.sections.context import Context, named
from foedus.scenario.sections.state import Factor
from foedus.scenario.sections.transitions import level_code


class OwnStarts:
    """Every start that is made, once, under a name that no declared start can have."""

    def __init__(
        self, context: Context, declared: tuple[Start, ...], factors: Mapping[str, Factor]
    ) -> None:
        self.context = context
        self.declared = {start.name: start for start in declared}
        self.factors = factors
        self.made: dict[str, Start] = {}

    def changed(self, base: str | None, levels: Mapping[str, int]) -> str | None:
        """The name of the start that differs from `base` in these levels; `base` if in none.

        Without `base` the first declared start is meant.
        """
        start = self.declared[base] if base else next(iter(self.declared.values()), None)
        if start is None or not levels:
            return base
        said = [
            f"{name} {factor.variable.levels[levels[name]]}"
            for name, factor in self.factors.items()
            if name in levels and factor.variable is not None
        ]
        name = ", ".join([start.name, *said])
        self.made[name] = Start(
            name=name,
            label=", ".join([start.label, *said]),
            factors={**start.factors, **{factor: {code: 1.0} for factor, code in levels.items()}},
            base=start.name,
        )
        return name

    def levels(self, node: Node | None) -> dict[str, int]:
        """Factor -> level code, as a quantity's `from` gives them."""
        found = {}
        for key, value in named(node):
            if self.context.known(key, self.factors, "factor") and isinstance(value, Scalar):
                factor = self.factors[key.text]
                code = level_code(self.context, value, factor)
                if value.text in {ending.text for ending, _ in factor.endings}:
                    message = f"play cannot begin at the ending `{value.text}`"
                    self.context.report.error("F603", value.place, message)
                elif code is not None:
                    found[key.text] = code
        return found

    def each_level(self, base: str | None, levels: Mapping[str, int], over: str) -> tuple[str, ...]:
        """Names of the starts that have one level each of the factor `over`, endings left out."""
        factor = self.factors[over]
        if factor.variable is None or not self.declared:
            return ()
        codes = range(len(factor.variable.levels) - len(factor.endings))
        names = (self.changed(base, {**levels, over: code}) for code in codes)
        return tuple(name for name in names if name is not None)
