"""Equilibria that sgamesolver finds for small games, kept for tests; runs in its own environment.

PEER_PYTHON golden.py tests/equilibrium/stochastic/golden/sgamesolver.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import sgamesolver

PRECISIONS = (1.0, 3.0, 10.0)
EXACT = {"corrector_tol": 1e-13, "convergence_tol": 1e-10}


def main(path: str) -> None:
    games = {
        "two players, two actions": drawn([(2, 2)] * 4, 1, [0.95, 0.95]),
        "two players, three actions": drawn([(3, 3)] * 4, 2, [0.95, 0.95]),
        "three players": drawn([(2, 2, 2)] * 3, 3, [0.9, 0.9, 0.9]),
        "action sets differ by state": drawn([(2, 3), (1, 2), (3, 2)], 4, [0.9, 0.9]),
        "discounts differ by player": drawn([(2, 3)] * 3, 5, [0.95, 0.6]),
        "play may end": drawn([(2, 2)] * 3, 6, [0.95, 0.95], going_on=0.8),
    }
    lines = [solved(name, *game) for name, game in games.items()]
    content = {"sgamesolver": sgamesolver.__version__, "numpy": np.__version__, "games": lines}
    Path(path).write_text(json.dumps(content) + "\n")


def drawn(
    shapes: list[tuple[int, ...]], seed: int, discount: list[float], going_on: float = 1.0
) -> tuple[list[np.ndarray], list[np.ndarray], list[float]]:
    """Payoffs uniform on [0, 1], transitions from exponential weights."""
    rng = np.random.default_rng(seed)
    payoffs = [rng.random((len(shape), *shape)) for shape in shapes]
    weights = [rng.exponential(size=(*shape, len(shapes))) for shape in shapes]
    ahead = [going_on * weight / weight.sum(axis=-1, keepdims=True) for weight in weights]
    return payoffs, ahead, discount


def solved(
    name: str, payoffs: list[np.ndarray], ahead: list[np.ndarray], discount: list[float]
) -> dict[str, Any]:
    game = sgamesolver.SGame(payoffs, ahead, discount)
    found = []
    for precision in PRECISIONS:
        homotopy = sgamesolver.homotopy.QRE(game)
        homotopy.solver_setup(target_lambda=precision)
        homotopy.solver.set_parameters(**EXACT)
        found.append({"precision": precision, **ended(homotopy)})
    homotopy = sgamesolver.homotopy.LogTracing(game)
    homotopy.solver_setup()
    return {
        "name": name,
        "payoffs": [block.tolist() for block in payoffs],
        "transitions": [block.tolist() for block in ahead],
        "discount": discount,
        "logit": found,
        "tracing": ended(homotopy),
        "table": game.to_table().astype(object).to_csv(index=False),
    }


def ended(homotopy: Any) -> dict[str, Any]:
    """Where a path of the peer ends; `strategies` has 0 where an action is not available."""
    homotopy.solver.verbose = 0
    homotopy.solver.max_steps = 20_000
    homotopy.solve()
    found = homotopy.equilibrium
    if found is None:
        return {"solved": False}
    return {
        "solved": True,
        "strategies": np.nan_to_num(found.strategies).tolist(),
        "values": found.values.tolist(),
    }


if __name__ == "__main__":
    main(sys.argv[1])
