"""Why a player acts so, as figures and in words: what `explain` gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from foedus.findings.wording import paragraph

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Contrast:
    """How much more one action is worth than another, wherever the player can do either.

    - `now`, `later`: by part; they add up to `difference`.
    - `share`: of the situations, by likelihood, in which both actions are available.
    """

    preferred: str
    alternative: str
    now: Mapping[str, float]
    later: Mapping[str, float]
    share: float

    @property
    def difference(self) -> float:
        """What the preferred action is worth more, in the player's unit."""
        return sum(self.now.values()) + sum(self.later.values())


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """Why a player acts as it does in some situation, from the equilibrium itself.

    All figures are averages over the situations that fit, by how likely play from `start`
    gets into each in that period. Actions are in the order of the file.

    - `probability`: how often each action is chosen. `available`: how often it can be.
    - `now`, `later` (actions, parts): what choosing it brings from here to the end of the
        period, and afterwards, discounted; together they are the action's value exactly.
    - `next`: probability of each level of each factor in the next period, (actions, levels).
    - `likelihood`: probability of getting there; `situations`: how many there are.
    - `contrasts`: the action chosen most against each of the others, likeliest first.
    - `beliefs`: what it believes of others who have private types, player -> type -> probability.
    """

    player: str
    label: str
    move: str
    situation: str | None
    start: str
    period: int
    calendar: str  # what a period is called
    likelihood: float
    situations: int
    unseen: tuple[str, ...]
    convention: str
    actions: tuple[str, ...]
    action_labels: Mapping[str, str]
    parts: tuple[str, ...]
    probability: Float[np.ndarray, "actions"]
    available: Float[np.ndarray, "actions"]
    now: Float[np.ndarray, "actions parts"]
    later: Float[np.ndarray, "actions parts"]
    next: Mapping[str, Mapping[str, Float[np.ndarray, "actions"]]]
    contrasts: tuple[Contrast, ...] = field(repr=False)
    beliefs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def values(self) -> Float[np.ndarray, "actions"]:
        """What each action is worth."""
        found: np.ndarray = (self.now + self.later).sum(axis=1)
        return found

    @property
    def text(self) -> str:
        """The reason in words, made from the figures."""
        return paragraph(self)

    def __str__(self) -> str:
        return self.text

    def to_dataframe(self) -> pd.DataFrame:
        """One row per action: probability, value, and each part now and later."""
        import pandas as pd

        columns: dict[tuple[str, str], np.ndarray] = {
            ("probability", ""): self.probability,
            ("available", ""): self.available,
            ("value", ""): self.values,
        }
        for j, part in enumerate(self.parts):
            columns[part, "now"] = self.now[:, j]
            columns[part, "later"] = self.later[:, j]
        return pd.DataFrame(columns, index=pd.Index(self.actions, name="action"))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "player": self.player,
            "move": self.move,
            "situation": self.situation,
            "start": self.start,
            "period": self.period,
            "likelihood": self.likelihood,
            "situations": self.situations,
            "beliefs": {player: dict(types) for player, types in self.beliefs.items()},
            "convention": self.convention,
            "actions": {
                action: {
                    "probability": float(self.probability[i]),
                    "available": float(self.available[i]),
                    "value": float(self.values[i]),
                    "now": dict(zip(self.parts, self.now[i].tolist(), strict=True)),
                    "later": dict(zip(self.parts, self.later[i].tolist(), strict=True)),
                    "next": {
                        factor: {level: float(p[i]) for level, p in levels.items()}
                        for factor, levels in self.next.items()
                    },
                }
                for i, action in enumerate(self.actions)
            },
            "contrasts": [
                {**vars(contrast), "difference": contrast.difference} for contrast in self.contrasts
            ],
            "text": self.text,
        }
