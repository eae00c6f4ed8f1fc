"""Games of every kind that environments are made of."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

import foedus as fd
from foedus.game.trees import Growth
from foedus.scenario.library import starter


@cache
def crisis() -> fd.Game:
    """The scenario that `foedus new` writes."""
    path = Path(mkdtemp()) / "crisis.yaml"
    path.write_text(starter("crisis"), encoding="utf-8")
    return fd.compile_scenario(fd.read(path))


@cache
def signals() -> fd.ExtensiveGame:
    """A sender of two types, a receiver who sees the message alone; a fee is paid half-way."""
    growth = Growth(["Sender", "Receiver"])
    fee = growth.outcome([-1, 0])
    growth.draw(["high", "low"], ["1/3", "2/3"])
    for kind in (1, 0):
        growth.choose("Sender", ["loud", "quiet"], label=f"type {kind}")
        for message in ("loud", "quiet"):
            growth.choose(
                "Receiver",
                ["yield", "resist"],
                of=message,
                label=f"after {message}",
                outcome=fee if message == "loud" else -1,
            )
            growth.end([3, 0])
            growth.end([2 * kind, 2 - 3 * kind])
    return growth.finish(title="signals")


@cache
def finite() -> fd.Game:
    """Two players, two states, three periods."""
    return fd.stochastic_game(_PAYOFFS, _CHANCES, 0.9, horizon=3, actions=[["a", "b"], ["x", "y"]])


@cache
def stationary() -> fd.Game:
    """The same for ever."""
    return fd.stochastic_game(_PAYOFFS, _CHANCES, 0.9)


_RNG = np.random.default_rng(1)
_PAYOFFS = _RNG.normal(size=(2, 2, 2, 2)).round(2)
_CHANCES = np.full((2, 2, 2, 2), 0.5)

GAMES: dict[str, tuple[Any, dict[str, int]]] = {
    "scenario": (crisis, {}),
    "tree": (signals, {}),
    "finite": (finite, {}),
    "stationary": (stationary, {"periods": 20}),
}
