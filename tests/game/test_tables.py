"""Games as labelled tables: read, written, read again, and refused with the row that is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from foedus.errors import GameError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.stages import Block
from foedus.game.tables import Layout, from_table, to_table, write_table

COLUMNS = ["state", "a_A", "a_B", "u_A", "u_B", "to_state"]
ROWS = [
    ["delta", "", "", 0.9, 0.8, ""],
    ["calm", "wait", "wait", 1.0, 1.0, "calm"],
    ["calm", "wait", "arm", 0.0, 2.0, "calm: 0.5, war: 0.5"],
    ["calm", "arm", "wait", 2.0, 0.0, "{calm: 0.5, war: 0.25}"],
    ["calm", "arm", "arm", 0.0, 0.0, "war"],
    ["war", "", "fight", -1.0, -1.0, ""],
    ["war", "", "yield", -1.0, 0.0, "calm:1"],
]


def table(*changes: tuple[int, str, object]) -> pd.DataFrame:
    """The small war game; `changes` are (row, column, value)."""
    frame = pd.DataFrame(ROWS, columns=COLUMNS, dtype=object)
    for row, column, value in changes:
        frame.loc[row, column] = value
    return frame


@pytest.fixture
def uneven() -> Game:
    """Three states with different action sets and names, and a row that ends play."""
    rng = np.random.default_rng(3)
    payoffs = [rng.normal(size=(2, *shape)) for shape in ((2, 3), (1, 2), (2, 2))]
    rows = [rng.exponential(size=(*paid.shape[1:], 3)) for paid in payoffs]
    rows = [row / row.sum(axis=-1, keepdims=True) for row in rows]
    rows[0][0, 0] *= 0.75
    return stochastic_game(
        payoffs,
        rows,
        (0.9, 0.8),
        players=("US", "CN"),
        states=("peace", "war", "truce"),
        actions=[
            [["wait", "arm"], ["x", "y", "z"]],
            [["none"], ["x", "w"]],
            [["wait", "talk"], ["z", "x"]],
        ],
    )


def assert_equal(one: Game, other: Game, tolerance: float = 0.0) -> None:
    assert one.players == other.players
    assert one.structure.states.levels == other.structure.states.levels
    first, second = one.structure.stages[0], other.structure.stages[0]
    assert isinstance(first, Block)
    assert isinstance(second, Block)
    assert first.action_names == second.action_names
    for mine, theirs in zip(first.action, second.action, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    pairs = [
        (one.tables.discount, other.tables.discount),
        (one.tables.payoff[0], other.tables.payoff[0]),
        (one.tables.probability[1], other.tables.probability[1]),
    ]
    for mine, theirs in pairs:
        np.testing.assert_allclose(mine, theirs, rtol=0.0, atol=tolerance)


def test_a_table_says_what_the_arrays_say() -> None:
    """Whatever is missing from a row ends play; an empty cell is a player who does not move."""
    calm = [[[1.0, 0.0], [2.0, 0.0]], [[1.0, 2.0], [0.0, 0.0]]]
    war = [[[-1.0, -1.0]], [[-1.0, 0.0]]]
    onward = [[[[1, 0], [0.5, 0.5]], [[0.5, 0.25], [0, 1]]], [[[0, 0], [1, 0]]]]
    arrays = stochastic_game(
        [calm, war],
        onward,
        (0.9, 0.8),
        players=("A", "B"),
        states=("calm", "war"),
        actions=[[["wait", "arm"], ["wait", "arm"]], [["-"], ["fight", "yield"]]],
    )
    assert_equal(from_table(table()), arrays)


@pytest.mark.parametrize("layout", ["columns", "to_state"])
def test_written_and_read_again_it_is_the_same_game(
    uneven: Game, layout: Layout, tmp_path: Path
) -> None:
    frame = to_table(uneven, layout=layout)
    assert_equal(from_table(frame), uneven)
    write_table(uneven, tmp_path / "game.csv", layout=layout)
    again = from_table(tmp_path / "game.csv")
    assert_equal(again, uneven)
    pd.testing.assert_frame_equal(to_table(again, layout=layout), frame)


def test_an_excel_file_keeps_sixteen_digits(uneven: Game, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    write_table(uneven, tmp_path / "game.xlsx")
    assert_equal(from_table(str(tmp_path / "game.xlsx")), uneven, tolerance=1e-15)


def test_without_openpyxl_an_excel_file_is_refused_in_words(
    uneven: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(GameError, match="pip install openpyxl"):
        write_table(uneven, "game.xlsx")


def test_numbers_may_be_labels(tmp_path: Path) -> None:
    """pandas reads 1 as a number in one column and 1.0 in another; both are the state 1."""
    frame = pd.DataFrame(
        [["delta", None, 0.5, None, None], [1.0, 1, 2.0, 1.0, 0.0], [2.0, 1, 3.0, 0.0, 1.0]],
        columns=["state", "a_A", "u_A", "phi_1", "phi_2"],
    )
    assert from_table(frame).structure.states.levels == (("1", "2"),)


def test_what_an_ending_pays_goes_into_the_rows_that_lead_there() -> None:
    game = stochastic_game([[[1.0, 2.0]]], [[[0.5], [1.0]]], 0.5)
    frame = to_table(game)
    assert frame.loc[1:, "u_player 0"].tolist() == [1.0, 2.0]
    assert frame.loc[1:, "phi_0"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((2, "u_A", "much"), "row 2: the payoff of A is 'much', not a number"),
        ((2, "u_B", np.nan), "row 2: the payoff of B is nan; it must be finite"),
        ((3, "to_state", "calm: 0.6, war: 0.6"), r"row 3: the probabilities add up to 1.2"),
        ((3, "to_state", "calm: -0.5, war: 0.6"), "row 3: the probability of calm is -0.5"),
        ((3, "to_state", "calm: 0.5, peace: 0.5"), "'peace', which is no state"),
        ((3, "to_state", "calm, war"), "gives 'calm' no probability"),
        ((3, "to_state", "calm: 0.5, calm: 0.5"), "names 'calm' more than once"),
        ((4, "a_B", "wait"), r"rows 3 and 4: both are \(arm, wait\) in state 'calm'"),
        ((4, "a_B", "hide"), r"state 'calm' has no row for \(arm, arm\)"),
        ((0, "state", "calm"), "no row `delta`"),
        ((4, "state", "delta"), "`delta` stands in rows 0, 4"),
        ((4, "state", ""), "row 4: no state"),
        ((0, "u_A", "x"), "row 0: the discount of A is 'x'"),
    ],
)
def test_mistakes_are_named_by_their_row(change: tuple[int, str, object], words: str) -> None:
    with pytest.raises(GameError, match=words):
        from_table(table(change))


@pytest.mark.parametrize(
    ("renamed", "words"),
    [
        ({"state": "where"}, "no column `state`"),
        ({"u_B": "u_C"}, "player 'B' has no column `u_B`"),
        ({"to_state": "next"}, "no column for the next state"),
        ({"to_state": "phi_calm"}, "the state 'war' has no column `phi_war`"),
        ({"a_B": "a_A"}, "'a_A' stands there more than once"),
    ],
)
def test_mistakes_in_the_columns_are_named(renamed: dict[str, str], words: str) -> None:
    with pytest.raises(GameError, match=words):
        from_table(table().rename(columns=renamed))


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(GameError, match=r"(?s)row 2: the payoff.*row 3: `to_state`"):
        from_table(table((2, "u_A", "much"), (3, "to_state", "nowhere")))


def test_a_file_that_is_none_is_refused(tmp_path: Path, uneven: Game) -> None:
    with pytest.raises(GameError, match="there is no file"):
        from_table(tmp_path / "none.csv")
    with pytest.raises(GameError, match=r"\.csv or \.xlsx"):
        write_table(uneven, tmp_path / "game.dta")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(GameError, match="no table"):
        from_table(tmp_path / "empty.csv")


def test_games_that_no_table_holds_are_refused() -> None:
    finite = stochastic_game(np.zeros((1, 1, 1)), np.ones((1, 1, 1)), 0.9, horizon=3)
    with pytest.raises(GameError, match="a horizon"):
        to_table(finite)
    comma = stochastic_game(np.zeros((1, 1, 1)), np.ones((1, 1, 1)), 0.9, states=["a, b"])
    assert to_table(comma).shape == (2, 4)
    with pytest.raises(GameError, match="'a, b' cannot stand"):
        to_table(comma, layout="to_state")
