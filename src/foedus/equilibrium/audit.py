"""Every decision of a profile compared with its best reply and its logit response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foedus.equilibrium.evaluation import Decision
from foedus.equilibrium.play import move_names
from foedus.game.game import Game


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """The most one player gains anywhere by one deviation, in payoff units, and where."""

    player: str
    gain: float
    period: int
    stage: str
    node: int


class Audit:
    """The worst of everything seen so far, over all decisions of all periods."""

    def __init__(self, game: Game, precision: np.ndarray | None) -> None:
        self.game = game
        self.precision = precision
        self.regret = np.zeros(len(game.players))
        self.where: dict[int, tuple[int, int, int, int]] = {}
        self.residual = 0.0
        self.probability_error = 0.0

    def inspect(self, decision: Decision, period: int) -> None:
        strategy, possible = decision.strategy, decision.possible
        real = _over_actions(np.logical_or, possible)
        total = _over_actions(np.add, np.where(possible, strategy, 0.0))
        self._worst_probability(np.where(real, np.abs(total - 1.0), 0.0))
        self._worst_probability(np.maximum(-strategy, 0.0))
        if not possible.all():
            self._worst_probability(np.where(possible, 0.0, np.abs(strategy)))
        best = _over_actions(np.maximum, np.where(possible, decision.own, -np.inf))
        played = np.einsum("...a,...a->...", strategy, np.where(possible, decision.own, 0.0))
        gain = np.where(real, best - played, 0.0)
        gain = gain.reshape(len(gain), -1).max(axis=-1)
        for player in np.unique(decision.mover[decision.mover >= 0]):
            owned = np.where(decision.mover == player, gain, -np.inf)
            node = int(np.argmax(owned))  # the first NaN, if there is one
            if not owned[node] <= self.regret[player]:
                self.regret[player] = owned[node]
                self.where[int(player)] = (period, decision.stage, decision.member, node)
        if self.precision is not None:
            self._inspect_response(decision, best, real)

    def _inspect_response(self, decision: Decision, best: np.ndarray, real: np.ndarray) -> None:
        assert self.precision is not None
        moving = decision.mover >= 0
        sharp = np.where(moving, self.precision[decision.mover], 0.0)
        sharp = sharp.reshape(-1, *(1,) * (decision.own.ndim - 1))
        behind = np.where(real, best, 0.0)[..., None] - decision.own
        with np.errstate(under="ignore"):
            weight = np.exp(np.where(decision.possible, -sharp * behind, -np.inf))
        response = weight / np.where(real, _over_actions(np.add, weight), 1.0)[..., None]
        gap = np.abs(decision.strategy - response)
        self.residual = float(np.maximum(self.residual, gap.max(initial=0.0)))

    def _worst_probability(self, error: np.ndarray) -> None:
        self.probability_error = float(
            np.maximum(self.probability_error, error.max(initial=0.0))
        )  # np.maximum keeps NaN, max() would lose it

    def deviations(self) -> tuple[Deviation, ...]:
        found = []
        for player, (period, position, member, node) in sorted(self.where.items()):
            stage = self.game.structure.stages[position]
            found.append(
                Deviation(
                    player=self.game.players[player],
                    gain=float(self.regret[player]),
                    period=period,
                    stage=move_names(stage)[member],
                    node=node,
                )
            )
        return tuple(found)


def _over_actions(combine: np.ufunc, values: np.ndarray) -> np.ndarray:
    """The reduction of the last axis, column by column: several times faster where it is short."""
    answer = values[..., 0].copy()
    for action in range(1, values.shape[-1]):
        combine(answer, values[..., action], out=answer)
    return answer
