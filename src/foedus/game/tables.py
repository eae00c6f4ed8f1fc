"""Stochastic games as labelled tables: one row per state and joint action, as people keep them.

Columns, in the layout that users of sgamesolver know:

- `state`: the label of the state. The row whose state is `delta` holds the discounts, in `u_`.
- `a_<player>`: the label of that player's action. Empty: the player does not move in this state.
- `u_<player>`: what the player is paid.
- `phi_<state>`: the probability of each next state; or `to_state`: a state's label, a list
  `"war: 0.2, peace: 0.8"`, or nothing where play ends. What is missing to 1 ends play.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from foedus.errors import GameError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.stages import Block, Chance, Turn
from foedus.game.table_rows import parse_table

if TYPE_CHECKING:
    import pandas as pd

Layout = Literal["columns", "to_state"]


def from_table(
    table: pd.DataFrame | str | Path,
    *,
    discount: float | Sequence[float] | None = None,
    precision: float | Sequence[float] | None = None,
    title: str = "",
) -> Game:
    """The game that a table describes: a DataFrame, or a file ending in .csv or .xlsx.

    States, players and each player's actions in a state are ordered as they first appear. A row
    for every joint action of a state is needed. `discount` takes the place of the `delta` row.

    Raises `GameError` that lists everything wrong with the table, by row.

    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     [
    ...         ["delta", "", "", 0.9, 0.9, ""],
    ...         ["calm", "wait", "wait", 1, 1, "calm"],
    ...         ["calm", "wait", "arm", 0, 2, "calm: 0.5, war: 0.5"],
    ...         ["calm", "arm", "wait", 2, 0, "calm: 0.5, war: 0.5"],
    ...         ["calm", "arm", "arm", 0, 0, "war"],
    ...         ["war", "", "", -1, -1, "calm: 0.2, war: 0.7"],
    ...     ],
    ...     columns=["state", "a_A", "a_B", "u_A", "u_B", "to_state"],
    ... )
    >>> from_table(table)
    <Game players A, B; states: 3, stages: 2, edges: 14, stationary, parameters: 0>
    """
    numbered, first = _read(table)
    rows = parse_table(numbered, first, needs_discount=discount is None)
    return stochastic_game(
        rows.payoffs,
        rows.transitions,
        rows.discount if discount is None else discount,
        players=rows.players,
        states=rows.states,
        actions=rows.actions,
        precision=precision,
        title=title,
    )


def to_table(game: Game, *, layout: Layout = "columns") -> pd.DataFrame:
    """The table of a stationary game whose only decision is one simultaneous move in each state.

    `layout`: one `phi_` column per state, or one `to_state` column. Read again, it is the same
    game: labels, payoffs and probabilities to the last digit. What an ending pays is added,
    discounted, to the rows that lead there. A player with a single action in a state has an empty
    cell.

    Raises `GameError` for a game with other moves in it, and for labels the layout cannot hold.
    """
    import pandas as pd

    if layout not in ("columns", "to_state"):
        raise GameError(f"a table's layout is 'columns' or 'to_state', not {layout!r}")
    first = _only_decision(game)
    players, states = game.players, _labels(game, layout)
    payoffs, chances = _expected(game)
    onward = ["to_state"] if layout == "to_state" else [f"phi_{state}" for state in states]
    header = ["state", *(f"a_{p}" for p in players), *(f"u_{p}" for p in players), *onward]
    discounts = np.asarray(game.tables.discount, float).tolist()
    body: list[list[Any]] = [["delta", *[""] * len(players), *discounts, *[""] * len(onward)]]
    movers, masks, index, names = _action_sets(first)
    for state, label in enumerate(states):
        sets = [np.flatnonzero(mask[state]) for mask in masks]
        for joint in product(*sets):
            words = [""] * len(players)
            for axis, mover in enumerate(movers):
                at = index[axis][state, joint[axis]]
                words[mover] = names[axis][at] if at >= 0 else ""
            place = (state, *(int(at) for at in joint))
            chance = chances[place]
            ahead = [_spelled(chance, states)] if layout == "to_state" else chance.tolist()
            body.append([label, *words, *(float(own[place]) for own in payoffs), *ahead])
    return pd.DataFrame(body, columns=header)


def write_table(game: Game, path: str | Path, *, layout: Layout = "columns") -> None:
    """Write the table of a game to a file ending in .csv or .xlsx.

    A CSV file holds every digit, an Excel file 16 of them. Raises `GameError` as `to_table` does,
    and where openpyxl is needed and not installed.
    """
    path = Path(path)
    suffix = _known_suffix(path)
    table = to_table(game, layout=layout)
    if suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_excel(path, index=False)


def _read(table: Any) -> tuple[pd.DataFrame, int]:
    """The table with every cell as it stands, and the number people give to its first row."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return table, 0
    if not isinstance(table, str | Path):
        raise GameError(
            f"a table is a DataFrame or the path of a file, not a {type(table).__name__}"
        )
    path = Path(table)
    suffix = _known_suffix(path)
    try:
        # Without a header, pandas leaves columns of the same name for us to see.
        if suffix == ".csv":
            cells = pd.read_csv(path, header=None, dtype=str, keep_default_na=False)
        else:
            cells = pd.read_excel(path, header=None, dtype=object, keep_default_na=False)
    except FileNotFoundError:
        raise GameError(f"there is no file {path}") from None
    except (ValueError, UnicodeDecodeError) as reason:
        raise GameError(f"{path} is no table: {reason}") from None
    if cells.empty:
        raise GameError(f"{path} is empty")
    return cells.iloc[1:].set_axis([str(name) for name in cells.iloc[0]], axis=1), 2


