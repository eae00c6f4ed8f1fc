"""What a player believes of others' types when it has to choose, on average over its occasions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foedus.errors import QueryError
from foedus.findings.occasions import Choice, Occasion
from foedus.game.game import Game
from foedus.scenario.formulas import variables


def beliefs(game: Game, occasion: Occasion) -> Mapping[str, Mapping[str, float]]:
    """Player -> type -> probability, of the others who have types; empty where nobody has."""
    information = game.information
    if information is None:
        return {}
    reached = occasion.reached.reshape(len(occasion.origin), -1).sum(axis=1)
    kinds = information.types[occasion.choice.stage][occasion.origin]
    found = {}
    for j, player in enumerate(information.players):
        name = game.players[player]
        if name == occasion.choice.player:
            continue
        levels = game.structure.states.levels[information.factors[j][0]]
        share = np.bincount(kinds[:, j], reached, minlength=len(levels)) / reached.sum()
        found[name] = dict(zip(levels, share.tolist(), strict=True))
    return found


def require_known(game: Game, choice: Choice, situation: str | None) -> None:
    """Raises `QueryError` for a situation that turns on what another player keeps to itself."""
    if situation is None or game.information is None or game.origin is None:
        return
    read = variables(game.origin.read(situation))
    for one in game.origin.rules.types:
        if one.player != choice.player and one.factor in read:
            raise QueryError(
                f"{choice.player} does not know {one.factor}; ask about moves that it has seen, "
                "and the explanation says what it believes"
            )
