"""Which draws make a game, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foedus.errors import GameError
from foedus.findings.numbers import one_draw, parameter_values
from foedus.game.game import Game
from foedus.game.pooled import PooledTables
from foedus.scenario.model import Rules

SLACK = 1e-9  # rounding of a sum of a handful of probabilities


class Soundness:
    """Checks a pool of numbers as `game.validity` checks tables, every different row once."""

    def __init__(self, rules: Rules, game: Game, tables: PooledTables, convention: str) -> None:
        self._rules, self._game, self._convention = rules, game, convention
        self._discount = tables.discount
        self._sums = _chance_rows(tables)
        self._paid = _payoff_rows(tables)

    def __call__(
        self, columns: Mapping[str, Any], pool: np.ndarray, sharp: np.ndarray
    ) -> dict[int, tuple[str, str]]:
        """The draws that are no game, each with what is wrong."""
        discount = pool[self._discount]
        good = (discount >= 0).all(axis=0) & (discount <= 1).all(axis=0)
        good &= np.isfinite(pool[self._paid]).all(axis=0)
        # A parameter may be nowhere in the pool, or only where it is multiplied by 0.
        for value in parameter_values(self._rules, columns).values():
            good &= np.isfinite(value)
        for rows in self._sums:
            chances = pool[rows]
            inside = (chances >= -SLACK) & (chances <= 1 + SLACK)
            good &= inside.all(axis=(0, 1))
            good &= (np.abs(chances.sum(axis=1) - 1) <= SLACK).all(axis=0)
        least = 0.0 if self._convention == "expected" else np.nextafter(0.0, 1.0)
        sound = np.isfinite(sharp).all(axis=0) & (sharp >= least).all(axis=0)
        wrong = {}
        for draw in np.flatnonzero(~(good & sound)).tolist():
            if not good[draw]:
                wrong[draw] = ("GameError", self._words(columns, draw))
            else:
                wrong[draw] = ("GameError", f"precisions are {sharp[:, draw].tolist()}")
        return wrong

    def _words(self, columns: Mapping[str, Any], draw: int) -> str:
        try:
            with np.errstate(all="ignore"):
                self._game.at(**parameter_values(self._rules, one_draw(columns, draw)))
        except GameError as error:
            return str(error)
        return "these numbers do not make a game"


def _chance_rows(tables: PooledTables) -> list[np.ndarray]:
    """The different rows of each chance stage, (rows, outcomes)."""
    return [np.unique(p, axis=1).T for p in tables.probability if p is not None]


def _payoff_rows(tables: PooledTables) -> np.ndarray:
    """Every row of the pool that pays or discounts."""
    paid = [rows.ravel() for stage in tables.payoff for rows in stage.values()]
    return np.unique(np.concatenate([tables.flow.ravel(), tables.terminal.ravel(), *paid]))
