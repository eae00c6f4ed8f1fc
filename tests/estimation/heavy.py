"""Bootstraps whose refits are kept, as a program: its arguments are which, and a store's path."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from tests.estimation.entry import entry_game, entry_names, entry_states

from foedus.ensemble import Executor, Progress
from foedus.estimation import DynamicModel, Fit, TreeModel, estimate, read_tree
from foedus.estimation.bootstrap import Bootstrap
from foedus.estimation.dynamic_equilibrium import solve_game
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.dynamic_simulation import simulate_play

DRAWS = 24
TREE = read_tree(
    {
        "player": "A",
        "actions": {
            "wait": "quiet",
            "go": {"player": "D", "actions": {"yield": "gain", "fight": "war"}},
        },
    }
)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def penalised() -> Fit:
    """A fit with a penalty, which keeps resamples from being refitted side by side."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"power": rng.normal(size=80)})
    data["y"] = rng.choice(["quiet", "gain", "war"], size=80)
    model = TreeModel(
        game=TREE, outcome="y", utilities={"A.gain": "1 + power", "D.war": "1"},
        distribution="gumbel",
    )  # fmt: skip
    fit: Fit = estimate(model, data, penalty="log-f", starts=1)
    return fit


def dynamic() -> DynamicFit:
    """A small game of entry."""
    game = entry_game(2, np.array([[0.8, 0.2], [0.2, 0.8]]), 0.9)
    stated = DynamicModel(
        game=game, names=entry_names(2), states=entry_states(2, 2), actions=["a1", "a2"]
    )
    choices = solve_game(game, np.array([-1.2, -1.0, 0.8, 1.0, 1.5])).choices
    begin = np.full(game.n_states, 1 / game.n_states)
    data = simulate_play(game, choices, stated.states, stated.actions, begin, 80, 5, seed=2)
    fit: DynamicFit = estimate(stated, data, starts=1, cluster="market")
    return fit


FITS = {"tree": (penalised, "case"), "dynamic": (dynamic, "block")}


def resampled(
    kind: str, store: Path | None, executor: Executor | None = None, *, slow: bool = False
) -> Bootstrap:
    """24 resamples of one of the fits above."""

    def tell(progress: Progress) -> None:
        if slow:
            say(str(progress.done))

    make, drawn = FITS[kind]
    found: Bootstrap = make().bootstrap(
        DRAWS, kind=drawn, seed=2, store=store, executor=executor, progress=tell
    )
    return found


if __name__ == "__main__":
    resampled(sys.argv[1], Path(sys.argv[2]), slow=True)
    say("done")
