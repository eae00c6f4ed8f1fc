"""One row of the comparison in sgamesolver's own environment; imports nothing of foedus.

    PEER_PYTHON peer.py GAMES.npz RESULT.npz

`GAMES.npz` holds payoffs (games, states, players, actions ...), transitions (games, states,
actions ..., states), discount, and the precision aimed at, which may be infinite. The result holds
processor seconds and steps per game, whether each was solved, strategies and values.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import sgamesolver

MAX_STEPS = 20_000  # the peer's own default is none


def main(games: str, result: str) -> None:
    with np.load(games) as given:
        payoffs, transitions = given["payoffs"], given["transitions"]
        discount, precision = float(given["discount"]), float(given["precision"])
    seconds, preparation, steps, solved, strategies, values = [], [], [], [], [], []
    for paid, ahead in zip(payoffs, transitions, strict=True):
        start = time.process_time()
        game = sgamesolver.SGame(list(paid), list(ahead), discount)
        preparation.append(time.process_time() - start)
        start = time.process_time()
        homotopy = sgamesolver.homotopy.QRE(game)
        homotopy.solver_setup(target_lambda=precision)
        homotopy.solver.verbose = 0
        homotopy.solver.max_steps = MAX_STEPS
        homotopy.solve()
        seconds.append(time.process_time() - start)
        found = homotopy.equilibrium
        solved.append(found is not None)
        steps.append(homotopy.solver.step)
        shape = game.action_mask.shape
        strategies.append(np.full(shape, np.nan) if found is None else found.strategies)
        values.append(np.full(shape[:2], np.nan) if found is None else found.values)
    np.savez(
        result,
        version=sgamesolver.__version__ if hasattr(sgamesolver, "__version__") else "",
        seconds=seconds,
        preparation=preparation,
        steps=steps,
        solved=solved,
        strategies=strategies,
        values=values,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
