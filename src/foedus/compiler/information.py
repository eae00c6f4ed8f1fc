"""Who knows what in a compiled scenario: which nodes of its frame differ in private types alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.compiler.expansion import ENDED
from foedus.compiler.frame import Frame
from foedus.compiler.schedule import DrawStep, next_name
from foedus.errors import GameError
from foedus.game.information import Information
from foedus.scenario.formulas import evaluate
from foedus.scenario.model import Rules

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class TypePriors:
    """Implements `information.Priors` for a scenario."""

    rules: Rules
    lookup: Lookup

    def __call__(self, values: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
        """The priors at these parameter values; raises `GameError` for impossible ones."""
        algebra = ArrayAlgebra(self.lookup, {}, dict(values))
        found = []
        for one in self.rules.types:
            prior = np.array([float(evaluate(formula, algebra)) for formula in one.priors])
            if (prior < -_ROUNDING).any() or abs(prior.sum() - 1) > _ROUNDING:
                said = ", ".join(f"{p:.6g}" for p in prior)
                raise GameError(f"the types of {one.player} have the priors {said}")
            found.append(np.maximum(prior, 0.0) / np.maximum(prior, 0.0).sum())
        return tuple(found)


def information_of(rules: Rules, lookup: Lookup, frame: Frame) -> Information | None:
    """What the solver has to know about private types; None in a game without any."""
    if not rules.types:
        return None
    players = [player.name for player in rules.players]
    names = [factor.name for factor in rules.factors]
    own = {one.factor for one in rules.types} | {next_name(one.factor) for one in rules.types}
    types, public = [], []
    for layer in frame.layers:
        columns = layer.columns
        types.append(np.stack([columns[one.factor] for one in rules.types], axis=1).astype(int))
        seen = [columns[n].astype(int) for n in sorted(columns) if n not in own and n != ENDED]
        key = np.stack(seen, axis=1) if seen else np.zeros((len(types[-1]), 1), int)
        public.append(np.unique(key, axis=0, return_inverse=True)[1].reshape(-1))
    live = frame.states[: frame.n_live]
    drawn = {
        step.factor.name: position
        for position, step in enumerate(frame.schedule.steps)
        if isinstance(step, DrawStep)
    }
    return Information(
        players=tuple(players.index(one.player) for one in rules.types),
        sizes=tuple(len(one.types) for one in rules.types),
        types=tuple(types),
        public=tuple(public),
        beliefs=np.stack(
            [
                np.zeros(len(live), int) if one.belief is None else live[:, names.index(one.belief)]
                for one in rules.types
            ],
            axis=1,
        ).astype(int),
        grids=tuple(np.array(one.grid).reshape(-1, len(one.types)) for one in rules.types),
        draws=tuple(None if one.belief is None else drawn[one.belief] for one in rules.types),
        factors=tuple(
            (names.index(one.factor), -1 if one.belief is None else names.index(one.belief))
            for one in rules.types
        ),
        priors=TypePriors(rules=rules, lookup=lookup),
    )
