r"""Errors of sequential estimates of dynamic games, with the first step's noise in them.

Given choices P of everybody, action values are $v(θ, P) = h(P) + S(P) θ$. With Λ the information
of choices about v, $ψ_n$ row n's score in θ and $φ_n$ what the row adds to the observed P,

    two-step   θ̂ - θ ≈ Σ_n A⁻¹(ψ_n - S'Λ (∂v/∂P) φ_n),   A = S'ΛS      (Murphy and Topel 1985)
    NPL        θ̂ - θ ≈ Σ_n B⁻¹ψ_n,   B = S'Λ dv/dθ along equilibria   (Aguirregabiria and Mira 2007)

The derivative of v is exact: a change of the others' play moves payoffs and transitions, a change
of one's own moves what one expects to do later, up to the price of shocks.
"""

from __future__ import annotations

import numpy as np

from foedus.estimation.dynamic_equilibrium import Linearised
from foedus.estimation.dynamic_game import DynamicGame


def slopes_in_choices(
    game: DynamicGame, choices: np.ndarray, v: np.ndarray, theta: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """∂v/∂P, (states, all actions, states, all actions).

    - `v`: action values given `choices` and θ. `own`: values that make `choices`, up to levels.
    """
    s, total = v.shape
    answer = np.zeros((s, total, s, total))
    everywhere = np.arange(s)
    for i, span in enumerate(game.spans):
        chain, discount = game.chain(choices, i), game.discount[i]
        p = choices[:, span]
        moves = np.einsum("sa,sat->st", p, chain)
        resolvent = np.linalg.inv(np.eye(s) - discount * moves)
        gain = game.surplus(own)[:, i] - np.einsum("sa,sa->s", p, own[:, span])
        worth = np.einsum("sa,sa->s", p, v[:, span]) + gain
        q = (
            game.features[i] @ theta
            + game.offset[i]
            + discount * game.ahead(worth[:, None])[..., 0]
        )
        direct = np.zeros((s, game.sizes[i], total))
        for j, other in enumerate(game.spans):
            if j != i:
                pair = game.expected(q, game.others(choices, i, j), i, j)
                direct[:, :, other] = pair if i < j else pair.swapaxes(1, 2)
        here = np.einsum("sa,sab->sb", p, direct)  # how this period is worth more
        here[:, span] = v[:, span] - own[:, span]
        answer[:, span] = discount * np.einsum(
            "sat,tu,ub->saub", chain, resolvent, here, optimize=True
        )
        answer[everywhere, span, everywhere] += direct
    return answer


def informed(game: DynamicGame, v: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Λ, (states, all, all): `number` players' choices in each state about action values."""
    slopes, p = game.slopes(v), np.exp(game.log_choices(v))
    weighted: np.ndarray = (number[:, None] * p)[..., None] * slopes
    answer: np.ndarray = slopes.swapaxes(1, 2) @ weighted
    return answer


def two_step_scores(
    game: DynamicGame,
    counts: np.ndarray,
    state: np.ndarray,
    taken: np.ndarray,
    *,
    choices: np.ndarray,
    own: np.ndarray,
    v: np.ndarray,
    slopes: np.ndarray,
    theta: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A, and ψ_n less what the row's part in the observed choices does, (rows, K).

    `choices` are `frequencies(game, counts)`, and v = constant + `slopes` @ θ.
    """
    number = counts[:, game.spans[0]].sum(axis=1)
    information = informed(game, v, number)
    moved = game.slopes(v) @ slopes
    bread = np.einsum("sak,sab,sbl->kl", slopes, information, slopes, optimize=True)
    through = slopes_in_choices(game, choices, v, theta, own)
    pull = -np.einsum("sak,sab,sbtc->tck", slopes, information, through, optimize=True)
    scores = np.zeros((len(state), len(theta)))
    for i, span in enumerate(game.spans):
        place = span.start + taken[:, i]
        mine = pull[:, span] / (number[:, None, None] + 1.0)
        mean = np.einsum("sb,sbk->sk", choices[:, span], mine)
        scores += moved[state, place] + mine[state, taken[:, i]] - mean[state]
        # Rarely seen states are drawn towards shares over all states, and so to every row.
        total = counts[:, span].sum() + 0.5 * game.sizes[i]
        pooled = (counts[:, span].sum(axis=0) + 0.5) / total
        common = mine.sum(axis=0) / total
        scores += common[taken[:, i]] - pooled @ common
    return bread, scores


def nested_scores(
    at: Linearised, counts: np.ndarray, state: np.ndarray, taken: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """B, and ψ_n with `slopes` as ∂v/∂θ given choices, (rows, K)."""
    game = at.game
    number = counts[:, game.spans[0]].sum(axis=1)
    information = informed(game, at.v, number)
    along = at.solve(at.features)
    bread = np.einsum("sak,sab,sbl->kl", slopes, information, along, optimize=True)
    moved = game.slopes(at.v) @ slopes
    scores = np.zeros((len(state), slopes.shape[-1]))
    for i, span in enumerate(game.spans):
        scores += moved[state, span.start + taken[:, i]]
    return bread, scores
