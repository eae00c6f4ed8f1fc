r"""The trees that the literature names by number, and the terms of their formulas in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foedus.errors import DataError
from foedus.estimation.tree import Tree, read_tree


@dataclass(frozen=True, kw_only=True)
class Classic:
    """A tree over numbered outcomes; `terms` are the (player, outcome) of `u11 | u13 | ...`.

    `codes[a]` is the outcome that the 0/1 actions `a` of the players lead to; a shorter key
    stands for all that begin with it.
    """

    nested: Any
    terms: tuple[tuple[str, int], ...]
    codes: dict[tuple[int, ...], int]

    @property
    def size(self) -> int:
        return 1 + max(outcome for _, outcome in self.terms)

    def tree(self, labels: Sequence[str]) -> Tree:
        """The tree with these outcome labels."""
        if len(labels) != self.size:
            raise DataError(
                f"this game has {self.size} outcomes, and {len(labels)} were given: "
                f"{', '.join(map(str, labels))}"
            )
        return read_tree(_labelled(self.nested, list(labels)))


def _labelled(part: Any, labels: list[str]) -> Any:
    if isinstance(part, int):
        return labels[part]
    player, left, right = part
    follows = {"0": _labelled(left, labels), "1": _labelled(right, labels)}
    return {"player": player, "actions": follows}


# Kenkel and Signorino (2014), figures 1 to 3: (player, what follows 0, what follows 1).
CLASSIC = {
    "egame12": Classic(
        nested=("1", 0, ("2", 1, 2)),
        terms=(("1", 0), ("1", 1), ("1", 2), ("2", 2)),
        codes={(0,): 0, (1, 0): 1, (1, 1): 2},
    ),
    "egame122": Classic(
        nested=("1", ("2", 0, 1), ("2", 2, 3)),
        terms=(("1", 0), ("1", 1), ("1", 2), ("1", 3), ("2", 1), ("2", 3)),
        codes={(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): 3},
    ),
    "egame123": Classic(
        nested=("1", 0, ("2", 1, ("3", 2, 3))),
        terms=(
            ("1", 0), ("1", 1), ("1", 2), ("1", 3),
            ("2", 1), ("2", 2), ("2", 3), ("3", 3),
        ),
        codes={(0,): 0, (1, 0): 1, (1, 1, 0): 2, (1, 1, 1): 3},
    ),
}  # fmt: skip
