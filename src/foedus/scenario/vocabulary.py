"""What statements of a file may name, and what each name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foedus.scenario.model import EQUILIBRIUM
from foedus.scenario.nodes import Mapping as Tree
from foedus.scenario.nodes import child, pairs, text
from foedus.scenario.statements import Figure

PRECISION = "precision"  # of the logit response, which statements may read


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Names by what they stand for.

    - `quantities`: name -> what it is a distance to; "" for every other kind.
    - `others`: names that expressions may use and statements may not -> the kind of thing.
    """

    parameters: frozenset[str]
    quantities: Mapping[str, str]
    regimes: tuple[str, ...]
    mechanisms: tuple[str, ...]
    counterfactuals: tuple[str, ...]
    others: Mapping[str, str]

    @classmethod
    def of(cls, root: Tree, regimes: Iterable[str]) -> Vocabulary:
        """The words of a file; parameters are those of the rules as the file gives them."""
        sections = (("state", "a factor"), ("define", "a definition"), ("players", "a player"))
        return cls(
            parameters=frozenset({PRECISION, *_names(root, "parameters")}),
            quantities={
                key.text: text(child(node, "distance"))
                for key, node in pairs(root.get("quantities"))
            },
            regimes=tuple(regimes),
            mechanisms=_names(root, "mechanisms"),
            counterfactuals=_names(root, "counterfactuals"),
            others={name: kind for section, kind in sections for name in _names(root, section)},
        )

    def always_zero(self, figure: Figure) -> bool:
        """Whether the figure is the distance of something to itself."""
        if figure.without or figure.under:
            return False
        return self.quantities[figure.quantity] in (EQUILIBRIUM, figure.regime)


def _names(root: Tree, section: str) -> tuple[str, ...]:
    return tuple(key.text for key, _ in pairs(root.get(section)))
