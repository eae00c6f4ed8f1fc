"""One warm solve of the flagship, against the same game with unmerged nodes of the moves.

taskset -c 0 python -m benchmarks.flagship
"""

from __future__ import annotations

from collections.abc import Iterable
from unittest.mock import patch

import jax
import numpy as np
from benchmarks.measuring import peak_mb, record, repeated

import foedus as fd
from foedus.compiler import liveness


def apart(columns: Iterable[np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Merges nodes between nature's draws only: every history of moves keeps its own node."""
    columns = list(columns)
    if apart.moves_left > 0:  # type: ignore[attr-defined]
        apart.moves_left -= 1  # type: ignore[attr-defined]
        everything = np.arange(rows)
        return everything, everything.astype(np.int32)
    return liveness.alike(columns, rows)


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    scenario = fd.read("us-ukraine-pact")
    rows = []
    for regime in scenario.regimes:
        game = fd.compile_scenario(scenario, regime=regime.name)
        rows.append(measure(regime.name, game))
    apart.moves_left = 4  # type: ignore[attr-defined]
    with patch("foedus.compiler.frame.alike", apart):
        unmerged = fd.compile_scenario(scenario, regime="membership")
    rows.append(measure("membership, moves unmerged", unmerged))
    record("flagship", rows)


def measure(name: str, game: fd.Game) -> dict[str, object]:
    first = fd.solve(game)
    seconds = repeated(lambda: fd.solve(game))
    again = fd.solve(game)
    return {
        "regime": name,
        "states": game.structure.states.n_states,
        "edges": sum(int(stage.occupied.sum()) for stage in game.structure.stages),
        "trace s": first.stats.trace_seconds,
        "compile s": first.stats.compile_seconds,
        "sweeps s": again.stats.run_seconds,
        "certificate s": again.stats.certify_seconds,
        "solve, warm s": seconds,
        "peak MB": peak_mb(),
    }


if __name__ == "__main__":
    main()
