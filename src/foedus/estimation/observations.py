r"""What was observed, row by row, as counts of outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from foedus.estimation.problems import Problems
from foedus.estimation.table import Table
from foedus.scenario.suggestions import did_you_mean


def label(value: object) -> str:
    """A value of the table as a label: 1.0 and 1 are the same outcome.

    >>> label(1.0), label("war")
    ('1', 'war')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def count_labels(
    table: Table, column: str, outcomes: Sequence[str], problems: Problems
) -> np.ndarray:
    """One outcome per row, by its label."""
    codes, values = pd.factorize(table.frame[column])
    place = np.full(len(values) + 1, -1)
    for k, value in enumerate(values):
        text = label(value)
        if text in outcomes:
            place[k] = outcomes.index(text)
        else:
            problems.add(
                f"`{text}` is no outcome of the game",
                column=column,
                lines=table.lines[codes == k],
                hint=did_you_mean(text, outcomes, "outcomes"),
            )
    counts: np.ndarray = (place[codes][:, None] == np.arange(len(outcomes))).astype(float)
    return counts


def count_actions(
    table: Table,
    columns: Sequence[str],
    histories: Mapping[tuple[int, ...], int],
    outcomes: Sequence[str],
    problems: Problems,
) -> np.ndarray:
    """0/1 actions in the order of play; what a player would have done later does not count."""
    actions = np.stack([table.frame[name].to_numpy(dtype=float) for name in columns], axis=1)
    for name, column in zip(columns, actions.T, strict=True):
        bad = ~np.isin(column, [0.0, 1.0]) & ~np.isnan(column)
        if bad.any():
            problems.add("actions are 0 or 1", column=name, lines=table.lines[bad])
    counts = np.zeros((len(actions), len(outcomes)))
    for history, outcome in histories.items():
        counts[(actions[:, : len(history)] == history).all(axis=1), outcome] = 1.0
    return counts


def count_numbers(table: Table, columns: Sequence[str], problems: Problems) -> np.ndarray:
    """How often each outcome was observed, one column per outcome."""
    return np.stack([table.numbers(name, problems, least=0.0) for name in columns], axis=1)


def check_variety(
    counts: np.ndarray, outcomes: Sequence[str], n_parameters: int, problems: Problems
) -> None:
    """Note where nothing can be learnt: one outcome only, or fewer rows than parameters."""
    seen = [name for name, total in zip(outcomes, counts.sum(axis=0), strict=True) if total > 0]
    if len(seen) < 2:
        problems.add(
            f"only one outcome occurs: {', '.join(seen) or 'none'}",
            hint=f"the model tells {', '.join(outcomes)} apart",
        )
    rows = int((counts.sum(axis=1) > 0).sum())
    if counts.sum() < n_parameters:
        problems.add(
            f"{rows} rows cannot determine {n_parameters} coefficients",
            hint="fewer covariates, or a penalty, or more data",
        )
