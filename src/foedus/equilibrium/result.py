"""An equilibrium: the profile, what it is worth, its certificate, and how it was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import jax
import numpy as np
from jaxtyping import Float

from foedus.equilibrium.certificate import Certificate
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.play import play_by_state
from foedus.errors import QueryError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Turn

if TYPE_CHECKING:
    # Loaded on use: together they take longer to import than a small game to solve.
    import pandas as pd
    import xarray as xr

    from foedus.equilibrium.stochastic.nash import Nash


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """How a solve went.

    - `iterations`: periods at a finite horizon, otherwise steps of the fixed-point methods.
    - `residual`: what the solver itself saw last, relative to the size of the values.
    - seconds of wall-clock time; tracing and compiling are 0 where a program was at hand.
    """

    method: str
    iterations: int
    residual: float
    trace_seconds: float
    compile_seconds: float
    run_seconds: float
    certify_seconds: float

    @property
    def seconds(self) -> float:
        """All of it together."""
        return self.trace_seconds + self.compile_seconds + self.run_seconds + self.certify_seconds


@dataclass(frozen=True, eq=False, kw_only=True)
class Equilibrium:
    """A solved game.

    - `value_table`: (periods + 1, players, states) at a finite horizon, the last row after the
        last period; (1, players, states) when stationary.
    - `precision`: what each player was given, in the game's order; infinite in a Nash equilibrium.
    """

    game: Game
    solver: Logit | Nash
    profile: Profile = field(repr=False)
    value_table: Float[np.ndarray, "periods players states"] = field(repr=False)
    certificate: Certificate
    precision: Float[np.ndarray, "players"]
    stats: Statistics

    def __post_init__(self) -> None:
        # The certificate vouches for these numbers, so they stay what they were.
        for array in jax.tree_util.tree_leaves((self.profile, self.value_table, self.precision)):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def values(self) -> Float[np.ndarray, "states players"]:
        """Values at the first period."""
        return np.asarray(self.value_table[0].T)

    @property
    def strategies(self) -> Float[np.ndarray, "states players actions"]:
        """Play in each state of a game whose only decision is its first stage, padded with 0.

        At a finite horizon, play in the first period. Raises `QueryError` for games with more
        moves in a period; `strategy` reads those by name.
        """
        first, *rest = self.game.structure.stages
        blind = isinstance(first, Turn) or (
            isinstance(first, Block) and not any(any(row) for row in first.sees)
        )
        movers = first.movers if isinstance(first, Block) else (0,)
        if (
            not blind
            or not all(isinstance(stage, Chance) for stage in rest)
            or sorted(movers) != list(range(len(self.game.players)))
        ):
            raise QueryError(
                "only a game in which everybody moves at once, and once, has its strategies in "
                "one array; use strategy(move), or profile.stages"
            )
        played = self.profile.stages[0]
        members = played if isinstance(played, tuple) else (played,)
        found = np.zeros((first.shape[0], len(movers), max(first.shape[1:])))
        for mover, member in zip(movers, members, strict=True):
            own = member[0].reshape(first.shape[0], -1)
            found[:, mover, : own.shape[1]] = own
        return found

    def strategy(
        self, move: str, *, state: str | int | None = None, period: int = 0
    ) -> pd.DataFrame | pd.Series[float]:
        """Probability of each action at a move, given that it is reached, by state.

        `move` is the name of a stage or of a member of a block. Where a state leads to several
        nodes of the stage, they are weighted by how likely play reaches them; a state in which
        nobody makes the move has NaN. With a `state`, by label or number, that
        state's row; where states have the one factor `state`, by its level as well.

        Raises `QueryError` for a move, state or period that the game does not have.
        """
        periods = self.game.horizon or 1
        if not 0 <= period < periods:
            raise QueryError(f"no period {period}; strategies are given for 0 to {periods - 1}")
        table = play_by_state(self.game, self.profile, move, period)
        return table if state is None else table.iloc[self._state(state, table.index)]

    def to_xarray(self) -> xr.DataArray:
        """Values with named axes: period, player, state."""
        import xarray as xr

        return xr.DataArray(
            self.value_table,
            dims=("period", "player", "state"),
            coords={
                "period": np.arange(len(self.value_table)),
                "player": list(self.game.players),
                "state": self._state_labels(),
            },
            name="value",
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Values at the first period: one row per state, one column per player."""
        import pandas as pd

        return pd.DataFrame(
            self.values,
            index=pd.Index(self._state_labels(), name="state"),
            columns=list(self.game.players),
        )

    def __repr__(self) -> str:
        return "\n  ".join([f"Equilibrium of {self._heading()}", *self._lines()])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self._lines())
        table = self.to_dataframe().to_html(max_rows=12, float_format="{:.4g}".format)
        return (
            f"<p><strong>Equilibrium</strong> of {escape(self._heading())}</p>"
            f"<ul>{lines}</ul>{table}"
        )

    def _heading(self) -> str:
        structure = self.game.structure
        length = "stationary" if structure.horizon is None else f"{structure.horizon} periods"
        return (
            f"{self.game.title or 'a game'}: {len(structure.players)} players, "
            f"{structure.states.n_states} states, {length}"
        )

    def _lines(self) -> Iterator[str]:
        precision = ", ".join(
            f"{player} {value:g}"
            for player, value in zip(self.game.players, self.precision, strict=True)
        )
        if np.isinf(self.precision).all():
            yield "Nash: nobody gains by deviating anywhere"
        else:
            yield f"logit precision: {precision} ({self.solver.convention} values)"
        yield f"certificate: {self.certificate}"
        yield (
            f"{self.stats.method}: {self.stats.iterations} steps, {self.stats.seconds:.2g} s, "
            f"of which {self.stats.run_seconds:.2g} s running"
        )

    def _state_labels(self) -> list[str]:
        states = self.game.structure.states
        return [states.label(state) for state in range(states.n_states)]

    def _state(self, state: str | int, labels: pd.Index[str]) -> int:
        known, space = list(labels), self.game.structure.states
        if isinstance(state, str):
            bare = f"state={state}" if space.factors == ("state",) else state
            for name in (state, bare):
                if name in known:
                    return known.index(name)
            ended = state in self._state_labels()
        else:
            if 0 <= state < len(known):
                return int(state)
            ended = len(known) <= state < space.n_states
        if ended:
            raise QueryError(f"{state!r} is an ending: nobody moves in it")
        some = ", ".join(repr(label) for label in known[:5])
        more = f", ... ({len(known)} in all)" if len(known) > 5 else ""
        raise QueryError(f"no state {state!r}; there are {some}{more}")
