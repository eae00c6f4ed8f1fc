r"""One period of a game with private types: beliefs forwards, values backwards.

Given a guess of how likely every informative action is, the forward pass weighs the nodes of each
information set by Bayes' rule, and the backward pass gives each set its action values

    Q(I, a) = Σ_n μ(n | I) Q(n, a),    y(I, a) = λ Q(I, a),    σ(I, .) = softmax y(I, .)

Weights are logarithms, so that beliefs after unlikely actions are the limits of logit play.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.equilibrium.private.sight import Seat, Sight
from foedus.equilibrium.private.splitting import split
from foedus.game.game import Tables
from foedus.game.stages import Chance, Turn

EULER_GAMMA = float(np.euler_gamma)
TINY = 1e-14  # a posterior below this is as good as zero, and kept above it
IMPOSSIBLE = 1e-300  # stands for the probability 0 of a type, where a logarithm is taken

Guess = tuple[tuple[np.ndarray, ...], ...]
"""y by stage and member, (information sets, actions); padded actions at -inf."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Swept:
    """`values` (players, states) at the start of the period; `answer`: y as it comes out.

    `drawn[k]`: (nodes, columns) probabilities where stage k draws the next belief, else None.
    """

    values: np.ndarray
    answer: Guess
    drawn: tuple[np.ndarray | None, ...]


