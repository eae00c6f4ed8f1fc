"""One row of the comparison in foedus, in a process of its own; the counterpart of `peer.py`.

    python ours.py GAMES.npz RESULT.npz KIND REPEATS

`KIND` is `one` (fd.solve, game by game), `batch` (fd.solve_batch, all in one call) or `nash`.
Certificates are part of what is timed; the first call, with all that is loaded or compiled on the
way, is timed apart.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import foedus as fd
from foedus.equilibrium.stochastic.arrays import arrays_of, stack


def main(games: str, result: str, kind: str, repeats: int) -> None:
    with np.load(games) as given:
        payoffs, transitions = given["payoffs"], given["transitions"]
        discount, precision = float(given["discount"]), float(given["precision"])
    start = time.process_time()
    made = [
        fd.stochastic_game(paid, ahead, discount)
        for paid, ahead in zip(payoffs, transitions, strict=True)
    ]
    if kind == "batch":
        arrays = stack([arrays_of(game) for game in made])
        preparation = time.process_time() - start
        first, seconds, solution = timed(lambda: fd.solve_batch(arrays, precision), repeats)
        passed, regret = solution.passed, solution.certificates.regret.max(axis=1)
        strategies, seconds = solution.strategies, [seconds]
    else:
        preparation = time.process_time() - start
        solver = fd.Nash() if kind == "nash" else fd.Logit(precision=precision)
        first, seconds, passed, regret, strategies = np.nan, [], [], [], []
        for game in made:
            cold, warm, answer = timed(lambda game=game: fd.solve(game, solver), repeats)
            first = cold if np.isnan(first) else first
            seconds.append(warm)
            passed.append(answer.certificate.passed)
            regret.append(answer.certificate.regret)
            strategies.append(answer.strategies)
    np.savez(
        result,
        seconds=seconds,
        first=first,
        preparation=preparation,
        solved=passed,
        regret=regret,
        strategies=np.asarray(strategies),
    )


def timed(call: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Processor seconds of the first call, the median of `repeats` more, and the answer."""
    seconds = []
    for _ in range(repeats + 1):
        start = time.process_time()
        answer = call()
        seconds.append(time.process_time() - start)
    return seconds[0], statistics.median(seconds[1:]), answer


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
