"""What a stochastic game costs against its states, players and actions, with fitted exponents.

Random games in which everybody moves at once: a logit equilibrium at precision 3, and the path to
a Nash equilibrium, in processor seconds of one thread; then large sparse games up to precision 10.
Whatever JAX would find beside the processor is not used: these solvers are NumPy's.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.stochastic [--no-large]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from benchmarks.against.games import DISCOUNT, random_game
from benchmarks.measuring import record

import foedus as fd
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.leaping import SHORTEST_CLIMB, leap_folds
from foedus.equilibrium.stochastic.newton import raise_precision
from foedus.equilibrium.stochastic.sparse import sparse_system

GRIDS = {
    "states": [(n, 2, 2) for n in (32, 64, 128, 256, 512)],
    "players": [(8, n, 2) for n in (2, 3, 4, 5, 6, 7)],
    "actions": [(16, 2, n) for n in (2, 4, 8, 16, 24)],
}
LARGEST_PATH = {"states": 256, "players": 5, "actions": 8}  # up to which paths are followed
BEGIN, END = "<!-- written by benchmarks/stochastic -->", "<!-- end of what is written -->"
LARGE = [(2000, 3.0), (2000, 5.0), (2000, 10.0), (8000, 3.0), (8000, 5.0)]


def main(*, large: bool) -> None:
    rows: list[dict[str, Any]] = []
    for what, shapes in GRIDS.items():
        found = [measured(what, shape) for shape in shapes]
        rows += [*found, fitted(what, found)]
    if large:
        rows += [
            large_row(n, precision, near=near) for near in (True, False) for n, precision in LARGE
        ]
    record("stochastic", rows)
    write_table(rows)


def write_table(rows: list[dict[str, Any]]) -> None:
    """The rows between the marks in benchmarks/README.md."""
    readme = Path(__file__).with_name("README.md")
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    lines = [
        "| along | states, players, actions | precision 3 | to Nash |",
        "|---|---|---|---|",
        *(
            f"| {row['grid']} | {row['shape']} | {_cell(row['precision 3 s'])} "
            f"| {_cell(row.get('path to Nash s'))} |"
            for row in rows
            if "solved" not in row
        ),
        "",
        "| sparse games: next states | states, players, actions | precision | solved | leaps | time |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "solved" in row:
            name = next(key for key in row if key.startswith("precision"))
            reached = "yes" if row["solved"] else f"up to {row['share']:.2f} of it"
            lines.append(
                f"| {row['grid'].partition(', ')[2]} | {row['shape']} | {name.split()[1]} | {reached} "
                f"| {row['leaps']} | {_cell(row[name])} |"
            )
    readme.write_text("\n".join([before + begin, *lines, end + after]))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.2g} s"


def measured(what: str, shape: tuple[int, int, int]) -> dict[str, Any]:
    payoffs, ahead = random_game(*shape, seed=1)
    game = fd.stochastic_game(payoffs, ahead, DISCOUNT)
    at = shape[("states", "players", "actions").index(what)]
    row: dict[str, Any] = {
        "grid": what,
        "shape": str(shape),
        "precision 3 s": least(lambda: fd.solve(game, fd.Logit(precision=3.0)), 5),
    }
    if at <= LARGEST_PATH[what]:
        row["path to Nash s"] = least(lambda: fd.solve(game, fd.Nash()), 1)
    return row


def least(call: Callable[[], Any], runs: int) -> float:
    """The least processor seconds of a warm call; others on the machine only add to it."""
    if runs > 1:
        call()
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return min(seconds)


def fitted(what: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Exponents over the larger half of the grid; per player a factor, as joint actions are 2^N."""
    found: dict[str, Any] = {"grid": what, "shape": "fit"}
    for column in ("precision 3 s", "path to Nash s"):
        half = [row for row in rows if column in row][-3:]
        sizes = np.array(
            [shape_of(row)[("states", "players", "actions").index(what)] for row in half]
        )
        seconds = np.log([row[column] for row in half])
        if what == "players":
            found[column] = f"x {np.exp(np.polyfit(sizes, seconds, 1)[0]):.1f} a player"
        else:
            found[column] = f"^ {np.polyfit(np.log(sizes), seconds, 1)[0]:.1f}"
    return found


def shape_of(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(number) for number in row["shape"].strip("()").split(","))


def large_row(n_states: int, precision: float, *, near: bool) -> dict[str, Any]:
    """Five next states of each joint action, near by on a ring or anywhere; actions 2 and 3."""
    arrays = sparse_game(n_states, near=near)
    system = sparse_system(arrays, np.full(2, precision), shock=False)
    start = time.process_time()
    reached = raise_precision(system, system.start(), shortest=SHORTEST_CLIMB)
    leapt = leap_folds(system, system, reached)
    return {
        "grid": "sparse, near by" if near else "sparse, anywhere",
        "shape": f"({n_states}, 2, 2 and 3)",
        f"precision {precision:g} s": time.process_time() - start,
        "solved": bool(leapt.reached.solved[0]),
        "share": float(leapt.reached.share[0]),
        "leaps": leapt.leaps,
    }


def sparse_game(n_states: int, *, near: bool) -> StochasticArrays:
    rng = np.random.default_rng(0)
    rows = n_states * 6
    if near:
        ahead = (np.arange(n_states).repeat(6)[:, None] + np.arange(5) - 2) % n_states
    else:
        ahead = rng.integers(0, n_states, size=(rows, 5))
    weight = rng.exponential(size=ahead.shape)
    weight /= weight.sum(axis=1, keepdims=True)
    content = (weight.ravel(), (np.repeat(np.arange(rows), 5), ahead.ravel()))
    return StochasticArrays(
        payoffs=rng.random((n_states, 2, 2, 3)),
        transitions=sparse.csr_array(content, shape=(rows, n_states)),
        discount=np.array([0.95, 0.9]),
        available=np.arange(3) < np.array([[2], [3]]) + np.zeros((n_states, 1, 1)),
        members=(0, 1),
        n_stages=2,
    )


if __name__ == "__main__":
    main(large="--no-large" not in sys.argv[1:])
