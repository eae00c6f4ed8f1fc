"""Figures of estimates: numbers equal to the fit's, words inside, whatever was estimated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import vl_convert
from tests.estimation.conftest import FORMULA, LABELS, crises

from estimate_figures import example
from foedus.estimation import calibrate, classic_model, estimate
from foedus.estimation.bootstrap import Bootstrap
from foedus.estimation.calibration import implied_parameters
from foedus.estimation.effects import Effects
from foedus.estimation.fit import Fit
from foedus.figures import catalogue
from foedus.figures.coefficients import coefficients
from foedus.figures.estimated import estimated
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.lettering import width as measured
from foedus.figures.observed import observed
from foedus.figures.optima import optima
from foedus.figures.predicted import predicted
from foedus.figures.profile import profile
from foedus.figures.render import for_page, to_svg
from foedus.figures.theme import NARROW, TOKENS, WIDE
from foedus.findings.assess import assess
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario

COLOURS = {token.light for token in TOKENS}


@pytest.fixture(scope="module")
def fit() -> Fit:
    data = crises(600)
    data["region"] = np.array(["north", "south", "east"])[np.arange(600) % 3]
    model = classic_model("egame12", FORMULA.replace("democracy", "democracy + region"),
                          outcomes=LABELS)  # fmt: skip
    fitted: Fit = estimate(model, data)
    return fitted


@pytest.fixture(scope="module")
def resampled(fit: Fit) -> Bootstrap:
    return fit.bootstrap(40)


def everything(fit: Fit, resampled: Bootstrap | None, width: int) -> list[Figure | NoFigure]:
    effects = [
        fit.effects({"democracy": np.linspace(-1, 1, 9)}, draws=60),
        fit.effects({"region": ["north", "south", "east"]}, draws=60),
        fit.effects({"power": [0.0, 1.0], "trade": [0.0, 1.0]}, draws=20),
    ]
    return list(
        catalogue.of_estimate(
            fit, resampled=resampled, effects=effects, goodness=fit.goodness(),
            profiles=[fit.profile(fit.names[0])], width=width,
        )
    )  # fmt: skip


def check_inside(figure: Figure, width: int) -> None:
    """Known colours alone, and marks and words within the drawing."""
    assert figure.spec["width"] == width
    for layer in figure.spec["layer"]:
        mark = layer["mark"]
        used = {mark.get(key) for key in ("color", "fill", "stroke")} - {None}
        assert used <= COLOURS, figure.name
        for row in layer["data"]["values"]:
            assert all(-1 <= row[a] <= width + 1 for a in ("x", "x2") if a in row), row
            height = figure.spec["height"] + 1
            assert all(-1 <= row[a] <= height for a in ("y", "y2") if a in row), row
            if "text" in row:
                long = measured(row["text"], mark["fontSize"], bold=mark["fontWeight"] == "bold")
                share = {"left": 0.0, "center": 0.5, "right": 1.0}[mark["align"]]
                left = row["x"] - share * long
                assert left >= -4, (figure.name, row)
                assert left + long <= width + 6, (figure.name, row)


@pytest.mark.parametrize("width", [NARROW, WIDE, 300, 1200])
def test_words_and_marks_lie_inside(fit: Fit, resampled: Bootstrap, width: int) -> None:
    figures = everything(fit, resampled, width)
    names = [figure.name for figure in figures]
    assert len(set(names)) == len(names) == 7
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)
    (none,) = [figure for figure in figures if isinstance(figure, NoFigure)]
    assert none.reason.startswith("power and trade")
    for figure in catalogue.drawn(figures):
        check_inside(figure, width)


def test_specifications_draw_and_texts_are_whole(
    fit: Fit, resampled: Bootstrap, capfd: pytest.CaptureFixture[str]
) -> None:
    for figure in catalogue.drawn(everything(fit, resampled, WIDE)):
        spec = json.loads(json.dumps(figure.spec, allow_nan=False))
        vl_convert.vegalite_to_vega(spec, vl_version="5.21", show_warnings=True)
        json.dumps(figure.to_dict(), allow_nan=False)
        assert figure.summary.endswith(".")
        assert all(note.endswith(".") for note in figure.notes)
        for text in (for_page(figure, focusable=True), to_svg(figure)):
            ElementTree.fromstring(text)
    assert "WARN" not in "".join(capfd.readouterr())


def test_coefficients_are_the_fits_own(fit: Fit, resampled: Bootstrap) -> None:
    figure = coefficients(fit, resampled)
    table = pd.DataFrame(figure.table.rows, columns=figure.table.columns).set_index("coefficient")
    np.testing.assert_array_equal(table["estimate"], fit.point)
    np.testing.assert_array_equal(table[["low", "high"]], fit.conf_int())
    np.testing.assert_array_equal(table[["bootstrap low", "bootstrap high"]], resampled.conf_int())
    away = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    assert figure.title.startswith(f"{away} of {len(table)} ")


def test_an_outlying_interval_leaves_the_scale_and_is_said(fit: Fit) -> None:
    wide = replace(fit, point=fit.point * np.where(np.arange(len(fit.point)) == 0, 1e4, 1.0))
    figure = coefficients(wide)
    assert any(note.startswith("Intervals beyond the scale: 1.") for note in figure.notes)
    none = replace(fit, hessian=-fit.hessian)
    assert coefficients(none).title == "No coefficient can be told from 0 at 95 %"
    assert coefficients(none).table.rows[0][2] is None


def test_predictions_are_those_of_effects(fit: Fit) -> None:
    found = fit.effects({"democracy": np.linspace(-1, 1, 5)}, draws=200)
    figure = predicted(found)
    assert isinstance(figure, Figure)
    rows = [row[2:] for row in figure.table.rows]
    np.testing.assert_array_equal(rows, found.table[["probability", "lower", "upper"]])
    table = found.table
    ends = {o: own["probability"].iloc[[0, -1]].tolist() for o, own in table.groupby("outcome")}
    most = max(ends, key=lambda o: abs(ends[o][1] - ends[o][0]))
    assert f"the chance of {most} goes from" in figure.title
    only = predicted(fit.effects({"democracy": [0.0]}, draws=5))
    assert isinstance(only, NoFigure)


def test_rare_outcomes_are_seen_beside_one_that_is_nearly_certain() -> None:
    chances = {"quiet": (0.985, 0.972), "threat": (0.012, 0.02), "war": (0.003, 0.008)}
    table = pd.DataFrame(
        [
            {"x": float(x), "outcome": o, "probability": p[x], "lower": 0.9 * p[x],
             "upper": min(1.0, 1.1 * p[x])}
            for x in (0, 1)
            for o, p in chances.items()
        ]
    )  # fmt: skip
    figure = predicted(Effects(table=table, changed=("x",), held={}, level=0.95))
    assert isinstance(figure, Figure)
    assert len(figure.table.rows) == 6  # also of what the picture leaves out
    assert "the chance of threat goes from 1 % to 2 %" in figure.title
    assert any(note.startswith("quiet is 97 % likely or more") for note in figure.notes)
    assert "war: 0.3 % (0.27 % to 0.33 %) to 0.8 %" in figure.summary


def test_goodness_counts_groups_within_sampling_error(fit: Fit) -> None:
    figure = observed(fit.goodness())
    assert isinstance(figure, Figure)
    told = [row for row in figure.table.rows if row[3] >= 5]
    right = sum(row[4] <= row[2] <= row[5] for row in told)
    assert f"in {right} of {len(told)} groups" in figure.title
    assert right >= 0.7 * len(told)  # the model is true here
    wrong = fit.goodness().calibration.assign(observed=lambda t: 1 - t["predicted"])
    bad = observed(replace(fit.goodness(), calibration=wrong))
    assert int(re.search(r"in (\d+) of", bad.title).group(1)) < right  # type: ignore[union-attr]


def test_a_profile_shows_its_interval_or_that_it_is_open(fit: Fit) -> None:
    found = fit.profile(fit.names[0])
    figure = profile(found)
    assert "lies between" in figure.title
    assert [row[1] for row in figure.table.rows] == list(found.llf)
    open_ = replace(found, llf=np.where(found.values > found.estimate, found.maximum, found.llf))
    assert "nothing bounds it above" in profile(open_).title


def test_every_optimum_is_shown(fit: Fit) -> None:
    figure = optima(fit)
    assert figure.title == "4 of 4 starts led to one and the same optimum"
    other = replace(fit.optima[0], value=fit.llf - 3.0)
    ended = (replace(fit.attempts[1], optimum=1, value=fit.llf - 3.0), fit.attempts[0],
             replace(fit.attempts[2], optimum=None, converged=False))  # fmt: skip
    several = optima(replace(fit, optima=(fit.optima[0], other), attempts=ended))
    assert several.title == ("3 starts led to 2 optima, 1 of them to the best; 1 led to no maximum")
    assert [row[1] for row in several.table.rows] == [fit.optima[0].value, fit.llf - 3.0]


@pytest.mark.parametrize("kind", ["sampling", "interval"])
def test_a_calibrated_region_is_shown_with_its_source(kind: str) -> None:
    stated, data = example()
    fitted = estimate(stated.model, data, **{**stated.options, "starts": 1})
    at = {"ally": 1, "stakes": 1.0}
    scenario = calibrate(fitted, at, kind=kind)  # type: ignore[arg-type]
    findings = assess(scenario, draws=128, quick=True, checks=0)
    values, covariance = implied_parameters(fitted, at)
    figure = estimated(scenario, findings)
    assert isinstance(figure, Figure)
    assert figure.title == "3 assumptions come from an estimate"
    assert "An estimate by maximum likelihood" in figure.notes[0]
    table = pd.DataFrame(figure.table.rows, columns=figure.table.columns).set_index("assumption")
    spread = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(table["median"], values, atol=0.1 * spread.max())
    half = (table["high"] - table["low"]) / 2
    wanted = 1.96 * spread * (1.0 if kind == "sampling" else 0.95)
    np.testing.assert_allclose(half, wanted, rtol=0.12)


def test_a_region_that_nobody_estimated_has_no_such_figure(
    rivals: Scenario, rivalry_findings: Findings
) -> None:
    none = estimated(rivals, rivalry_findings)
    assert isinstance(none, NoFigure)
    assert none.reason == "No assumption of this scenario comes from an estimate."
