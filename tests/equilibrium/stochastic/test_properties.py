"""What holds for every stochastic game: gains, copies, names, and the two ways to compute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of
from foedus.equilibrium.stochastic.induced import gains, values_of
from foedus.equilibrium.stochastic.nash import nash_equilibrium
from foedus.equilibrium.stochastic.newton import raise_precision
from foedus.equilibrium.stochastic.sparse import sparse_system
from foedus.game.builders import stochastic_game
from foedus.game.game import Game


@st.composite
def games(draw: st.DrawFn, most_players: int = 3) -> Game:
    """One to three players, one to three states, uneven action sets, endings, own discounts."""
    n_players = draw(st.integers(1, most_players))
    n_states = draw(st.integers(1, 3))
    sizes = [
        tuple(draw(st.lists(st.integers(1, 3), min_size=n_players, max_size=n_players)))
        for _ in range(n_states)
    ]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ending = draw(st.sampled_from([0.0, 0.2]))
    payoffs = [rng.normal(size=(n_players, *shape)) for shape in sizes]
    weights = [rng.exponential(size=(*shape, n_states)) for shape in sizes]
    ahead = [(1.0 - ending) * weight / weight.sum(axis=-1, keepdims=True) for weight in weights]
    return stochastic_game(payoffs, ahead, rng.uniform(0.0, 0.95, n_players).tolist())


def random_play(arrays: StochasticArrays, rng: np.random.Generator) -> np.ndarray:
    weight = rng.exponential(size=arrays.available.shape) * arrays.available
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


@given(games(), st.integers(0, 2**32 - 1))
def test_no_deviation_gains_more_than_the_certificate_says(game: Game, seed: int) -> None:
    r"""A deviation for ever gains at most the gain of one deviation over $1 - \delta$."""
    arrays, rng = arrays_of(game), np.random.default_rng(seed)
    play = random_play(arrays, rng)
    certificate = certify(game, profile_of(arrays, play), precision=1.0)
    values = values_of(arrays, play)
    for player, name in enumerate(game.players):
        bound = certificate.regret_by_player[name]
        assert bound >= -1e-12
        for _ in range(4):
            other = play.copy()
            other[:, player] = random_play(arrays, rng)[:, player]
            for_ever = values_of(arrays, other)[:, player] - values[:, player]
            assert for_ever.max() <= bound / (1.0 - arrays.discount[player]) + 1e-9
        once = gains(arrays, play)[0][:, player]
        assert np.isclose(once.max(), bound, atol=1e-10)


@given(games(), st.floats(0.1, 4.0))
def test_permuted_players_play_alike(game: Game, precision: float) -> None:
    arrays = arrays_of(game)
    order = list(reversed(range(arrays.n_players)))
    turned = turn(arrays, order)
    one, other = solve(game, Logit(precision=precision)), solve(turned, Logit(precision=precision))
    live = arrays.n_states
    np.testing.assert_allclose(other.values[:live], one.values[:live, order], atol=1e-8)
    np.testing.assert_allclose(other.strategies, one.strategies[:, order], atol=1e-8)


def turn(arrays: StochasticArrays, order: list[int]) -> Game:
    """The game with its players in another order, built anew state by state."""
    assert isinstance(arrays.transitions, np.ndarray)
    payoffs, ahead = [], []
    for state in range(arrays.n_states):
        counts = arrays.available[state].sum(axis=-1)
        corner = tuple(slice(int(count)) for count in counts)
        paid = arrays.payoffs[state][(slice(None), *corner)]
        payoffs.append(paid[order].transpose(0, *(1 + i for i in order)))
        ahead.append(arrays.transitions[state][corner].transpose(*order, arrays.n_players))
    return stochastic_game(payoffs, ahead, arrays.discount[order].tolist())


@given(games(most_players=2), st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_a_copy_of_an_action_changes_no_nash_value(game: Game, seed: int) -> None:
    """What it earned before is still an equilibrium when the copy is never used."""
    arrays = arrays_of(game)
    equilibrium = nash_equilibrium(game, throw=False)
    if not equilibrium.certificate.passed:
        return  # said so: nothing to compare
    assert isinstance(arrays.transitions, np.ndarray)
    player = seed % arrays.n_players
    payoffs, ahead, play = [], [], np.zeros((*arrays.available.shape[:2], arrays.sizes[player] + 1))
    for state in range(arrays.n_states):
        counts = arrays.available[state].sum(axis=-1)
        corner = tuple(slice(int(count)) for count in counts)
        paid, chance = arrays.payoffs[state][(slice(None), *corner)], arrays.transitions[state]
        payoffs.append(copied(paid, player + 1))
        ahead.append(copied(chance[corner], player))
    twice = stochastic_game(payoffs, ahead, arrays.discount.tolist())
    wide = arrays_of(twice)
    play = np.zeros(wide.available.shape)
    known = equilibrium.strategies
    width = min(known.shape[-1], play.shape[-1])
    play[..., :width] = known[..., :width]
    certificate = certify(twice, profile_of(wide, play), tolerance=1e-9)
    assert certificate.passed
    live = arrays.n_states
    np.testing.assert_allclose(
        certificate.values[0][:, :live].T, equilibrium.values[:live], atol=1e-9
    )


def copied(table: np.ndarray, axis: int) -> np.ndarray:
    """With the first entry along an axis repeated at its end."""
    first = np.take(table, [0], axis=axis)
    return np.concatenate([table, first], axis=axis)


@given(games(), st.floats(0.1, 4.0))
@settings(max_examples=15)
def test_a_copy_of_a_state_changes_no_value(game: Game, precision: float) -> None:
    arrays = arrays_of(game)
    assert isinstance(arrays.transitions, np.ndarray)
    order = [*range(arrays.n_states), arrays.n_states - 1]
    payoffs, ahead = [], []
    for state in order:
        counts = arrays.available[state].sum(axis=-1)
        corner = tuple(slice(int(count)) for count in counts)
        payoffs.append(arrays.payoffs[state][(slice(None), *corner)])
        chance = arrays.transitions[state][corner][..., order].copy()
        chance[..., -2:] *= 0.5
        ahead.append(chance)
    twice = stochastic_game(payoffs, ahead, arrays.discount.tolist())
    one, other = solve(game, Logit(precision=precision)), solve(twice, Logit(precision=precision))
    np.testing.assert_allclose(
        other.values[: len(order)], one.values[: arrays.n_states][order], atol=1e-8
    )
    np.testing.assert_allclose(other.strategies, one.strategies[order], atol=1e-8)


@given(games(), st.floats(0.1, 4.0), st.booleans())
def test_sparse_and_dense_give_the_same(game: Game, precision: float, shock: bool) -> None:
    arrays = arrays_of(game)
    assert isinstance(arrays.transitions, np.ndarray)
    sharp = np.full(arrays.n_players, precision)
    thin = replace(
        arrays,
        transitions=sparse.csr_array(arrays.transitions.reshape(-1, arrays.n_states)),
    )
    system = sparse_system(thin, sharp, shock=shock)
    reached = raise_precision(system, system.start())
    known = solve(game, Logit(precision=precision, convention="shock" if shock else "expected"))
    assert reached.solved.all()
    live = arrays.n_states
    np.testing.assert_allclose(reached.point.values[0], known.values[:live], atol=1e-8)
