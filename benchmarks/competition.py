"""Strong competition of five firms, Monte Carlo: how far each method's estimates are from truth.

The design of Aguirregabiria and Mira (2007) with the rivals' effect raised to 4, as in Dearing and
Blevins (2025): states are drawn from the long run of the equilibrium that best responses reach,
actions from that equilibrium. Every data set is estimated by EPL and in two steps; the full
likelihood is maximised from the two-step estimate in the first of them, and NPL runs a hundred
rounds in fewer.

The bias is also given less its noise: gaps minus I⁻¹ s(θ₀), with s the score of the same data at
the truth. That has mean 0, and what is left has a fraction of the spread.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.competition [data sets]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from benchmarks.measuring import record
from tests.estimation.entry import entry_game

from foedus.errors import SolveError
from foedus.estimation.dynamic_equilibrium import Linearised, solve_game
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.dynamic_methods import (
    Reached,
    epl,
    frequencies,
    nested_fixed_point,
    npl,
    values_of,
)

DEMAND = np.diag([0.8, 0.6, 0.6, 0.6, 0.8]) + np.diag([0.2] * 4, 1) + np.diag([0.2] * 4, -1)
TRUTH = np.array([-1.9, -1.8, -1.7, -1.6, -1.5, 1.0, 4.0, 1.0])
RIVALS = 6  # the place of θ_RN
MARKETS = (1600, 6400)
FULL, NESTED = 20, 10  # data sets for the full likelihood, and for NPL
Estimate = tuple[np.ndarray, np.ndarray | None, bool, int]  # point, errors, converged, iterations


def at_truth(game: DynamicGame) -> Linearised:
    """The equilibrium at the truth, followed from no competition on."""
    at = None
    for rivals in np.linspace(0, TRUTH[RIVALS], 5):
        theta = np.r_[TRUTH[:RIVALS], rivals, TRUTH[RIVALS + 1 :]]
        at = solve_game(game, theta, None if at is None else at.v)
    assert at is not None
    return at


def long_run(game: DynamicGame, choices: np.ndarray) -> np.ndarray:
    """How often every state is visited."""
    chain = game.expected(game.transitions, game.others(choices))
    weights: np.ndarray = np.linalg.matrix_power(chain, 4096)[0]
    return weights / weights.sum()


def draw(
    game: DynamicGame, choices: np.ndarray, visits: np.ndarray, markets: int, seed: int
) -> np.ndarray:
    """Counts of actions in independent markets."""
    rng = np.random.default_rng([seed, markets])
    state, counts = rng.choice(game.n_states, markets, p=visits), np.zeros_like(choices)
    for span in game.spans:
        taken = (rng.random(markets) < choices[state, span.start + 1]).astype(int)
        np.add.at(counts, (state, span.start + taken), 1)
    return counts


def information(at: Linearised, number: np.ndarray) -> np.ndarray:
    """Expected information where `number` markets are in each state."""
    moved = at.game.slopes(at.v) @ at.solve(at.features)
    answer: np.ndarray = np.einsum("s,sa,sak,sal->kl", number, at.choices, moved, moved)
    return answer


def _sequential(found: Reached, number: np.ndarray) -> Estimate:
    errors = np.sqrt(np.diag(np.linalg.inv(information(found.at, number))))
    return found.point, errors, found.converged, len(found.rounds)


def by_epl(game: DynamicGame, counts: np.ndarray) -> Estimate:
    observed = frequencies(game, counts)
    begun = npl(game, counts, observed, rounds=1)
    found = epl(game, counts, begun.point, values_of(game, observed))
    return _sequential(found, counts[:, game.spans[0]].sum(axis=1))


def by_full_likelihood(game: DynamicGame, counts: np.ndarray) -> Estimate:
    begun = npl(game, counts, frequencies(game, counts), rounds=1)
    found, _ = nested_fixed_point(game, counts, begun.point, begun.at.v)
    errors = np.sqrt(np.diag(np.linalg.inv(-found.hessian)))
    return found.point, errors, found.converged, found.iterations


def in_two_steps(game: DynamicGame, counts: np.ndarray) -> Estimate:
    found = npl(game, counts, frequencies(game, counts), rounds=1)
    return found.point, None, True, 1


def by_npl(game: DynamicGame, counts: np.ndarray) -> Estimate:
    found = npl(game, counts, frequencies(game, counts))
    return found.point, None, found.converged, len(found.rounds)


def main(sets: int) -> None:
    game = entry_game(5, DEMAND, 0.95)
    truth = at_truth(game)
    visits = long_run(game, truth.choices)
    moved = game.slopes(truth.v) @ truth.solve(truth.features)
    rows = []
    for markets in MARKETS:
        data = [draw(game, truth.choices, visits, markets, seed) for seed in range(sets)]
        inverse = np.linalg.inv(information(truth, markets * visits))
        noise = np.array([inverse @ np.einsum("sa,sak->k", counts, moved) for counts in data])
        ways: tuple[tuple[str, Callable[..., Estimate], int], ...] = (
            ("EPL", by_epl, sets),
            ("full likelihood", by_full_likelihood, min(FULL, sets)),
            ("two-step", in_two_steps, sets),
            ("NPL", by_npl, min(NESTED, sets)),
        )
        reached = {}
        for name, way, number in ways:
            row, reached[name] = measured(game, way, data[:number], noise)
            rows.append({"markets": markets, "method": name, **row})
            print(rows[-1], flush=True)
        both = min(FULL, sets)
        gap = np.abs(reached["EPL"][:both] - reached["full likelihood"][:both]).max(axis=1)
        rows[-3]["largest gap from EPL"] = float(np.nanmax(gap))
    record("competition", rows)


def measured(
    game: DynamicGame, way: Callable[..., Estimate], data: list[np.ndarray], noise: np.ndarray
) -> tuple[dict[str, Any], np.ndarray]:
    """What became of θ_RN over the data sets, and all estimates."""
    points, errors = np.full((len(data), len(TRUTH)), np.nan), np.full(len(data), np.nan)
    rounds, failed = [], 0
    begun = time.process_time()
    for place, counts in enumerate(data):
        try:
            point, error, converged, iterations = way(game, counts)
        except (SolveError, np.linalg.LinAlgError):
            failed += 1
            continue
        failed += not converged
        rounds.append(iterations)
        points[place] = point
        errors[place] = np.nan if error is None else error[RIVALS]
    seconds = (time.process_time() - begun) / len(data)
    gaps = points[:, RIVALS] - TRUTH[RIVALS]
    there = np.isfinite(gaps)
    clean = (gaps - noise[: len(data), RIVALS])[there]
    gaps, errors = gaps[there], errors[there]
    row = {
        "data sets": len(data),
        "failed": failed,
        "mean": float(TRUTH[RIVALS] + gaps.mean()),
        "sd": float(gaps.std(ddof=1)),
        "mse": float((gaps**2).mean()),
        "bias": float(gaps.mean()),
        "its error": float(gaps.std(ddof=1) / np.sqrt(len(gaps))),
        "bias less noise": float(clean.mean()),
        "error of that": float(clean.std(ddof=1) / np.sqrt(len(gaps))),
        "median rounds": float(np.median(rounds)),
        "cpu": seconds,
    }
    if np.isfinite(errors).all():
        row["coverage 95 %"] = float((np.abs(gaps) < 1.959964 * errors).mean())
    return row, points


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
