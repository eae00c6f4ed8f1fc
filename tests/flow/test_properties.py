"""What is true of every scenario and game, tried on random ones."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import foedus as fd
from foedus.game.game import Game
from foedus.testing import games, scenarios

# Every new shape compiles anew, so these are few and small.
FEW = settings(max_examples=6)


def scenario(text: str) -> fd.Scenario:
    """Written to a file and read back, as an analyst would."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.yaml"
        path.write_text(text, encoding="utf-8")
        return fd.read(str(path))


def worth(equilibrium: fd.Equilibrium) -> dict[str, float]:
    """Value to each player from the first start."""
    start = next(iter(equilibrium.game.structure.starts.values()))
    return dict(zip(equilibrium.game.players, (start @ equilibrium.values).tolist(), strict=True))


def play(equilibrium: fd.Equilibrium) -> list[tuple[np.ndarray, int]]:
    """Every array of probabilities in the profile, with the axis of the mover's own actions."""
    arrays: list[tuple[np.ndarray, int]] = []
    for stage in equilibrium.profile.stages:
        if isinstance(stage, tuple):
            arrays += [(member, 2 + position) for position, member in enumerate(stage)]
        elif stage is not None:
            arrays.append((stage, 2))
    return arrays


def scaled(text: str, player: str, factor: float) -> str:
    """The scenario with a player's payoffs multiplied and its precision divided by `factor`."""
    document: dict[str, Any] = yaml.safe_load(text)
    document["players"][player]["precision"] = document["precision"] / factor
    parts = document["payoffs"][player]
    document["payoffs"][player] = {name: f"{factor}*({part})" for name, part in parts.items()}
    for ending in document["state"]["f1"].get("endings", {}).values():
        ending["payoffs"][player] *= factor
    return yaml.safe_dump(document, sort_keys=False, width=1000)


@settings(max_examples=25)
@given(scenarios())
def test_random_scenarios_are_valid_to_the_last_warning(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.yaml"
        path.write_text(text, encoding="utf-8")
        assert fd.examine(str(path))[1] == ()


@FEW
@given(scenarios(), st.sampled_from(["expected", "shock"]))
def test_random_scenarios_solve_with_a_certificate(text: str, convention: str) -> None:
    document = scenario(text)
    for regime in [alternative.name for alternative in document.regimes]:
        game = fd.compile_scenario(document, regime=regime)
        certificate = fd.solve(game, fd.Logit(convention=convention)).certificate
        assert certificate.passed
        assert certificate.residual is not None
        assert certificate.residual < 1e-9


@FEW
@given(scenarios(stationary=True, max_players=2, max_factors=2))
def test_random_stationary_scenarios_solve_with_a_certificate(text: str) -> None:
    assert fd.solve(fd.compile_scenario(scenario(text))).certificate.passed


@FEW
@given(scenarios())
def test_players_names_decide_nothing(text: str) -> None:
    names = {"A": "Zed", "B": "Yara", "C": "Xi"}
    renamed = re.sub(r"\b[ABC]\b", lambda found: names[found[0]], text)
    before = fd.solve(fd.compile_scenario(scenario(text)))
    after = fd.solve(fd.compile_scenario(scenario(renamed)))
    assert {names[player]: value for player, value in worth(before).items()} == worth(after)


@FEW
@given(scenarios(), st.sampled_from([0.25, 3.0, 100.0]))
def test_only_precision_times_payoff_counts(text: str, factor: float) -> None:
    before = fd.solve(fd.compile_scenario(scenario(text)))
    after = fd.solve(fd.compile_scenario(scenario(scaled(text, "A", factor))))
    for (old, _), (new, _) in zip(play(before), play(after), strict=True):
        np.testing.assert_allclose(new, old, rtol=0, atol=1e-9)
    expected = {**worth(before), "A": factor * worth(before)["A"]}
    for player, value in worth(after).items():
        np.testing.assert_allclose(value, expected[player], rtol=1e-9, atol=1e-9 * factor)


@FEW
@given(scenarios())
def test_precision_zero_is_uniform_play(text: str) -> None:
    equilibrium = fd.solve(fd.compile_scenario(scenario(text)), fd.Logit(precision=0.0))
    for array, own in play(equilibrium):
        available = array > 0
        uniform = available / available.sum(axis=own, keepdims=True)
        np.testing.assert_allclose(array, uniform, rtol=0, atol=1e-15)


@FEW
@given(scenarios(max_players=2, max_factors=2))
def test_exact_outcomes_agree_with_simulated_play(text: str) -> None:
    document = scenario(text)
    equilibrium = fd.solve(fd.compile_scenario(document))
    paths = 4000
    played = fd.simulate(equilibrium, paths=paths, periods=2, seed=1)
    space = equilibrium.game.structure.states
    for factor, levels in zip(space.factors, space.levels, strict=True):
        exact = fd.distribution(equilibrium, factor, at=2).values.ravel()
        seen = [np.mean(played.levels(factor)[:, 2] == code) for code in range(len(levels))]
        # Five standard errors at the widest, so that luck alone almost never fails this.
        np.testing.assert_allclose(seen, exact, rtol=0, atol=5 * 0.5 / np.sqrt(paths))


@FEW
@given(games(), st.sampled_from([0.5, 2.0]))
def test_random_stochastic_games_solve_with_a_certificate(game: Game, precision: float) -> None:
    certificate = fd.solve(game, fd.Logit(precision=precision)).certificate
    assert certificate.passed
    # Logit play maximises value plus entropy/λ, so what it forgoes is at most log(A)/λ.
    most = max(max(stage.shape[1:]) for stage in game.structure.stages)
    assert certificate.regret <= np.log(most) / precision + 1e-9