def _known_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise GameError(f"{path}: a table is kept in a file ending in .csv or .xlsx")
    if suffix == ".xlsx" and find_spec("openpyxl") is None:
        raise GameError(
            f"{path}: Excel files need openpyxl, which is not installed; "
            "pip install openpyxl, or keep the table as .csv"
        )
    return suffix


def _only_decision(game: Game) -> Block | Turn:
    first, *rest = game.structure.stages
    blind = isinstance(first, Block) and not any(any(row) for row in first.sees)
    alone = isinstance(first, Turn) and len(game.players) == 1
    movers = first.movers if isinstance(first, Block) else (0,)
    if (
        game.horizon is not None
        or not (blind or alone)
        or sorted(movers) != list(range(len(game.players)))
        or not all(isinstance(stage, Chance) for stage in rest)
    ):
        raise GameError(
            "a table holds a stationary game in which everybody moves once and at once in each "
            "state; this game has other moves in it, or a horizon"
        )
    assert isinstance(first, Block | Turn)
    return first


def _action_sets(
    first: Block | Turn,
) -> tuple[
    tuple[int, ...],
    tuple[np.ndarray, ...],
    tuple[np.ndarray, ...],
    tuple[tuple[str, ...], ...],
]:
    """Movers, available actions, name indices and names, axis by axis."""
    if isinstance(first, Turn):
        return (0,), (first.available,), (first.action,), (first.action_names,)
    return first.movers, first.available, first.action, first.action_names


def _labels(game: Game, layout: Layout) -> list[str]:
    """The states' labels. Those of `stochastic_game` have one factor, whose level they are."""
    space = game.structure.states
    if space.factors == ("state",):
        labels = [space.levels[0][space.codes[s, 0]] for s in range(space.n_live)]
    else:
        labels = [space.label(s) for s in range(space.n_live)]
    bad = [label for label in labels if layout == "to_state" and set(label) & set(",:{}")]
    bad += [label for label in labels if label == "delta" or label != label.strip() or not label]
    if bad:
        raise GameError(
            f"the state {bad[0]!r} cannot stand in a table with this layout: labels are not "
            "empty, not `delta`, and have no comma, colon or brace in a `to_state` column"
        )
    return labels


def _expected(game: Game) -> tuple[np.ndarray, np.ndarray]:
    """(players, states, *actions) payoffs and (states, *actions, states) next states."""
    structure, tables = game.structure, game.tables
    first, *chances = structure.stages
    live = structure.states.n_live
    n_players, total = len(structure.players), structure.states.n_states
    worth, onward = np.zeros((n_players, total)), np.eye(total)
    for position, stage in reversed(list(enumerate(chances, 1))):
        assert isinstance(stage, Chance)
        weight = np.where(stage.possible, np.asarray(tables.probability[position], float), 0.0)
        paid = worth[:, stage.successor]
        if tables.payoff[position] is not None:
            paid = paid + np.where(stage.possible, np.asarray(tables.payoff[position], float), 0.0)
        worth = np.einsum("no,pno->pn", weight, paid)
        step = np.zeros((len(weight), len(onward)))
        np.add.at(step, (np.arange(len(weight))[:, None], stage.successor), weight)
        onward = step @ onward
    payoffs, ahead = worth[:, first.successor], onward[first.successor]
    if tables.payoff[0] is not None:
        payoffs = payoffs + np.asarray(tables.payoff[0], float)
    flow = np.asarray(tables.flow, float)
    at_end = np.einsum("...e,pe->p...", ahead[..., live:], flow[:, live:])
    width = (1,) * (payoffs.ndim - 1)
    payoffs = payoffs + np.asarray(tables.discount, float).reshape(-1, *width) * at_end
    return payoffs + flow[:, :live].reshape(n_players, live, *width[1:]), ahead[..., :live]


def _spelled(chance: np.ndarray, states: list[str]) -> str:
    likely = np.flatnonzero(chance)
    if len(likely) == 1 and chance[likely[0]] == 1.0:
        return states[int(likely[0])]
    return ", ".join(f"{states[s]}: {float(chance[s])!r}" for s in likely)
