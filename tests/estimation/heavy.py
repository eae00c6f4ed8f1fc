"""A bootstrap whose refits are kept, as a program of its own: a store's path is its argument."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from foedus.ensemble import Executor, Progress
from foedus.estimation import TreeModel, estimate, read_tree
from foedus.estimation.bootstrap import Bootstrap

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


def resampled(
    store: Path | None, executor: Executor | None = None, *, slow: bool = False
) -> Bootstrap:
    """24 resamples of a fit with a penalty, which keeps them from being refitted side by side."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"power": rng.normal(size=80)})
    data["y"] = rng.choice(["quiet", "gain", "war"], size=80)
    model = TreeModel(
        game=TREE, outcome="y", utilities={"A.gain": "1 + power", "D.war": "1"},
        distribution="gumbel",
    )  # fmt: skip
    fit = estimate(model, data, penalty="log-f", starts=1)

    def tell(progress: Progress) -> None:
        if slow:
            say(str(progress.done))

    found: Bootstrap = fit.bootstrap(DRAWS, seed=2, store=store, executor=executor, progress=tell)
    return found


if __name__ == "__main__":
    resampled(Path(sys.argv[1]), slow=True)
    say("done")
