"""Data that cannot be estimated from get one clear answer that names everything at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.estimation.conftest import FORMULA, LABELS, crises

from foedus.errors import DataError
from foedus.estimation import TreeModel, classic_model, estimate


def model(formula: str = FORMULA) -> TreeModel:
    return classic_model("egame12", formula, outcomes=LABELS)


def refusal(data: object, formula: str = FORMULA, **more: object) -> str:
    with pytest.raises(DataError) as caught:
        estimate(model(formula), data, **more)
    return str(caught.value)


def test_unknown_columns_are_all_named_with_the_nearest(played: pd.DataFrame) -> None:
    said = refusal(played, "y ~ 0 + democracie | 1 | 1 + powr | 1 + democracy", weights="w")
    assert "`democracie`" in said
    assert "did you mean `democracy`?" in said
    assert "did you mean `power`?" in said
    assert "a column `w`" in said


def test_wrong_outcome_labels_are_named_with_their_lines(
    played: pd.DataFrame, tmp_path: Path
) -> None:
    data = played.copy()
    data.loc[[3, 7], "y"] = "wor"
    data.to_csv(tmp_path / "crises.csv", index=False)
    said = refusal(tmp_path / "crises.csv")
    assert "`wor` is no outcome of the game (lines 5, 9)" in said
    assert "did you mean `war`?" in said
    assert "column `y`" in said


def test_constant_and_collinear_covariates_are_named(played: pd.DataFrame) -> None:
    data = played.assign(one=3.0, twice=2 * played.power)
    said = refusal(data, "y ~ 0 | 1 | 1 + power + twice | 1 + one")
    assert "`twice` in the formula of 1.war repeats what power say" in said
    said = refusal(data, "y ~ 0 | 1 | 1 + power | 1 + one")
    assert "`one` in the formula of 2.war is constant" in said


def test_a_covariate_in_every_utility_of_a_player_is_not_identified(played: pd.DataFrame) -> None:
    said = refusal(played, "y ~ 1 + power | 1 + power | 1 + power | 1 + democracy")
    assert "cannot be told apart, whatever is observed" in said
    assert "1.quiet:power" in said


def test_perfect_separation_is_found_before_fitting(played: pd.DataFrame) -> None:
    data = played.assign(resolve=(played.y == "war") * 1.0)
    said = refusal(data, "y ~ 0 | 1 | 1 + power | 1 + resolve")
    assert "2.war:resolve" in said
    assert "the estimate is infinite" in said
    assert "penalty='log-f'" in said
    fit = estimate(model("y ~ 0 | 1 | 1 + power | 1 + resolve"), data, penalty="log-f")
    assert np.isfinite(fit.bse).all()
    assert fit.separation[0].exact


def test_a_single_outcome_teaches_nothing(played: pd.DataFrame) -> None:
    assert "only one outcome occurs: war" in refusal(played[played.y == "war"])


def test_infinities_are_refused_with_their_lines(played: pd.DataFrame) -> None:
    data = played.copy()
    data.loc[4, "power"] = np.inf
    assert "`power` in the formula of 1.war are not finite (line 5)" in refusal(data)
    said = refusal(played.assign(power=0.0), "y ~ 0 | 1 | 1 + log(power) | 1")
    assert "a logarithm of 0 is infinite" in said


def test_missing_values_are_reported_or_refused(played: pd.DataFrame) -> None:
    data = played.copy()
    data.loc[[2, 5], "power"] = np.nan
    data.loc[5, "y"] = None
    fit = estimate(model(), data, starts=1)
    assert (fit.missing.rows, fit.missing.used) == (2, len(data) - 2)
    assert fit.missing.by_column == {"power": 2, "y": 1}
    assert fit.missing.lines == (3, 6)
    assert "2 left out because of missing values: power in 2, y in 1" in fit.summary()
    said = refusal(data, missing="raise")
    assert "column `power`: 2 values are missing (lines 3, 6)" in said


def test_ten_rows_cannot_determine_many_coefficients() -> None:
    covariates = {f"x{i}": np.random.default_rng(i).normal(size=10) for i in range(9)}
    data = pd.DataFrame({"y": ["quiet", "gain", "war"] * 3 + ["war"], **covariates})
    said = refusal(data, "y ~ 0 | 1 | 1 + x0 + x1 + x2 + x3 + x4 | 1 + x5 + x6 + x7 + x8")
    assert "10 rows cannot determine 12 coefficients" in said


def test_ten_rows_of_two_constants_are_enough() -> None:
    data = pd.DataFrame({"y": ["quiet", "gain", "war"] * 3 + ["war"]})
    fit = estimate(model("y ~ 0 | 1 | 0 | 1"), data)
    np.testing.assert_allclose(fit.predict().iloc[0], [0.3, 0.3, 0.4], atol=1e-7)


def test_weights_that_are_no_weights(played: pd.DataFrame) -> None:
    data = played.assign(w=1.0)
    data.loc[0, "w"] = -1.0
    assert "column `w`: 1 values are below 0 (line 1)" in refusal(data, weights="w")
    text = played.assign(w="much")
    assert "are not numbers" in refusal(text, weights="w")


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "nothing.csv")
    (tmp_path / "empty.csv").write_text("")
    assert "cannot be read" in refusal(tmp_path / "empty.csv")
    (tmp_path / "head.csv").write_text("y,power,democracy\n")
    assert "there are no rows" in refusal(tmp_path / "head.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\x01" * 40)
    assert refusal(tmp_path / "bytes.csv")


def test_formulas_that_are_none(played: pd.DataFrame) -> None:
    assert "needs 4 parts, u11 | u12 | u13 | u23; found 2" in refusal(played, "y ~ 1 | 2")
    assert "is no formula" in refusal(played, "y ~ 0 | 1 | power + + * | 1")
    assert "only these functions are known" in refusal(played, "y ~ 0 | 1 | sin(power) | 1")


def test_new_levels_and_missing_columns_are_refused_when_predicting(played: pd.DataFrame) -> None:
    data = played.assign(regime=np.where(played.country % 2 == 0, "open", "closed"))
    fit = estimate(model("y ~ 0 | 1 | 0 + power | 1 + regime"), data, starts=1)
    with pytest.raises(DataError, match="new levels"):
        fit.predict(pd.DataFrame({"power": [0.0], "regime": ["other"]}))
    with pytest.raises(DataError, match="cannot be applied"):
        fit.predict(pd.DataFrame({"power": [0.0]}))


@pytest.mark.slow
def test_a_million_rows_are_fitted() -> None:
    data = crises(1_000_000, seed=9)
    fit = estimate(model(), data)
    truth = [0.4, 0.8, 0.9, 0.4, -0.7]
    assert (np.abs(fit.point - truth) < 5 * fit.bse).all()
