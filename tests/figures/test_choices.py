"""Predicted choices drawn: legible with many states, and honest about what is left out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.figures.test_estimates import check_inside

from foedus.estimation.dynamic_predictions import Predictions
from foedus.figures.catalogue import drawn
from foedus.figures.choices import LINES, ROWS, choices
from foedus.figures.figure import Figure
from foedus.figures.theme import NARROW, WIDE


def predictions(states: pd.DataFrame, actions: list[str], *, ended: int = 0) -> Predictions:
    """Made-up probabilities; a later state was seen more often than an earlier one."""
    rng, size = np.random.default_rng(0), len(states)
    p = rng.dirichlet(np.ones(len(actions)), size)
    index = pd.MultiIndex.from_frame(states.iloc[np.repeat(np.arange(size), len(actions))])
    table = pd.DataFrame(
        {
            "player": "defender of the coast", "action": np.tile(actions, size),
            "observations": np.repeat(np.arange(size) + 1.0, len(actions)),
            "probability": p.ravel(), "lower": 0.9 * p.ravel(),
            "upper": np.minimum(1.1 * p.ravel(), 1.0),
        },
        index=index,
    )  # fmt: skip
    return Predictions(table=table, draws=200, ended=ended, level=0.95)


GRID = pd.DataFrame(
    list(product([1, 2, 5], [0, 1], [0, 1], [0, 1])), columns=["market size", "a", "b", "c"]
)
NAMES = pd.DataFrame(
    {
        "where": [f"a place of a rather long name, the {n}th" for n in range(30)],
        "calm": [n % 2 == 0 for n in range(30)],
    }
)


@pytest.mark.parametrize("width", [NARROW, WIDE, 300, 1200])
@pytest.mark.parametrize("states", [GRID, NAMES, GRID[["market size"]].drop_duplicates()])
@pytest.mark.parametrize("actions", [["stay", "go"], ["calm", "threaten", "attack"]])
def test_words_and_marks_lie_inside(states: pd.DataFrame, actions: list[str], width: int) -> None:
    found = predictions(states, actions)
    figure = choices(found, "defender of the coast", width=width)
    check_inside(figure, width)
    assert drawn([figure])
    assert figure.summary.endswith(".")
    assert len(figure.table.rows) == len(states) * len(actions)
    column = figure.table.columns.index("probability")
    np.testing.assert_array_equal(
        [row[column] for row in figure.table.rows], found.table["probability"]
    )


def said(figure: Figure) -> list[str]:
    return [
        row["says"]
        for layer in figure.spec["layer"]
        for row in layer["data"]["values"]
        if "says" in row
    ]


def test_states_beyond_what_is_legible_are_left_out_and_said() -> None:
    ladder = choices(predictions(NAMES, ["stay", "go"]), "defender of the coast")
    assert len(said(ladder)) == ROWS  # of two actions one is drawn
    assert "the 29th" in said(ladder)[-1]  # those seen most often
    assert any(f"the {ROWS} of 30 states" in note for note in ladder.notes)
    lines = choices(predictions(GRID, ["stay", "go"]), "defender of the coast")
    assert len(said(lines)) == 3 * LINES
    assert any(f"the {LINES} of 8 lines" in note for note in lines.notes)
    all_of_them = choices(predictions(NAMES[:4], ["stay", "go"]), "defender of the coast")
    assert not any("seen most often" in note for note in all_of_them.notes)


def test_draws_that_were_lost_are_said() -> None:
    figure = choices(predictions(NAMES, ["stay", "go"], ended=13), "defender of the coast")
    assert any(
        note.startswith("In 13 of 200 draws this equilibrium ended") for note in figure.notes
    )
    every = predictions(NAMES, ["stay", "go"], ended=200)
    every.table[["lower", "upper"]] = np.nan
    bare = choices(every, "defender of the coast")
    check_inside(bare, WIDE)
    assert "no interval" in said(bare)[0]
    assert bare.table.rows[0][-1] is None
