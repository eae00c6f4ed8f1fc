"""Evidence that a profile is what it claims to be, by code that no solver shares.

Plain NumPy and SciPy in double precision. The profile is played out again, and
at every node each mover's play is compared with its best reply and with its
logit response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.evaluation import Decision, Shocks, evaluate_period
from foedus.equilibrium.logit import precision_by_player
from foedus.equilibrium.play import move_names, strategies_in
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """The most one player gains anywhere by one deviation, in payoff units, and where."""

    player: str
    gain: float
    period: int
    stage: str
    node: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    r"""What an independent evaluation of a profile found.

    - `regret`: the largest gain of any player from one deviation anywhere, $\max_a Q(a) -
        \sum_a \sigma(a) Q(a)$, in payoff units. 0 in a Nash equilibrium; positive under logit play.
    - `residual`: the largest $|\sigma - \text{logit}(\lambda Q)|$; None if no precision is claimed.
    - `value_error`: the largest difference from the values the solver reported, relative to
        the larger of 1 and the largest value, or None if none were reported.
    - `probability_error`: how far any strategy is from being a probability distribution.
    - `values`: (periods + 1 or 1, players, states), as evaluated here.
    - `solved`: whether every part of the solver's own iteration ended as it should.
    - `selection`: which equilibrium this is, and what is known about others.
    - `tried`: what was done to find it, in order.
    - `passed`: every error above is within `tolerance` plus what rounding allows. Without
        a precision, `regret` must be within it.
    """

    passed: bool
    regret: float
    regret_by_player: Mapping[str, float]
    deviations: tuple[Deviation, ...]
    residual: float | None
    value_error: float | None
    probability_error: float
    tolerance: float
    solved: bool = True
    selection: str = ""
    tried: tuple[str, ...] = ()
    values: np.ndarray = field(repr=False)

    def __post_init__(self) -> None:
        self.values.flags.writeable = False

    def __str__(self) -> str:
        parts = [*self._failures(), f"regret {self.regret:.3g}"]
        if self.residual is not None:
            parts.append(f"logit residual {self.residual:.1e}")
        if self.value_error is not None:
            parts.append(f"value error {self.value_error:.1e}")
        if self.selection and self.solved:
            parts.append(self.selection)
        return f"{'passed' if self.passed else 'FAILED'}: " + ", ".join(parts)

    def _failures(self) -> list[str]:
        """The checks that failed, in words; those that take a tolerance by their size."""
        if self.passed:
            return []
        words = [] if self.solved else ["the solver did not reach a fixed point"]
        if not np.isfinite(self.values).all():
            words.append("values are not finite")
        if not self.probability_error <= self.tolerance:
            words.append(f"probabilities are off by {self.probability_error:.1e}")
        if self.value_error is not None and not self.value_error <= self.tolerance:
            words.append("values differ from those reported")
        if words:
            return words
        return [
            "play has too much regret" if self.residual is None else "play is no logit response"
        ]


def certify(
    game: Game,
    profile: Profile,
    *,
    precision: float | Mapping[str, float] | Sequence[float] | None = None,
    convention: str = "expected",
    values: Float[np.ndarray, "periods players states"] | None = None,
    tolerance: float = 1e-8,
    solved: bool = True,
    selection: str = "",
    tried: tuple[str, ...] = (),
) -> Certificate:
    """Evaluate any profile, and say how far it is from an equilibrium.

    With a `precision`, the claim is that this is a logit quantal response equilibrium;
    without, that it is a Nash equilibrium at every node. `values`, as reported by a solver,
    are compared with those found here. A stationary profile is evaluated by a sparse
    linear solve of its Markov chain.

    Raises `GameError` where the profile does not have the game's shape.
    """
    lambdas = None if precision is None else precision_by_player(game, precision, convention)
    if convention == "shock" and lambdas is None:
        raise GameError("the 'shock' convention needs a precision: it sets the size of the shocks")
    shocks = Shocks(precision=lambdas if convention == "shock" else None)
    _check_shapes(game, profile)
    audit = _Audit(game, lambdas)
    found = _evaluate(game, profile, shocks, audit)
    scale = max(1.0, float(np.abs(found).max(initial=0.0))) if np.isfinite(found).all() else np.inf
    value_error = None
    if values is not None:
        value_error = float(np.abs(np.asarray(values) - found).max(initial=0.0)) / scale
    # Doubles resolve action values to about eps times their size, and play to precision times
    # that; beyond 1e-6 it would be no evidence any more.
    sharpness = 0.0 if lambdas is None else float(lambdas.max(initial=0.0))
    rounding = min(64 * np.finfo(float).eps * scale * sharpness, 1e-6)
    checks = [
        solved,
        bool(np.isfinite(found).all()),
        audit.probability_error <= tolerance,
        value_error is None or value_error <= tolerance,
        audit.regret.max(initial=0.0) <= tolerance * scale
        if lambdas is None
        else audit.residual <= tolerance + rounding,
    ]
    return Certificate(
        passed=all(checks),
        regret=float(audit.regret.max(initial=0.0)),
        regret_by_player=dict(zip(game.players, audit.regret.tolist(), strict=True)),
        deviations=audit.deviations(),
        residual=None if lambdas is None else audit.residual,
        value_error=value_error,
        probability_error=audit.probability_error,
        tolerance=tolerance,
        solved=solved,
        selection=selection,
        tried=tried,
        values=found,
    )


class _Audit:
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


def _evaluate(
    game: Game, profile: Profile, shocks: Shocks, audit: _Audit
) -> Float[np.ndarray, "periods players states"]:
    structure, tables = game.structure, game.tables

    if structure.horizon is None:
        from foedus.equilibrium.chain import stationary_values

        played = strategies_in(profile, 0)
        values = stationary_values(structure, tables, played, shocks)
        _, decisions = evaluate_period(structure, tables, played, values, shocks)
        for decision in decisions:
            audit.inspect(decision, 0)
        return values[None]
    following = np.array(tables.flow, float)
    live = structure.states.n_live
    following[:, :live] = np.asarray(tables.terminal, float)[:, :live]
    found = [following]
    for period in reversed(range(structure.horizon)):
        following, decisions = evaluate_period(
            structure, tables, strategies_in(profile, period), following, shocks
        )
        found.append(following)
        for decision in decisions:
            audit.inspect(decision, period)
    return np.stack(found[::-1])


def _check_shapes(game: Game, profile: Profile) -> None:
    structure = game.structure
    periods = structure.horizon or 1
    if len(profile.stages) != len(structure.stages):
        raise GameError(
            f"the profile has {len(profile.stages)} stages, the game {len(structure.stages)}"
        )
    for position, (stage, played) in enumerate(zip(structure.stages, profile.stages, strict=True)):
        if isinstance(stage, Chance):
            continue
        wanted = [(periods, *stage.shape)]
        if isinstance(stage, Block):
            wanted = [
                (
                    periods,
                    stage.shape[0],
                    *(
                        own if i == j or (i < j and stage.sees[j][i]) else 1
                        for i, own in enumerate(stage.shape[1:])
                    ),
                )
                for j in range(len(stage.movers))
            ]
        given = [np.shape(member) for member in (played if isinstance(played, tuple) else [played])]
        if wanted != given:
            raise GameError(f"stage {position}: strategies have shape {given}, not {wanted}")
