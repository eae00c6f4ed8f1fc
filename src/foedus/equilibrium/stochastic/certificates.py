"""Evidence on many stochastic games at once: each profile played out again, in plain NumPy.

Nothing here is shared with a solver. `foedus.equilibrium.certify` does the same for one game of
any kind, and more slowly for thousands.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays

EULER_GAMMA = float(np.euler_gamma)


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificates:
    r"""What an independent evaluation of one profile per draw found; see `Certificate`.

    - `regret`: the most each player gains by one deviation anywhere, (draws, players).
    - `residual`: the largest $|\sigma - \text{logit}(\lambda Q)|$.
    - `value_error`: from the values the solver reported, relative to the largest, at least 1.
    - `probability_error`: how far strategies are from being probability distributions.
    - `values`: (draws, states, players), as evaluated here.
    """

    passed: Bool[np.ndarray, "draws"]
    regret: Float[np.ndarray, "draws players"]
    residual: Float[np.ndarray, "draws"]
    value_error: Float[np.ndarray, "draws"]
    probability_error: Float[np.ndarray, "draws"]
    tolerance: float
    values: Float[np.ndarray, "draws states players"] = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{int(self.passed.sum())} of {len(self.passed)} passed: "
            f"regret at most {self.regret.max(initial=0.0):.3g}, "
            f"logit residual at most {self.residual.max(initial=0.0):.1e}, "
            f"value error at most {self.value_error.max(initial=0.0):.1e}"
        )


def certify_batch(
    arrays: StochasticArrays,
    strategies: Float[np.ndarray, "draws states players most"],
    *,
    precision: Float[np.ndarray, "draws players"],
    values: Float[np.ndarray, "draws states players"],
    solved: Bool[np.ndarray, "draws"],
    convention: str = "expected",
    tolerance: float = 1e-8,
) -> Certificates:
    """Evaluate one claimed logit equilibrium per draw, and say how far each is from being one.

    `values` are those the solver reports, `solved` whether it says that it is done.
    """
    available = arrays.available
    shocks = convention == "shock"
    found = _values(arrays, strategies, precision if shocks else None)
    own = _action_values(arrays, strategies, found)
    best = np.where(available, own, -np.inf).max(axis=-1)
    played = (strategies * own).sum(axis=-1)
    behind = np.where(available, best[..., None] - own, np.inf)
    with np.errstate(invalid="ignore"):
        # At precision 0, 0 times infinity: padding is put right below.
        weight = np.where(available, np.exp(-precision[:, None, :, None] * behind), 0.0)
    response = weight / weight.sum(axis=-1, keepdims=True)
    residual = np.abs(strategies - response).max(axis=(1, 2, 3))
    off = np.abs(strategies.sum(axis=-1) - 1.0).max(axis=(1, 2))
    below = np.maximum(-strategies, 0.0).max(axis=(1, 2, 3))
    outside = np.abs(np.where(available, 0.0, strategies)).max(axis=(1, 2, 3))
    probability_error = np.maximum(np.maximum(off, below), outside)
    scale = np.maximum(1.0, np.abs(found).max(axis=(1, 2)))
    value_error = np.abs(values - found).max(axis=(1, 2)) / scale
    rounding = np.minimum(64 * np.finfo(float).eps * scale * precision.max(axis=1), 1e-6)
    # Comparisons with NaN are false, so that numbers that are none never pass.
    passed = (
        solved
        & np.isfinite(found).all(axis=(1, 2))
        & (probability_error <= tolerance)
        & (value_error <= tolerance)
        & (residual <= tolerance + rounding)
    )
    return Certificates(
        passed=passed,
        regret=(best - played).max(axis=1),
        residual=residual,
        value_error=value_error,
        probability_error=probability_error,
        tolerance=tolerance,
        values=found,
    )


def _values(
    arrays: StochasticArrays, strategies: np.ndarray, sharp: np.ndarray | None
) -> np.ndarray:
    """(I - δ_i P) V_i = r_i for every draw and player."""
    draws, n_states, n_players = strategies.shape[:3]
    joint = strategies[:, :, 0, : arrays.sizes[0]]
    for player in range(1, n_players):
        own = strategies[:, :, player, : arrays.sizes[player]]
        joint = np.einsum("dsj,dsa->dsja", joint, own).reshape(draws, n_states, -1)
    payoffs = arrays.payoffs.reshape(draws, n_states, n_players, -1)
    rewards = np.einsum("dspj,dsj->dsp", payoffs, joint)
    if sharp is not None:
        logs = np.log(np.where(strategies > 0, strategies, 1.0))
        worth = (EULER_GAMMA - (strategies * logs).sum(axis=-1)) / sharp[:, None]
        rewards = rewards + np.where(arrays.available.sum(axis=-1) > 1, worth, 0.0)
    chain = np.einsum("dsj,dsjt->dst", joint, _rows(arrays), optimize=True)
    values: np.ndarray = np.empty(rewards.shape)
    alike = (arrays.discount == arrays.discount[:, :1]).all()
    for group in [slice(None)] if alike else [slice(i, i + 1) for i in range(n_players)]:
        share = arrays.discount[:, group][:, 0]
        system = np.eye(n_states) - share[:, None, None] * chain
        values[:, :, group] = np.linalg.solve(system, rewards[:, :, group])
    return values


def _action_values(
    arrays: StochasticArrays, strategies: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Q_i(s, a): what each own action is worth when the others play their strategies."""
    draws, n_states, n_players = strategies.shape[:3]
    rows = _rows(arrays).reshape(draws, -1, n_states)
    following = (rows @ (values * arrays.discount[:, None])).reshape(
        draws, n_states, *arrays.sizes, n_players
    )
    own = np.zeros(strategies.shape)
    for player in range(n_players):
        worth = arrays.payoffs[:, :, player] + following[..., player]
        # The other players' axes are averaged out from the last to the first.
        for other in reversed(range(n_players)):
            if other != player:
                share = strategies[:, :, other, : arrays.sizes[other]]
                worth = np.moveaxis(worth, 2 + other, -1)
                shape = (draws, n_states, *(1,) * (worth.ndim - 3), -1)
                worth = (worth * share.reshape(shape)).sum(axis=-1)
        own[:, :, player, : arrays.sizes[player]] = worth
    return own


def _rows(arrays: StochasticArrays) -> np.ndarray:
    """Transitions with one axis of joint actions: (draws, states, joint, states)."""
    assert isinstance(arrays.transitions, np.ndarray)
    return arrays.transitions.reshape(
        *arrays.discount.shape[:1], arrays.n_states, -1, arrays.n_states
    )
