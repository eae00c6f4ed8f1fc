"""Figures of the ultimatum game: offers in their own units, answers as shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.estimation.test_ultimatum import MODEL, played
from tests.figures.test_estimates import check_inside

from foedus.estimation import Fit, estimate
from foedus.figures.catalogue import drawn, of_estimate
from foedus.figures.figure import Figure
from foedus.figures.offers import offers
from foedus.figures.predicted import predicted
from foedus.figures.theme import NARROW, WIDE


@pytest.fixture(scope="module")
def fit() -> Fit:
    data = played(300, seed=6)
    data["place"] = np.array(["north", "south"])[np.arange(300) % 2]
    fitted: Fit = estimate(replace(MODEL, receiver="1 + z + place"), data, starts=1)
    return fitted


@pytest.mark.parametrize("width", [NARROW, WIDE, 300, 1200])
def test_words_and_marks_lie_inside(fit: Fit, width: int) -> None:
    effects = [
        fit.effects({"x": np.linspace(-1, 1, 5)}, draws=40),
        fit.effects({"place": ["north", "south"]}, draws=40),
    ]
    figures = drawn(
        of_estimate(fit, effects=effects, made=fit.offers(), goodness=fit.goodness(), width=width)
    )
    names = [figure.name for figure in figures]
    assert names == [
        "coefficients", "predicted-offer-x", "predicted-acceptance-x", "predicted-offer-place",
        "predicted-acceptance-place", "goodness-offers", "goodness", "optima",
    ]  # fmt: skip
    for figure in figures:
        check_inside(figure, width)
        assert figure.summary.endswith(".")


def test_numbers_are_those_of_effects_and_offers(fit: Fit) -> None:
    found = fit.effects({"x": [-1.0, 1.0]}, draws=40)
    for part in found.apart():
        figure = predicted(part)
        assert isinstance(figure, Figure)
        np.testing.assert_array_equal(
            [row[2:] for row in figure.table.rows], part.table[["expected", "lower", "upper"]]
        )
        assert ("%" in figure.title) == ("acceptance" in part.most)
    made = fit.offers()
    figure = offers(made)
    table = pd.DataFrame(figure.table.rows, columns=figure.table.columns)
    np.testing.assert_array_equal(table["observed"], made.table["observed"])
    right = (np.abs(made.table["observed"] - made.table["predicted"])
             <= 1.96 * made.table["error"]).sum()  # fmt: skip
    assert f"in {right} of 10 groups" in figure.title
