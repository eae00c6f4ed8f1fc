"""Play as a source prescribes it, and where along a parameter nobody gains by deviating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import foedus as fd
from foedus.equilibrium.private.consistency import certify_private
from foedus.equilibrium.private.induction import prepared
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance
from foedus.numerics.switching import switch

NO_GAIN = 1e-9


def ends(game: fd.Game, case: Mapping[str, Any]) -> list[float]:
    """Where the prescribed play begins or ceases to be an equilibrium, in ascending order.

    `play` lists what is played, the first entry that fits; `*` is any move. Information sets that
    are never reached put no bound on beliefs, so what is played there is only listed.
    """
    profile = _profile(game, case["play"])

    def side(values: np.ndarray) -> np.ndarray:
        return np.array([_regret(game, profile, case, value) <= NO_GAIN for value in values])

    return switch(side, *case["between"], points=24, tolerance=1e-6).at.tolist()


def _regret(game: fd.Game, profile: Profile, case: Mapping[str, Any], value: float) -> float:
    here = game.at(**case.get("at", {}), **{case["parameter"]: value})
    solver = fd.Logit(precision=1.0).settled(here)
    here, _, _ = prepared(here, solver)
    return certify_private(here, profile, precision=[1.0] * len(here.players)).regret


def _profile(game: fd.Game, play: Sequence[Mapping[str, Any]]) -> Profile:
    stages: list[Any] = []
    for k, stage in enumerate(game.structure.stages):
        if isinstance(stage, Chance):
            stages.append(None)
            continue
        block = isinstance(stage, Block)
        names = stage.names if block else (stage.name,)
        actions = stage.action if block else (stage.action,)
        words = stage.action_names if block else (stage.action_names,)
        members = []
        for j, name in enumerate(names):
            own = np.zeros(actions[j].shape)
            for node in range(len(own)):
                known = dict(game.origin.situation(k, node))
                column = 0
                if (actions[j][node] >= 0).any():
                    wanted = words[j].index(_action(play, name, known))
                    column = actions[j][node].tolist().index(wanted)
                own[node, column] = 1.0
            shape = [1, len(own), *[1] * len(names)]
            shape[2 + j] = own.shape[1]
            members.append(own.reshape(shape))
        stages.append(tuple(members) if block else members[0])
    return Profile(tuple(stages))


def _action(play: Sequence[Mapping[str, Any]], move: str, known: Mapping[str, str]) -> str:
    for rule in play:
        if rule["move"] in (move, "*") and rule["when"].items() <= known.items():
            return str(rule["action"])
    raise ValueError(f"nothing is prescribed for {move} where {known}")
