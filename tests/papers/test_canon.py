"""Every published number of a model of the canon is what foedus returns, to its printed digits."""

from __future__ import annotations

import pytest

from foedus.scenario.catalogue import entries
from published import MODELS, Model, crises


@pytest.mark.parametrize("name", MODELS)
def test_published_numbers(name: str) -> None:
    compared = Model(name=name).comparisons()
    assert compared
    assert [one for one in compared if not one.agrees] == []


def test_every_model_of_the_canon_has_published_numbers() -> None:
    scenarios = {name for name in MODELS if "title" not in Model(name=name).content()}
    assert scenarios == {entry.name for entry in entries() if entry.canon}


def test_all_equilibria_of_the_dynamic_audience_costs_are_found() -> None:
    """Two are published; a third lies between them, and play moves away from it."""
    model = Model(name="crismancox2018-audience-costs-dynamic")
    (case,) = model.content()["equilibria"]
    found = model.found(case)
    assert len(found) == 3
    peace = sorted(shares[0] for shares in found)
    assert peace[0] == pytest.approx(0.7689, abs=5e-5)
    assert peace[2] == pytest.approx(0.8738, abs=5e-5)


def test_the_stag_hunt_has_three_equilibria_and_no_more() -> None:
    model = Model(name="jervis1978-stag-hunt")
    (case,) = model.content()["equilibria"]
    assert len(model.found(case)) == 3


def test_crisis_signalling_has_three_equilibria_and_no_more() -> None:
    for case in Model(name="lewis2003-crisis-signalling").content()["crisis"]:
        assert len(crises(case)) == 3


@pytest.mark.xfail(
    strict=True,
    reason="Zagare & Kilgour (2003), the tripartite crisis game: its orders of payoffs are in the "
    "article alone. Published: a protege's threat to realign deters challengers of weak and "
    "moderate motivation, and can invite demands by strongly motivated ones.",
)
def test_the_tripartite_crisis_game_is_in_the_canon() -> None:
    assert "zagare2003-tripartite-crisis" in MODELS
