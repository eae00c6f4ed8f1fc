"""Several equilibria: those of textbook games, by enumeration, and against Gambit."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest

from foedus.equilibrium.stochastic.arrays import arrays_of
from foedus.equilibrium.stochastic.enumeration import bimatrix_equilibria, pure_equilibria
from foedus.equilibrium.stochastic.multiplicity import find_equilibria
from foedus.equilibrium.stochastic.search import deflated_finishes
from foedus.errors import GameError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]

CHICKEN = np.array([[0.0, -1.0], [1.0, -10.0]])
HUNT = np.array([[10.0, 1.0], [8.0, 5.0]])
SEXES = np.array([[2.0, 0.0], [0.0, 1.0]])


def one_shot(first: np.ndarray, second: np.ndarray, discount: float = 0.0) -> Game:
    return stochastic_game([np.stack([first, second])], np.ones((1, *first.shape, 1)), discount)


@pytest.mark.parametrize(
    ("game", "shares"),
    [
        (one_shot(CHICKEN, CHICKEN.T), {(0.0, 1.0), (1.0, 0.0), (0.9, 0.9)}),
        (one_shot(HUNT, HUNT.T, 0.9), {(0.0, 0.0), (1.0, 1.0), (2 / 3, 2 / 3)}),
        (one_shot(SEXES, SEXES[::-1, ::-1]), {(0.0, 0.0), (1.0, 1.0), (2 / 3, 1 / 3)}),
    ],
)
def test_all_three_equilibria_of_coordination_games(
    game: Game, shares: set[tuple[float, float]]
) -> None:
    """Share of the first action by player: two are strict, the mixed one unstable."""
    found = find_equilibria(game, starts=8)
    assert len(found) == 3
    assert {
        tuple(float(share) for share in item.strategies[0, :, 0].round(9)) for item in found
    } == {tuple(round(share, 9) for share in pair) for pair in shares}
    assert sorted(kind.kind for kind in found.stability) == ["strict", "strict", "unstable"]
    assert found.completeness.startswith("complete: all 5 pairs of supports")
    assert all(item.certificate.passed for item in found)


def test_deflation_alone_leads_to_all_equilibria_of_the_stag_hunt() -> None:
    """Newton's method, kept off what it has found, without random starts or enumeration."""
    ends = {
        tuple(found.strategies[0, :, 0].round(6).tolist())
        for _, found in deflated_finishes(arrays_of(one_shot(HUNT, HUNT.T)), 0, 1e-11)
        if found.within(1e-11)
    }
    assert ends == {(0.0, 0.0), (1.0, 1.0), (0.666667, 0.666667)}


def test_matching_pennies_circles() -> None:
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    found = find_equilibria(one_shot(pennies, -pennies), starts=6)
    assert [kind.kind for kind in found.stability] == ["neutral"]


def test_a_tie_is_undecided_and_said_to_hide_others() -> None:
    """The first player does not care: a continuum, of which the list has the corners."""
    found = find_equilibria(one_shot(np.zeros((2, 2)), np.eye(2)), starts=6)
    assert "ties" in found.completeness
    assert all(kind.kind == "undecided" for kind in found.stability)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (3, 4)])
def test_bimatrix_games_have_the_equilibria_gambit_lists(shape: tuple[int, int]) -> None:
    gambit = pytest.importorskip("pygambit")
    for seed in range(8):
        rng = np.random.default_rng(seed)
        first, second = rng.random(shape), rng.random(shape)
        listed = bimatrix_equilibria(arrays_of(one_shot(first, second)), tolerance=1e-12)
        # Gambit's payoff list has the first player's strategy fastest.
        pairs = np.stack([first.T, second.T], axis=-1).ravel().tolist()
        text = f'NFG 1 R "" {{ "1" "2" }} {{ {shape[0]} {shape[1]} }}\n{" ".join(map(repr, pairs))}'
        theirs = gambit.nash.enummixed_solve(gambit.read_nfg(io.StringIO(text)), rational=False)
        other = [
            [float(share) for mixture in profile for _, share in mixture]
            for profile in theirs.equilibria
        ]
        mine = [[*play[0, 0, : shape[0]], *play[0, 1, : shape[1]]] for play in listed.found]
        assert len(mine) == len(other)
        for row in other:
            assert min(np.abs(np.array(mine) - row).max(axis=1)) <= 1e-9
        assert not listed.degenerate


def test_pure_equilibria_are_those_where_no_single_change_gains(random_game: MakeGame) -> None:
    """Against a plain loop over all profiles and all deviations for ever."""
    from foedus.equilibrium.stochastic.induced import values_of

    found_any = False
    for seed in range(6):
        arrays = arrays_of(random_game(2, (2, 3), seed=seed, discount=0.8))
        listed = pure_equilibria(arrays, tolerance=1e-12)
        assert listed.candidates == 36
        expected = []
        for digits in np.ndindex(2, 3, 2, 3):
            picked = np.array(digits).reshape(2, 2)
            play = np.zeros(arrays.available.shape)
            np.put_along_axis(play, picked[..., None], 1.0, axis=-1)
            values = values_of(arrays, play)
            gains = False
            for player, size in enumerate((2, 3)):
                for other in np.ndindex(size, size):
                    changed = picked.copy()
                    changed[:, player] = other
                    moved = np.zeros_like(play)
                    np.put_along_axis(moved, changed[..., None], 1.0, axis=-1)
                    better = values_of(arrays, moved)[:, player] > values[:, player] + 1e-12
                    gains = gains or bool(better.any())
            if not gains:
                expected.append(play)
        assert len(expected) == len(listed.found)
        for mine, other in zip(listed.found, expected, strict=True):
            np.testing.assert_array_equal(mine, other)
        found_any = found_any or bool(expected)
    assert found_any


def test_small_stochastic_games_are_complete_in_pure_strategies(random_game: MakeGame) -> None:
    found = find_equilibria(random_game(3, (2, 2), seed=4, discount=0.9), starts=8)
    assert "complete in pure strategies (64 profiles)" in found.completeness
    assert "others not ruled out" in found.completeness
    searches, ended = found.searches
    assert 0 < ended <= searches + 64
    for one in range(len(found)):
        for other in range(one):
            assert np.abs(found[one].strategies - found[other].strategies).max() > 1e-6


def test_the_same_seed_finds_the_same() -> None:
    game = one_shot(CHICKEN, CHICKEN.T)
    one, other = (find_equilibria(game, starts=4, seed=3) for _ in range(2))
    assert one.found_by == other.found_by
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine.strategies, theirs.strategies)


def test_the_table_has_a_row_for_each() -> None:
    found = find_equilibria(one_shot(HUNT, HUNT.T), starts=4)
    table = found.to_dataframe()
    assert table["pure"].sum() == 2
    assert table["value of player 0"].round(9).tolist() == [
        round(float(item.values[0, 0]), 9) for item in found
    ]
    assert "3 equilibria" in repr(found)


def test_starts_below_zero_are_refused() -> None:
    with pytest.raises(GameError, match="starts"):
        find_equilibria(one_shot(HUNT, HUNT.T), starts=-1)
