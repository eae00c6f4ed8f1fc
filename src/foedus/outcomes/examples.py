"""A game small enough to check by hand, for the examples in this room."""

from __future__ import annotations

import numpy as np

from foedus.game.game import Game, StateSpace, Structure, Tables
from foedus.game.profile import Profile
from foedus.game.stages import Chance
from foedus.outcomes.play import Play


def truce() -> Play:
    """A truce breaks with probability 1/4 a year, a war ends with probability 1/2.

    One player pays 1 for every year of war, and discounts by 1/2.
    """
    space = StateSpace(
        factors=("phase",),
        levels=(("peace", "war"),),
        codes=np.array([[0], [1]], dtype=np.int16),
        n_live=2,
    )
    follows = Chance(
        name="phase",
        successor=np.array([[0, 1], [0, 1]], dtype=np.int32),
        possible=np.ones((2, 2), dtype=bool),
    )
    structure = Structure(
        players=("A",),
        player_labels=("A",),
        states=space,
        stages=(follows,),
        horizon=None,
        starts={"peace": np.array([1.0, 0.0]), "war": np.array([0.0, 1.0])},
        period="year",
        evaluate=3,
    )
    tables = Tables(
        discount=np.array([0.5]),
        flow=np.array([[0.0, -1.0]]),
        terminal=np.zeros((1, 2)),
        payoff=(np.zeros((1, 2, 2)),),
        probability=(np.array([[0.75, 0.25], [0.5, 0.5]]),),
    )
    return Play(Game(structure=structure, tables=tables), Profile((None,)))
