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

from foedus.equilibrium.audit import Audit
from foedus.equilibrium.audit import Deviation as Deviation
from foedus.equilibrium.evaluation import Shocks, evaluate_period
from foedus.equilibrium.logit import precision_by_player
from foedus.equilibrium.play import strategies_in
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    r"""What an independent evaluation of a profile found.

    - `regret`: the largest gain of any player from one deviation anywhere, $\max_a Q(a) -
        \sum_a \sigma(a) Q(a)$, in payoff units. 0 in a Nash equilibrium; positive under logit play.
    - `residual`: the largest $|\sigma - \text{logit}(\lambda Q)|$; None if no precision is claimed.
    - `value_error`: the largest difference from the values the solver reported, relative to
        the larger of 1 and the largest value, or None if none were reported.
    - `probability_error`: how far any strategy is from being a probability distribution.
    - `belief_error`: with private types, the largest difference between what is believed in a
        state and the share of each type among those who get there; None without.
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
    belief_error: float | None = None
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
        if self.belief_error is not None:
            parts.append(f"belief error {self.belief_error:.1e}")
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
        if self.belief_error is not None and not self.belief_error <= self.tolerance:
            words.append("beliefs do not follow from play")
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
    audit = Audit(game, lambdas)
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


def _evaluate(
    game: Game, profile: Profile, shocks: Shocks, audit: Audit
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
