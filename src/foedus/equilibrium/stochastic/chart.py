"""A picture of a path of equilibria: how play changes with the parameter, state by state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.equilibrium.stochastic.arrays import arrays_of
from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.equilibrium.stochastic.path import Path

MOST_STATES = 12  # in one picture
# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ((1, 0), (6, 3), (2, 2), (8, 2, 2, 2))


def chart(path: Path, states: list[str] | None) -> dict[str, Any]:
    """The picture as a Vega-Lite specification: a panel for each state, a line for each action."""
    arrays, space = arrays_of(path.game), path.game.structure.states
    labels = [space.label(state) for state in range(arrays.n_states)]
    chosen = labels[:MOST_STATES] if states is None else states
    unknown = [name for name in chosen if name not in labels]
    if unknown:
        raise QueryError(f"no state {unknown[0]!r}; the states are {', '.join(labels)}")
    rows = [
        {
            "point": at,
            "parameter": float(path.parameter[at]),
            "probability": float(path.strategies[at, state, player, action]),
            "state": labels[state],
            "player": path.game.players[player],
            "action": str(action),
        }
        for state, player, action in np.argwhere(arrays.available).tolist()
        if labels[state] in chosen and arrays.available[state, player].sum() > 1
        for at in range(len(path))
    ]
    name = path.settings.parameter_name
    crossings = [{"parameter": float(found.parameter)} for found in path.bifurcations]
    line = {
        # In the order of the path, which folds back over itself.
        "mark": {"type": "line"},
        "encoding": {
            "x": {
                "field": "parameter",
                "type": "quantitative",
                "title": name,
                "scale": _scale(name),
            },
            "y": {
                "field": "probability",
                "type": "quantitative",
                "title": "probability of the action",
                "scale": {"domain": [0, 1]},
            },
            "order": {"field": "point"},
            "color": {"field": "action", "type": "nominal", "scale": {"range": list(COLOURS)}},
            "strokeDash": {
                "field": "player",
                "type": "nominal",
                "scale": {"range": [list(dash) for dash in DASHES]},
            },
        },
    }
    rule = {
        "data": {"values": crossings},
        "mark": {"type": "rule", "strokeDash": [1, 3], "color": "#666666"},
        "encoding": {"x": {"field": "parameter", "type": "quantitative"}},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": f"{path.selection}. Dotted uprights: bifurcations.",
        "data": {"values": rows},
        "facet": {"field": "state", "type": "nominal", "sort": chosen, "title": None},
        "columns": 2 if len(chosen) > 1 else 1,
        "spec": {"width": 320, "height": 200, "layer": [line, rule] if crossings else [line]},
    }


def svg(path: Path, states: list[str] | None) -> str:
    """The picture as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart(path, states), vl_version="5.20"))


def _scale(name: str) -> dict[str, Any]:
    """Precision runs over orders of magnitude, and from 0."""
    return {"type": "symlog"} if name == "precision" else {}
