"""The verdict board says what the findings say."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.figures.figure import Figure, NoFigure
from foedus.figures.theme import NARROW, WIDE
from foedus.figures.verdict_board import beside_rivals, verdict_board
from foedus.findings.result import Findings


def test_the_table_has_the_shares_that_the_draws_give(findings: Findings) -> None:
    figure = verdict_board(findings)
    assert isinstance(figure, Figure)
    rows = {row[0]: dict(zip(figure.table.columns, row, strict=True)) for row in figure.table.rows}
    assert set(rows) == {one.claim.name for one in findings.claims}
    kept = np.isin(findings.base.rows, findings.plausible_rows)
    acts = findings.base.values[:, findings.quantities.index("acts")][:, kept]
    none, helped = acts[findings.regimes.index("none")], acts[findings.regimes.index("help")]
    assert rows["acts"]["share"] == pytest.approx((none > 0.5).mean())
    assert rows["helps"]["share"] == pytest.approx((helped - none > 0.05).mean())


def test_rivals_stand_side_by_side(findings: Findings) -> None:
    figure = verdict_board(findings)
    assert isinstance(figure, Figure)
    assert [row[0] for row in figure.table.rows][:2] == ["helps", "acts"]


def test_a_claim_stands_beside_its_rivals_alone(findings: Findings) -> None:
    figure = beside_rivals(findings, "acts")
    assert isinstance(figure, Figure)
    assert [row[0] for row in figure.table.rows] == ["acts", "helps"]
    assert isinstance(beside_rivals(findings, "region"), NoFigure)


def test_the_title_counts_every_claim_once(findings: Findings) -> None:
    figure = verdict_board(findings)
    assert isinstance(figure, Figure)
    counts = [int(word) for word in figure.title.replace(",", "").split() if word.isdigit()]
    assert counts[0] == len(findings.claims) == sum(counts[1:])


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_marks_lie_inside_the_drawing_where_the_share_says(findings: Findings, width: int) -> None:
    figure = verdict_board(findings, width=width)
    assert isinstance(figure, Figure)
    points = [
        row
        for layer in figure.spec["layer"]
        if layer["mark"]["type"] == "point"
        for row in layer["data"]["values"]
    ]
    shares = sorted(row[4] for row in figure.table.rows if row[4] is not None)
    places = sorted(point["x"] for point in points)
    assert len(places) == len(shares)
    steps = np.polyfit(shares, places, 1)
    assert np.allclose(np.polyval(steps, shares), places, atol=0.02)
    assert all(
        0 <= point["x"] <= width and 0 <= point["y"] <= figure.spec["height"] for point in points
    )


def test_without_claims_it_says_why_there_is_nothing(claimless: Findings) -> None:
    nothing = verdict_board(claimless)
    assert isinstance(nothing, NoFigure)
    assert "no claims" in nothing.reason