class Period:
    """A period with given tables, precisions and priors; `sweep` is the map whose fixed point is
    play.

    `share`: of the precision, with which players respond. Shocks keep their full size, so that at
    a share of 0 everybody plays evenly and values are finite.
    """

    def __init__(
        self,
        sight: Sight,
        tables: Tables,
        precision: np.ndarray,
        priors: tuple[np.ndarray, ...],
        *,
        shock: bool,
    ) -> None:
        self.sight, self.tables, self.precision, self.shock = sight, tables, precision, shock
        self.structure, self.information = sight.structure, sight.information
        self.priors, self.share = priors, 1.0
        self.start = self._log_beliefs()
        self.occupied = [stage.occupied for stage in self.structure.stages]

    def at(self, share: float) -> Period:
        """The same period, where players respond with that share of their precision."""
        other = copy(self)
        other.share = share
        return other

    def blank(self) -> Guess:
        """Uniform play."""
        return tuple(
            tuple(np.where(seat.available, 0.0, -np.inf) for seat in seats)
            for seats in self.sight.seats
        )

    def sweep(self, guess: Guess, following: np.ndarray) -> Swept:
        """Everybody's response to the guess, where `following` (players, states) comes after."""
        logs = [tuple(log_softmax(y) for y in guess[k]) for k in range(len(self.structure.stages))]
        weights, drawn = self.forwards(logs)
        return self._backwards(logs, weights, drawn, following)

    def _log_beliefs(self) -> np.ndarray:
        """Log probability of each live state's types under its belief."""
        info = self.information
        total = np.zeros(len(info.beliefs))
        for j, prior in enumerate(self.priors):
            rows = np.concatenate([prior[None], info.grids[j].reshape(-1, len(prior))])
            # A type that is thought impossible still knows how likely the types of others are.
            total += np.log(np.maximum(rows, IMPOSSIBLE))[info.beliefs[:, j], info.types[0][:, j]]
        return total

    def forwards(
        self, logs: list[tuple[np.ndarray, ...]]
    ) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
        """Log weights of all nodes, and the draws of next beliefs that they imply."""
        stages = self.structure.stages
        weights, drawn = [self.start], []
        for k, stage in enumerate(stages):
            edge = np.zeros(stage.shape)
            if isinstance(stage, Chance):
                now = None
                for j, at in enumerate(self.information.draws):
                    if at == k:
                        now = self._draw(k, j, weights[k])
                drawn.append(now)
                with np.errstate(divide="ignore"):
                    edge = np.log(np.asarray(self.tables.probability[k] if now is None else now))
            else:
                drawn.append(None)
                for seat, log in zip(self.sight.seats[k], logs[k], strict=True):
                    own = np.where(seat.knows[:, None], log[seat.group], 0.0)
                    edge = edge + along(own, seat.member, stage)
            if k + 1 < len(stages):
                after = np.full(stages[k + 1].shape[0], -np.inf)
                occupied = self.occupied[k]
                lead = weights[k].reshape(-1, *[1] * (edge.ndim - 1))
                after[stage.successor[occupied]] = (lead + edge)[occupied]
                weights.append(after)
        return weights, drawn

    def _draw(self, k: int, j: int, weight: np.ndarray) -> np.ndarray:
        """Probabilities of the next belief about player j at the nodes of stage k."""
        info, stage = self.information, self.structure.stages[k]
        types = info.types[k][:, j]
        ended = types < 0
        share = self.posterior(k, j, weight)
        codes = split(share, info.grids[j], self.priors[j])
        points = np.concatenate([self.priors[j][None], info.grids[j]])
        by_type = codes[:, :, None] * points[None] / share[:, None, :]  # (public, codes, types)
        own = info.beliefs[self.sight.state[k], j]
        answer = np.zeros(stage.shape)
        answer[ended, 0] = 1.0
        nodes = np.flatnonzero(~ended)
        told = by_type[info.public[k][nodes], :, types[nodes]]
        # Nobody learns anything from a type that was thought impossible before.
        never = self.impossible(k, j)[nodes]
        told[never] = codes[info.public[k][nodes[never]]]
        told = told / told.sum(axis=1, keepdims=True)
        answer[nodes[:, None], 1 + np.arange(told.shape[1])] = told
        answer[nodes, 0] = answer[nodes, 1 + own[nodes]]
        answer[nodes, 1 + own[nodes]] = 0.0
        return answer

    def impossible(self, k: int, j: int) -> np.ndarray:
        """Whether the belief of the period gives probability 0 to player j's type at a node."""
        info = self.information
        points = np.concatenate([self.priors[j][None], info.grids[j].reshape(-1, info.sizes[j])])
        belief = points[info.beliefs[self.sight.state[k], j]]
        return np.asarray(belief[np.arange(len(belief)), info.types[k][:, j]] == 0)

    def posterior(self, k: int, j: int, weight: np.ndarray) -> np.ndarray:
        """(public nodes, types) what is believed of player j at stage k, never quite 0."""
        types, public = self.information.types[k][:, j], self.information.public[k]
        share = np.zeros((public.max() + 1, self.information.sizes[j]))
        alive = types >= 0
        np.add.at(share, (public[alive], types[alive]), relative(weight, public)[alive])
        total = share.sum(axis=1, keepdims=True)
        share = np.where(total > 0, share, 1.0)
        share = np.maximum(share / share.sum(axis=1, keepdims=True), TINY)
        return np.asarray(share / share.sum(axis=1, keepdims=True))

    def _backwards(
        self,
        logs: list[tuple[np.ndarray, ...]],
        weights: list[np.ndarray],
        drawn: list[np.ndarray | None],
        following: np.ndarray,
    ) -> Swept:
        tables, stages = self.tables, self.structure.stages
        values = np.asarray(tables.discount, float)[:, None] * following
        answer: list[tuple[np.ndarray, ...]] = []
        for k in reversed(range(len(stages))):
            stage, paid = stages[k], tables.payoff[k]
            worth = values[:, stage.successor]
            if paid is not None:
                worth = worth + np.asarray(paid, float)
            worth = np.where(self.occupied[k], worth, 0.0)
            if isinstance(stage, Chance):
                now = drawn[k]
                chances = np.asarray(tables.probability[k], float) if now is None else now
                values = np.einsum("na,pna->pn", chances, worth)
                answer.append(())
                continue
            response, values = self._respond(k, stage, worth, logs[k], weights[k])
            answer.append(response)
        now = np.array(tables.flow, float)
        now[:, : self.structure.states.n_live] += values
        return Swept(values=now, answer=tuple(answer[::-1]), drawn=tuple(drawn))

    def _respond(
        self,
        k: int,
        stage: Any,
        worth: np.ndarray,
        logs: tuple[np.ndarray, ...],
        weight: np.ndarray,
    ) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        """Action values of every member, and what the stage is worth when they are used."""
        seats = self.sight.seats[k]
        before = [
            along(np.exp(log)[seat.group], seat.member, stage)
            for seat, log in zip(seats, logs, strict=True)
        ]
        response, after = [], []
        for j, seat in enumerate(seats):
            others = np.ones(stage.shape)
            for i in range(len(seats)):
                if i != j:
                    others = others * before[i]
            nodes = np.arange(len(seat.mover))
            own = worth[seat.mover, nodes] * others
            unseen = tuple(i + 1 for i in range(len(seats)) if i != j)
            y = self._values(seat, own.sum(axis=unseen), weight)
            response.append(y)
            after.append(np.exp(log_softmax(y)))
        joint = np.ones(stage.shape)
        for seat, sigma in zip(seats, after, strict=True):
            joint = joint * along(sigma[seat.group], seat.member, stage)
        values = (worth * joint).reshape(*worth.shape[:2], -1).sum(axis=-1)
        if self.shock:
            for seat, sigma in zip(seats, after, strict=True):
                moving = np.flatnonzero(seat.mover >= 0)
                values[seat.mover[moving], moving] += self.surplus(seat, sigma)[moving]
        return tuple(response), values

    def _values(self, seat: Seat, own: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """λ Q of every information set: means of what the action is worth at its nodes."""
        share = relative(weight, seat.group)
        groups = len(seat.of_group)
        total = np.zeros(groups)
        np.add.at(total, seat.group, share)
        mean = np.zeros((groups, own.shape[1]))
        np.add.at(mean, seat.group, share[:, None] * own)
        mean /= total[:, None]
        mover = seat.mover[seat.of_group]
        sharp = np.where(mover >= 0, self.precision[mover], 0.0)
        return np.where(seat.available, self.share * sharp[:, None] * mean, -np.inf)

    def surplus(self, seat: Seat, sigma: np.ndarray) -> np.ndarray:
        entropy = -(sigma * np.log(np.where(sigma > 0, sigma, 1.0))).sum(axis=1)
        sharp = np.where(seat.mover >= 0, self.precision[seat.mover], 1.0)
        return np.asarray((entropy[seat.group] + EULER_GAMMA) / sharp)


def relative(weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weights over the largest of their group; even ones where all are zero."""
    top = np.full(group.max(initial=-1) + 1, -np.inf)
    np.maximum.at(top, group, weight)
    behind = np.where(np.isfinite(top[group]), top[group], 0.0)
    return np.where(np.isfinite(top[group]), np.exp(weight - behind), 1.0)


def along(own: np.ndarray, member: int, stage: Any) -> np.ndarray:
    """A member's own axis at its place among the axes of the stage."""
    if isinstance(stage, Turn):
        return own
    shape = [len(own)] + [1] * (len(stage.shape) - 1)
    shape[member + 1] = own.shape[1]
    return own.reshape(shape)


def log_softmax(y: np.ndarray) -> np.ndarray:
    """Log probabilities of the logit response, row by row."""
    top = y.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.asarray(y - top - np.log(np.exp(y - top).sum(axis=1, keepdims=True)))
