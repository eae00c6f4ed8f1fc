"""Distance to a fold: where an equilibrium is said to end, against where it is known to."""

from __future__ import annotations

import numpy as np
import pytest
from tests.estimation.crisis import CONSTANT, DESIGN, several
from tests.estimation.entry import entry_game

from foedus.estimation import estimate
from foedus.estimation.dynamic_equilibrium import solve_game
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.folds import dynamic_fold, signalling_folds, told
from foedus.estimation.likelihood import Form, Likelihood
from foedus.estimation.signalling import PARTS, SignallingRows, all_equilibria


def constant(w_b: float) -> dict[str, np.ndarray]:
    return {name: np.array([value]) for name, value in {**CONSTANT, "W_B": w_b}.items()}


@pytest.fixture(scope="module")
def fold() -> float:
    """W_B at which two of the three equilibria of the constant example vanish, by bisection."""
    low, high = -2.8, -2.7
    for _ in range(45):
        middle = 0.5 * (low + high)
        if len(all_equilibria(constant(middle), 4000)[0]) == 3:
            low = middle
        else:
            high = middle
    return low


@pytest.mark.parametrize("spread", [0.5, 0.05, 0.01])
@pytest.mark.parametrize("ahead", [0.01, 0.05])
def test_a_signalling_equilibrium_ends_where_it_is_known_to(
    fold: float, ahead: float, spread: float
) -> None:
    w_b = fold - ahead
    roots = all_equilibria(constant(w_b), 4000)[0]
    forms = tuple(
        Form(name=part, design=np.ones((3, 1)), columns=("1",))
        if part == "W_B"
        else Form(name=part, design=np.zeros((3, 0)), columns=(), offset=CONSTANT[part])
        for part in PARTS
    )
    likelihood = Likelihood(
        rows=SignallingRows(counts=np.ones((3, 4)), followed=roots), forms=forms, weights=np.ones(3)
    )
    found = signalling_folds(likelihood, np.array([w_b]), np.array([[spread**2]]))
    step = 0.1  # standard errors between the points looked at
    for row in (0, 1):
        if ahead / spread > 2.0:
            assert found[row] == np.inf or row == 1  # the middle one also ends on the other side
        else:
            assert ahead / spread <= found[row] <= ahead / spread + step + 1e-9


def coordination() -> DynamicGame:
    """Two firms, one state, no future: being in is worth θ, and 8 more beside the other."""
    features, offset = np.zeros((2, 1, 2, 2, 1)), np.zeros((2, 1, 2, 2))
    features[0, 0, 1, :, 0] = features[1, 0, :, 1, 0] = 1.0
    offset[:, 0, 1, 1] = 8.0
    return DynamicGame(
        features=features, offset=offset, transitions=np.ones((1, 2, 2, 1)), discount=np.zeros(2)
    )


@pytest.mark.parametrize("ahead", [0.02, 0.1, 0.5])
def test_a_dynamic_equilibrium_ends_where_its_closed_form_does(ahead: float) -> None:
    """p = Λ(θ + 8p) folds where 8p(1 - p) = 1."""
    p = 0.5 * (1.0 - np.sqrt(0.5))
    fold = np.log(p / (1.0 - p)) - 8.0 * p
    at = solve_game(coordination(), np.array([fold - ahead]), np.array([[0.0, -3.0, 0.0, -3.0]]))
    assert at.choices[0, 1] < p
    spread = 0.1
    found = dynamic_fold(at, np.array([[spread**2]]))
    if ahead / spread > 2.0:
        assert found == np.inf
    else:
        assert ahead / spread <= found <= ahead / spread + 0.1 + 1e-9


def test_a_game_with_one_equilibrium_has_no_fold() -> None:
    at = solve_game(entry_game(2, np.eye(1), 0.9), np.array([-1.2, -1.0, 0.8, 1.0, 1.5]))
    assert dynamic_fold(at, 0.01 * np.eye(5)) == np.inf


def test_a_fit_says_that_rows_have_several_equilibria() -> None:
    fit = estimate(DESIGN, several(2, 60, 100, -1.9, -2.9), starts=2)
    assert any("rows have several equilibria at the estimate" in note for note in fit.notes)


def test_what_is_said_of_it() -> None:
    assert told(np.array([np.inf, np.inf])) == ()
    assert (
        "1 of 3 rows ends within 2 standard errors of the estimate (row 2 at 0.5)"
        in told(np.array([np.inf, 3.0, 0.5]))[0]
    )
