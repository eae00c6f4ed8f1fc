"""Certificates of play with private types, by code that its solver does not share.

Beliefs are worked out again from the strategies by Bayes' rule, once from the nodes of each
information set and once from what arrives in each state of the next period, where the belief that
the state stands for has to be the share of each type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from foedus.equilibrium.certificate import Certificate, Deviation
from foedus.equilibrium.evaluation import Decision, Shocks, evaluate_period
from foedus.equilibrium.play import move_names, strategies_in
from foedus.errors import GameError
from foedus.game.game import Game, Tables
from foedus.game.information import Information
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance

SEEN = 1e-12  # arrivals less likely than this are not asked for their belief
UNSEEN = 1e-200  # information sets less likely than this have a belief by the limit alone


def certify_private(
    game: Game,
    profile: Profile,
    *,
    precision: Sequence[float],
    convention: str = "expected",
    values: np.ndarray | None = None,
    tolerance: float = 1e-8,
    solved: bool = True,
    selection: str = "",
    tried: tuple[str, ...] = (),
) -> Certificate:
    """How far play is from a logit equilibrium with beliefs by Bayes' rule.

    `regret` and `residual` are over information sets; `belief_error` is the largest difference
    between the belief that a state stands for and the share of each type among those who get
    there. Play that tells types apart where its player cannot counts as `probability_error`.
    """
    if game.information is None:
        raise GameError("nobody in this game has private types")
    audit = _Audit(game, game.information, np.asarray(precision, float))
    shocks = Shocks(precision=audit.precision if convention == "shock" else None)
    found = _evaluated(game, profile, shocks, audit)
    scale = max(1.0, float(np.abs(found).max(initial=0.0))) if np.isfinite(found).all() else np.inf
    value_error = None
    if values is not None:
        value_error = float(np.abs(values - found).max(initial=0.0)) / scale
    rounding = min(64 * np.finfo(float).eps * scale * float(audit.precision.max()), 1e-6)
    passed = all(
        [
            solved,
            np.isfinite(found).all(),
            audit.probability_error <= tolerance,
            audit.belief_error <= tolerance,
            value_error is None or value_error <= tolerance,
            audit.residual <= tolerance + 1e3 * rounding,
        ]
    )
    return Certificate(
        passed=bool(passed),
        regret=float(audit.regret.max(initial=0.0)),
        regret_by_player=dict(zip(game.players, audit.regret.tolist(), strict=True)),
        deviations=tuple(audit.where[player] for player in sorted(audit.where)),
        residual=audit.residual,
        value_error=value_error,
        probability_error=audit.probability_error,
        belief_error=audit.belief_error,
        tolerance=tolerance,
        solved=solved,
        selection=selection,
        tried=tried,
        values=found,
    )


def _evaluated(game: Game, profile: Profile, shocks: Shocks, audit: _Audit) -> np.ndarray:
    structure = game.structure
    if structure.horizon is None:
        tables, played = _now(game, profile, 0)
        from foedus.equilibrium.chain import stationary_values

        values = stationary_values(structure, tables, played, shocks)
        _, decisions = evaluate_period(structure, tables, played, values, shocks)
        audit.inspect(tables, played, decisions, 0)
        return np.asarray(values)[None]
    following = np.array(game.tables.flow, float)
    live = structure.states.n_live
    following[:, :live] = np.asarray(game.tables.terminal, float)[:, :live]
    found = [following]
    for period in reversed(range(structure.horizon)):
        tables, played = _now(game, profile, period)
        following, decisions = evaluate_period(structure, tables, played, following, shocks)
        found.append(following)
        audit.inspect(tables, played, decisions, period)
    return np.stack(found[::-1])


def _now(game: Game, profile: Profile, period: int) -> tuple[Tables, list[object]]:
    """The tables of a period, its draws of beliefs among them, and its strategies."""
    played = list(strategies_in(profile, period))
    chances = list(game.tables.probability)
    for k, stage in enumerate(game.structure.stages):
        if isinstance(stage, Chance) and played[k] is not None:
            chances[k], played[k] = played[k], None
    return replace(game.tables, probability=tuple(chances)), played


class _Audit:
    """The worst of everything seen so far."""

    def __init__(self, game: Game, information: Information, precision: np.ndarray) -> None:
        self.game, self.information, self.precision = game, information, precision
        self.regret = np.zeros(len(game.players))
        self.where: dict[int, Deviation] = {}
        self.residual = self.probability_error = self.belief_error = 0.0
        self.priors = information.priors(game.values)

    def inspect(
        self, tables: Tables, played: list[object], decisions: list[Decision], period: int
    ) -> None:
        reach = self._reach(tables, played)
        for decision in decisions:
            self._decision(decision, reach[decision.stage], period)
        self._arrivals(reach[-1])

    def _likely(self) -> np.ndarray:
        """Probability of each live state's types under the belief that it stands for."""
        info = self.information
        likely = np.ones(len(info.beliefs))
        for state in range(len(likely)):
            for j in range(len(info.players)):
                code, kind = info.beliefs[state, j], info.types[0][state, j]
                belief = self.priors[j] if code == 0 else info.grids[j][code - 1]
                likely[state] *= belief[kind]
        return likely

    def _reach(self, tables: Tables, played: list[object]) -> list[np.ndarray]:
        """How likely each node is, given the public state; last, each arrival (from, to)."""
        structure, info = self.game.structure, self.information
        public = info.public[0]
        mass = np.zeros((public.max() + 1, len(public)))
        mass[public, np.arange(len(public))] = self._likely()
        reach = []
        for k, stage in enumerate(structure.stages):
            reach.append(mass.sum(axis=0))
            edges = np.ones(stage.shape)
            if isinstance(stage, Chance):
                edges = np.asarray(tables.probability[k], float)
                self._sums(edges, stage.possible)
            elif isinstance(stage, Block):
                for member in played[k]:  # type: ignore[attr-defined]
                    edges = edges * member
            else:
                edges = np.asarray(played[k], float)
            size = structure.stages[k + 1].shape[0] if k + 1 < len(structure.stages) else None
            size = structure.states.n_states if size is None else size
            onward = np.zeros((len(mass), size))
            flat = edges.reshape(len(edges), -1)
            places = stage.successor.reshape(len(edges), -1)
            usable = stage.occupied.reshape(len(edges), -1)
            for column in range(flat.shape[1]):
                nodes = np.flatnonzero(usable[:, column])
                moved = mass[:, nodes] * flat[nodes, column]
                np.add.at(onward.T, places[nodes, column], moved.T)
            mass = onward
        reach.append(mass)
        return reach

    def _sums(self, edges: np.ndarray, possible: np.ndarray) -> None:
        error = np.abs(np.where(possible, edges, 0.0).sum(axis=-1) - 1.0).max(initial=0.0)
        self.probability_error = max(self.probability_error, float(error))

    def _decision(self, decision: Decision, reach: np.ndarray, period: int) -> None:
        """One mover's choices, set by set. What it is worth is the mean over the set's nodes."""
        info, k = self.information, decision.stage
        own = decision.own.reshape(len(reach), -1, decision.own.shape[-1])
        strategy = np.broadcast_to(decision.strategy, decision.own.shape).reshape(own.shape)
        possible = np.broadcast_to(decision.possible, decision.own.shape).reshape(own.shape)
        sets: dict[tuple[int, int, int], list[int]] = {}
        for node, mover in enumerate(decision.mover.tolist()):
            if mover >= 0:
                kind = -1
                if mover in info.players:
                    kind = int(info.types[k][node, info.players.index(mover)])
                sets.setdefault((int(info.public[k][node]), mover, kind), []).append(node)
        for (_, mover, _), nodes in sets.items():
            first = nodes[0]
            apart = np.abs(strategy[nodes] - strategy[first]).max()
            total = np.abs(np.where(possible[first], strategy[first], 0.0).sum(axis=-1) - 1).max()
            self.probability_error = max(self.probability_error, float(apart), float(total))
            weight = reach[nodes]
            if len(nodes) > 1 and not weight.sum() > UNSEEN:
                continue
            weight = weight / weight.sum() if len(nodes) > 1 else np.ones(1)
            worth = np.einsum("n,nra->ra", weight, own[nodes])
            self._set(mover, worth, strategy[first], possible[first], (period, k), decision)

    def _set(
        self,
        mover: int,
        worth: np.ndarray,
        strategy: np.ndarray,
        possible: np.ndarray,
        at: tuple[int, int],
        decision: Decision,
    ) -> None:
        best = np.where(possible, worth, -np.inf).max(axis=-1, keepdims=True)
        with np.errstate(under="ignore"):
            weight = np.where(possible, np.exp(self.precision[mover] * (worth - best)), 0.0)
        logit = weight / weight.sum(axis=-1, keepdims=True)
        self.residual = max(self.residual, float(np.abs(strategy - logit).max()))
        gain = best[..., 0] - np.where(possible, strategy * worth, 0.0).sum(axis=-1)
        if not gain.max() <= self.regret[mover] or mover not in self.where:
            self.regret[mover] = max(self.regret[mover], float(gain.max()))
            stage = self.game.structure.stages[at[1]]
            self.where[mover] = Deviation(
                player=self.game.players[mover],
                gain=float(gain.max()),
                period=at[0],
                stage=move_names(stage)[decision.member],
                node=0,
            )

    def _arrivals(self, mass: np.ndarray) -> None:
        """Among those who arrive from one public state in another, types are as believed there."""
        info = self.information
        live = self.game.structure.states.n_live
        public = info.public[0]
        here = mass[:, :live]
        for j, count in enumerate(info.sizes):
            if info.draws[j] is None:
                continue
            arrived = np.zeros((len(here), public.max() + 1, count))
            for state in range(live):
                arrived[:, public[state], info.types[0][state, j]] += here[:, state]
            total = arrived.sum(axis=2)
            for state in range(live):
                code = info.beliefs[state, j]
                belief = self.priors[j] if code == 0 else info.grids[j][code - 1]
                seen = total[:, public[state]] > SEEN
                share = arrived[seen, public[state]] / total[seen, public[state], None]
                error = float(np.abs(share - belief).max(initial=0.0))
                self.belief_error = max(self.belief_error, error)
