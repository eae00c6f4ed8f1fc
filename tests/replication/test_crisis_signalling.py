"""The sanctions model of Crisman-Cox and Gibilisco (2021): full, pseudo- and nested likelihood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foedus.estimation import SignallingModel, estimate

UTILITIES = {
    "S_A": "0 + sqrt(senderecondep) + senderdemocracy + contig + ally",
    "V_A": "anticipatedsendercosts",
    "C_B": "sqrt(targetecondep) + anticipatedtargetcosts + contig + ally",
    "W_A": "sqrt(senderecondep) + senderdemocracy + lncaprat",
    "W_B": "targetdemocracy + lncaprat",
    "a": "senderdemocracy",
}


def model(method: str = "nfxp") -> SignallingModel:
    return SignallingModel(
        utilities=UTILITIES, counts=["sq", "cd", "sf", "bd"], method=method,
        beliefs=("PRhat", "PFhat"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def published(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "sigint" / "reference_fits.json").read_text())


def test_full_likelihood_from_its_pseudo_likelihood(
    folder: Path, published: dict[str, Any]
) -> None:
    fit, wanted = (
        estimate(model(), folder / "sigint" / "sanctionsData.csv", starts=11),
        published["ml"],
    )
    assert fit.llf == pytest.approx(wanted["loglik"], abs=1e-7)
    np.testing.assert_allclose(fit.point, wanted["coef"], atol=1e-6)
    np.testing.assert_allclose(fit.bse, wanted["se_observed_information"], atol=1e-5)
    assert len(fit.optima) == 1
    assert sum(attempt.optimum == 0 for attempt in fit.attempts) >= 9
    assert len(fit.equilibria()) == 418  # one in every dyad


def test_pseudo_likelihood(folder: Path, published: dict[str, Any]) -> None:
    fit = estimate(model("pl"), folder / "sigint" / "sanctionsData.csv")
    assert fit.llf == pytest.approx(published["pl_randomforest_phat"]["loglik"], abs=1e-6)


def test_nested_pseudo_likelihood_and_the_way_on_from_it(
    folder: Path, published: dict[str, Any]
) -> None:
    data = folder / "sigint" / "sanctionsData.csv"
    fit = estimate(model("npl"), data)
    assert fit.llf == pytest.approx(published["npl"]["loglik"], abs=2e-3)
    np.testing.assert_allclose(fit.point, published["npl"]["coef"], atol=2e-2)
    on = estimate(model(), data, first=fit.point, starts=1)
    assert on.llf == pytest.approx(published["ml"]["loglik"], abs=1e-7)
