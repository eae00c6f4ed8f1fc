"""An equilibrium of a tree: play by information set, what it is worth, beliefs, its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.trees.evidence import TreeCertificate
from foedus.equilibrium.trees.rationality import Rationality
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    import pandas as pd

    from foedus.equilibrium.stochastic.nash import Nash


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeEquilibrium:
    """A solved tree.

    - `play`: for each information set, the probability of each action, nature's included.
    - `precision`: of each player; infinite in a Nash equilibrium.
    - `rationality`: what kind of equilibrium it is: sequential, subgame perfect, Nash; None for
        logit play, where every set is reached and every belief is Bayes' rule.
    - `found_by`: in words.
    """

    game: ExtensiveGame
    solver: Logit | Nash
    play: tuple[tuple[float, ...], ...] = field(repr=False)
    certificate: TreeCertificate
    precision: Float[np.ndarray, "players"]
    rationality: Rationality | None
    found_by: str
    seconds: float

    def __post_init__(self) -> None:
        self.precision.flags.writeable = False

    @property
    def values(self) -> Float[np.ndarray, "players"]:
        """Expected payoffs, by player."""
        return np.array(self.certificate.values)

    @property
    def concept(self) -> str:
        """`logit`, `sequential`, `weak perfect Bayesian`, `subgame perfect` or `Nash`."""
        return "logit" if self.rationality is None else self.rationality.concept

    @property
    def is_pure(self) -> bool:
        """Whether nobody mixes."""
        return all(max(self.play[at]) >= 1 - 1e-9 for at in self.game.decisions)

    def strategy(self, name: str | int, *, player: str | None = None) -> dict[str, float]:
        """The probability of each action at an information set, by its label or number.

        Raises `QueryError` for a set that does not exist, or a label that several have.
        """
        at = self.game.find(name, player)
        return dict(zip(self.game.sets[at].actions, self.play[at], strict=True))

    def beliefs(self, name: str | int, *, player: str | None = None) -> dict[int, float]:
        """What the mover at an information set believes: the probability of each of its nodes."""
        at = self.game.find(name, player)
        return dict(zip(self.game.members[at], self.certificate.beliefs[at], strict=True))

    def reached(self) -> dict[int, float]:
        """The probability with which play ends at each leaf."""
        chance = [1.0] * len(self.game.nodes)
        for number, node in enumerate(self.game.nodes):
            if node.parent >= 0:
                step = self.play[self.game.nodes[node.parent].at][node.branch]
                chance[number] = chance[node.parent] * step
        return {leaf: chance[leaf] for leaf in self.game.leaves}

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each choice: player, information set, action, probability, action value."""
        import pandas as pd

        rows = []
        for at in self.game.decisions:
            one = self.game.sets[at]
            assert one.player is not None
            earned = self.certificate.action_values[at]
            for action, chance, value in zip(one.actions, self.play[at], earned, strict=True):
                rows.append(
                    {
                        "player": self.game.players[one.player],
                        "information set": self.game.name(at),
                        "action": action,
                        "probability": chance,
                        "action value": value,
                    }
                )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return "\n  ".join([f"TreeEquilibrium of {self.game!r}", *self._lines()])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self._lines())
        table = self.to_dataframe().to_html(max_rows=40, float_format="{:.4g}".format, index=False)
        return (
            f"<p><strong>Equilibrium</strong> of {escape(repr(self.game))}</p>"
            f"<ul>{lines}</ul>{table}"
        )

    def _lines(self) -> Iterator[str]:
        if self.rationality is None:
            pairs = zip(self.game.players, self.precision, strict=True)
            yield "logit precision: " + ", ".join(f"{name} {value:g}" for name, value in pairs)
        else:
            yield str(self.rationality)
        pairs = zip(self.game.players, self.values, strict=True)
        yield "values: " + ", ".join(f"{name} {value:.6g}" for name, value in pairs)
        yield f"certificate: {self.certificate}"
        yield f"{self.found_by}; {self.seconds:.2g} s"
