r"""Second derivatives of a dynamic game's likelihood under its equilibrium equations.

With $F(v, θ)$ what the equations miss and multipliers λ, the Lagrangian is

    L(v, θ, λ) = Σ_i c_i(s, a) log P_i(a | s) - λ'F(v, θ)

At an equilibrium, with $J'λ = ∂ℓ/∂v$ and directions $∂v/∂θ$, its second derivative is the Hessian
of the likelihood in θ with the equilibrium solved: the implicit function theorem to second order.
"""

from __future__ import annotations

import numpy as np

from foedus.estimation.dynamic_equilibrium import Linearised


def multipliers(at: Linearised, counts: np.ndarray) -> np.ndarray:
    """λ with J'λ = ∂ℓ/∂v, (states, all actions)."""
    slope = np.einsum("sa,sab->sb", counts, at.game.slopes(at.v))
    answer: np.ndarray = at.solve_transposed(slope[..., None])[..., 0]
    return answer


def bent(
    at: Linearised, counts: np.ndarray, weights: np.ndarray, moved: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    """The Lagrangian's second derivative along directions, (columns, columns).

    - `weights`: λ, (states, all actions). `moved`: (states, all actions, columns), directions
      of v. `theta`: (K, columns), of θ.
    """
    game, p = at.game, at.choices
    slopes = game.slopes(at.v)
    played = p[:, :, None] * (slopes @ moved)  # how choices move
    worth = at.worth(moved)
    values = game.ahead(game.surplus(at.v))
    pull = np.zeros_like(p)  # how λ'(equations) moves with choice probabilities
    answer = np.zeros((moved.shape[-1],) * 2)
    inside = np.zeros_like(slopes)
    for i, span in enumerate(game.spans):
        shape = [game.n_states, *[1] * len(game.sizes)]
        shape[i + 1] = game.sizes[i]
        own = weights[:, span].reshape(shape)
        q = own * (game.features[i] @ at.theta + game.offset[i] + game.discount[i] * values[..., i])
        moving = own[..., None] * (
            game.features[i] @ theta + game.discount[i] * game.ahead(worth[i])
        )
        brought = game.discount[i] * np.einsum("sa,sat->t", weights[:, span], at.transitions[i])
        inside[:, span, span] += (brought[:, None] * p[:, span])[..., None] * slopes[:, span, span]
        for j, other in enumerate(game.spans):
            if j == i:
                continue
            pull[:, other] += game.expected(q, game.others(p, i, j), j)
            across = np.einsum(
                "sbk,sbl->kl", played[:, other], game.expected(moving, game.others(p, i, j), j)
            )
            answer += across + across.T
            for k in range(j + 1, len(game.sizes)):
                if k != i:
                    pair = game.expected(q, game.others(p, i, j, k), j, k)
                    both = np.einsum(
                        "sbk,sbc,scl->kl", played[:, other], pair, played[:, game.spans[k]],
                        optimize=True,
                    )  # fmt: skip
                    answer += both + both.T
    inside += game.curved(at.v, counts + p * pull)
    inside += slopes.swapaxes(1, 2) @ ((p * pull)[:, :, None] * slopes)
    answer += np.einsum("sak,sab,sbl->kl", moved, inside, moved, optimize=True)
    return answer
