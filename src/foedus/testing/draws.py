"""Draws whose figures are given formulas, so that what a verdict must be is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foedus.findings.draws import Draws
from foedus.numerics.designs import Design, Kind
from foedus.scenario.statements import Figure

Formulas = Mapping[str, Callable[..., Any]]


def toy_figure(name: str) -> Figure:
    """The figure that stands for a formula of `toy_draws`."""
    return Figure(quantity=name, regime="toy")


def toy_draws(
    n: int, formulas: Formulas, *, names: str = "xyz", seed: int = 1, kind: Kind = "sobol"
) -> Draws:
    """Draws of parameters with one-letter `names`, each over 0..1, with a figure per formula.

    A formula takes the columns in the order of `names` and returns a column or a number.

    >>> draws = toy_draws(4, {"sum": lambda x, y: x + y, "half": lambda x, y: 0.5}, names="xy")
    >>> draws.figure(toy_figure("half"))
    array([0.5, 0.5, 0.5, 0.5])
    """
    ends, scales = (0.0,) * len(names), ("linear",) * len(names)
    design = Design(
        kind=kind,
        n=n,
        seed=seed,
        names=tuple(names),
        lows=ends,
        highs=(1.0,) * len(names),
        scales=scales,  # type: ignore[arg-type]
    )
    parameters = design.draws()
    rows = len(parameters)
    return Draws(
        names=design.names,
        lows=design.lows,
        highs=design.highs,
        scales=design.scales,
        parameters=parameters,
        solved=np.ones(rows, dtype=bool),
        figures={
            toy_figure(name): np.broadcast_to(np.asarray(f(*parameters.T), dtype=float), (rows,))
            for name, f in formulas.items()
        },
    )
