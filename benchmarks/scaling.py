"""Stationary sequential games of four players, from a thousand states to a million.

Four players take turns; each pushes one of three fronts up or down. The states
are whose turn it is and where the fronts stand: 4 n^3 of them.

    python -m benchmarks.scaling [largest number of states]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import jax
from benchmarks.measuring import peak_mb, record

import foedus as fd

TEMPLATE = """
foedus: 1
title: Four players, three fronts
horizon: {{evaluate: 10, stationary: true}}
precision: 3
players:
  A: {{label: A, discount: 0.9}}
  B: {{label: B, discount: 0.9}}
  C: {{label: C, discount: 0.9}}
  D: {{label: D, discount: 0.9}}
state:
  turn: {{levels: [a, b, c, d]}}
  x: {{levels: 0..{top}}}
  y: {{levels: 0..{top}}}
  z: {{levels: 0..{top}}}
parameters:
  cost: {{range: [0.05, 0.5], why: a benchmark}}
moves:
  - {{player: A, when: turn == a, actions: [rest, push, pull]}}
  - {{player: B, when: turn == b, actions: [rest, push, pull]}}
  - {{player: C, when: turn == c, actions: [rest, push, pull]}}
  - {{player: D, when: turn == d, actions: [rest, push, pull]}}
next:
  turn:
    - {{when: turn == a, to: b}}
    - {{when: turn == b, to: c}}
    - {{when: turn == c, to: d}}
    - {{to: a}}
  x: [{{up: 0.05 + 0.6*(A == push) + 0.3*(D == push), down: 0.05 + 0.6*(A == pull) + 0.3*(D == pull)}}]
  y: [{{up: 0.05 + 0.6*(B == push) + 0.3*(D == push), down: 0.05 + 0.6*(B == pull) + 0.3*(D == pull)}}]
  z: [{{up: 0.05 + 0.6*(C == push) + 0.3*(D == push), down: 0.05 + 0.6*(C == pull) + 0.3*(D == pull)}}]
payoffs:
  A: {{place: (x - y)/{top}, effort: -cost*(A != rest)}}
  B: {{place: (y - z)/{top}, effort: -cost*(B != rest)}}
  C: {{place: (z - x)/{top}, effort: -cost*(C != rest)}}
  D: {{place: 1 - abs(x + y + z - 1.5*{top})/{top}, effort: -cost*(D != rest)}}
starts:
  middle: {{turn: a, x: {middle}, y: {middle}, z: {middle}}}
"""


def main(largest: int) -> None:
    jax.config.update("jax_enable_x64", True)
    record("scaling", [measure(side) for side in (6, 14, 29, 63) if 4 * side**3 <= largest])


def measure(side: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fronts.yaml"
        path.write_text(TEMPLATE.format(top=side - 1, middle=side // 2))
        scenario = fd.read(path)
    start = time.perf_counter()
    game = fd.compile_scenario(scenario)
    compiled = time.perf_counter() - start
    start = time.perf_counter()
    equilibrium = fd.solve(game, fd.Logit(tolerance=1e-8))
    solved = time.perf_counter() - start
    return {
        "states": game.structure.states.n_states,
        "edges": sum(int(stage.occupied.sum()) for stage in game.structure.stages),
        "compile the scenario s": compiled,
        "solve s": solved,
        "sweeps": equilibrium.stats.iterations,
        "residual": float(equilibrium.certificate.residual),
        "peak MB": peak_mb(),
    }


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 2_000_000)
