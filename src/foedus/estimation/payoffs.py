r"""What the endings of a tree are worth, as linear forms of covariates: stated one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from foedus.estimation.jets import Number
from foedus.estimation.tree import Tree

Utilities = dict[tuple[int, int], Number]


class Payoffs(Protocol):
    """Utilities and chances of a tree as functions of named linear forms."""

    @property
    def tree(self) -> Tree: ...

    def at(self, forms: Mapping[str, Number]) -> tuple[Utilities, Sequence[Number]]:
        """Utilities by (player, terminal), and the probability of every draw."""
        ...


@dataclass(frozen=True, kw_only=True)
class StatedPayoffs:
    """Each (player, terminal) is worth a fixed number plus the form of that name, if any."""

    tree: Tree
    forms: Mapping[tuple[int, int], str]
    fixed: Mapping[tuple[int, int], float]

    def at(self, forms: Mapping[str, Number]) -> tuple[Utilities, Sequence[Number]]:
        utilities: Utilities = dict(self.fixed)
        for place, name in self.forms.items():
            utilities[place] = forms[name] + self.fixed.get(place, 0.0)
        return utilities, self.tree.chances
