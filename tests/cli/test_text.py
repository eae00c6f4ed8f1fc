"""Figures and tables as people see them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from foedus.cli.text import Table, counted, number, plain, probability, residual, show_json

LONG = "Probability of renewed war within two years of an armistice"
TABLE = Table(
    headings=["quantity", "none", "pact", "pact_with_troops", "membership"],
    rows=[["values"], [LONG, "0.12", "-12.3", "1,234", "31 %"], ["x", "0", "1", "2", "3"]],
)


@pytest.mark.parametrize("value", [0.0, -0.0, -1e-30, -4e-9, -0.004])
def test_no_figure_is_minus_zero(value: float) -> None:
    assert number(value) != "-0.00"
    assert number(value).strip("-0.") or number(value) == "0.00"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_no_number_is_a_dash(value: float | None) -> None:
    assert number(value) == probability(value) == "-"


def test_rounding_never_shows_more_than_certainty() -> None:
    assert probability(0.9999) == "> 99.9 %"
    assert probability(1 - 1e-12) == "100 %"


def test_a_small_probability_is_not_shown_as_zero() -> None:
    assert probability(1e-6) not in ("0 %", "0.00 %")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_width(width: int) -> None:
    assert max(map(len, TABLE.render(width=width).splitlines())) <= width


def test_a_narrow_terminal_cuts_no_figure_and_no_word() -> None:
    text = TABLE.render(width=30)
    for cell in ("-12.3", "1,234", "31 %", "membership", *LONG.split()):
        assert cell in text


def test_figures_stand_under_their_headings() -> None:
    lines = TABLE.render(width=80).splitlines()
    ends = [len(line) for line in lines if line.endswith(("membership", "31 %", "3"))]
    assert len(set(ends)) == 1


def test_json_has_null_where_there_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a": float("nan"), "b": np.array([1.5, np.inf]), "c": np.bool_(True), "d": np.int64(3)}
    show_json(value)
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found == {"a": None, "b": [1.5, None], "c": True, "d": 3}
    assert plain({"tuple": (1, None, "x")}) == {"tuple": [1, None, "x"]}


def test_rounding_error_beside_figures_is_zero_but_a_residual_keeps_its_size() -> None:
    assert number(-3e-12) == "0.00"
    assert [residual(x) for x in (3e-13, 3e-10, 2e-5, 0.0)] == [
        "< 1e-12",
        "3e-10",
        "2e-5",
        "< 1e-12",
    ]


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("crisis", "crises"), ("loss", "losses"), ("box", "boxes"), ("clash", "clashes"),
     ("branch", "branches"), ("day", "days"), ("quantity", "quantities"), ("year", "years")],
)  # fmt: skip
def test_nouns_are_counted_properly(noun: str, plural: str) -> None:
    assert (counted(1, noun), counted(2, noun)) == (f"1 {noun}", f"2 {plural}")
