"""Gambit as an independent solver, for tests alone."""

from __future__ import annotations

import io
import warnings
from typing import Any

from foedus.game.trees import ExtensiveGame, game_text


def gambit() -> Any:
    """The module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pygambit
    return pygambit


def gambit_game(tree: ExtensiveGame) -> Any:
    """The tree as Gambit reads it."""
    return gambit().read_efg(io.StringIO(game_text(tree)))


def agent_logit(tree: ExtensiveGame, precision: float) -> dict[int, list[float]]:
    """Agent quantal response by information set."""
    (found,) = gambit().qre.logit_solve_lambda(
        gambit_game(tree), [precision], first_step=0.01, max_accel=1.02
    )
    play = {}
    for player, own in enumerate(found.profile):
        sets = [at for at in tree.decisions if tree.sets[at].player == player]
        for at, (_, chances) in zip(sets, own, strict=True):
            named = {action: float(chance) for action, chance in dict(chances).items()}
            play[at] = [named[action] for action in tree.sets[at].actions]
    return play


def extreme_count(tree: ExtensiveGame) -> int:
    """How many extreme equilibria Gambit's exact enumeration finds."""
    return len(gambit().nash.enummixed_solve(gambit_game(tree), rational=True).equilibria)


def pure_count(tree: ExtensiveGame) -> int:
    """How many pure equilibria Gambit finds in reduced strategies."""
    return len(gambit().nash.enumpure_solve(gambit_game(tree)).equilibria)
