"""The game a solver sees: a fixed structure, and tables of numbers for it.

One period from state s:  flow payoff u_i(s); then the stages in order, each
edge e paying u_i(e); then the next state s', which counts δ_i.

    V_i(s) = u_i(s) + E[ Σ_stages u_i(e) + δ_i V_i(s') ]

Endings are states where play stops: V_i(ending) = u_i(ending), paid once on
arrival. Live states come first, endings last. With a finite horizon H the
recursion starts from V_i(s) = terminal_i(s) at t = H (endings keep their u_i).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import jax
import numpy as np
from jaxtyping import Float

from foedus.errors import GameError
from foedus.game.information import Information
from foedus.game.stages import Stage
from foedus.game.validity import require_valid


@dataclass(frozen=True, eq=False, kw_only=True)
class StateSpace:
    """The states and their names. `codes[s, f]` is the level of factor f; -1 in endings
    except for the factor that ended play."""

    factors: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    codes: np.ndarray  # (states, factors) int16
    n_live: int  # states n_live.. are endings

    @property
    def n_states(self) -> int:
        return len(self.codes)

    def label(self, state: int) -> str:
        """`phase=war control=2 ...`, or the ending's name alone."""
        words = [
            f"{name}={levels[code]}" if state < self.n_live else levels[code]
            for name, levels, code in zip(self.factors, self.levels, self.codes[state], strict=True)
            if code >= 0
        ]
        return " ".join(words)


@dataclass(frozen=True, eq=False, kw_only=True)
class Structure:
    """Everything about a game that no number changes."""

    players: tuple[str, ...]
    player_labels: tuple[str, ...]
    states: StateSpace
    stages: tuple[Stage, ...]
    horizon: int | None  # periods; None: stationary
    starts: Mapping[str, Float[np.ndarray, "states"]]
    period: str = "period"
    evaluate: int = 10


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Tables:
    """The numbers of a game, as arrays that NumPy or JAX may own.

    `payoff[k]` has shape (players, *stages[k].shape), or is None where stage k pays
    nobody; `probability[k]` has the shape of stage k where that is a chance stage
    and is None elsewhere.
    """

    discount: Any  # (players,)
    flow: Any  # (players, states)
    terminal: Any  # (players, states); used at a finite horizon only
    payoff: tuple[Any | None, ...]
    probability: tuple[Any | None, ...]


class Parametric(Protocol):
    """Where a game's numbers come from, as functions of its parameters."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def tables(self, values: Mapping[str, Any], xp: Any = np) -> Tables:
        """The tables at these values; traceable when `xp` is `jax.numpy`."""
        ...


@dataclass(frozen=True, repr=False)
class ParameterValues(Mapping[str, float]):
    """Parameter values by name, which cannot be changed."""

    _values: dict[str, float]

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


@dataclass(frozen=True, eq=False, kw_only=True)
class Game:
    """A finite dynamic game: structure, numbers, and where the numbers come from."""

    structure: Structure
    tables: Tables
    values: Mapping[str, float] = field(default_factory=dict)
    parametric: Parametric | None = None
    precision: Float[np.ndarray, "players"] | None = None  # suggested by the scenario
    convention: Literal["expected", "shock"] = "expected"  # likewise: what a mover's value is
    title: str = ""
    origin: Any = None  # what the compiler knows about it; opaque here
    information: Information | None = None  # None: everybody sees everything

    def __post_init__(self) -> None:
        # Whoever solved this game relies on its numbers staying what they were.
        object.__setattr__(self, "values", ParameterValues(dict(self.values)))
        for table in jax.tree_util.tree_leaves(self.tables):
            if isinstance(table, np.ndarray):
                table.flags.writeable = False

    @property
    def players(self) -> tuple[str, ...]:
        return self.structure.players

    @property
    def horizon(self) -> int | None:
        return self.structure.horizon

    def __repr__(self) -> str:
        edges = sum(int(stage.occupied.sum()) for stage in self.structure.stages)
        periods = "stationary" if self.horizon is None else f"horizon {self.horizon}"
        title = f"{self.title!r}: " if self.title else ""
        return (
            f"<Game {title}players {', '.join(self.players)}; "
            f"states: {self.structure.states.n_states:,}, "
            f"stages: {len(self.structure.stages)}, edges: {edges:,}, {periods}, "
            f"parameters: {len(self.values)}>"
        )

    def at(self, **values: float) -> Game:
        """The same game at other parameter values.

        Values outside a parameter's declared range are taken; the command line refuses
        them, because a scenario file is checked for its declared ranges only.

        Raises `GameError` for a name that is no parameter, and for values that make a
        discount, a payoff or a probability impossible.
        """
        if self.parametric is None:
            raise GameError("this game was built from arrays and has no parameters to set")
        unknown = sorted(set(values) - set(self.parametric.names))
        if unknown:
            raise GameError(
                f"no parameter named {', '.join(unknown)}; "
                f"the game has {', '.join(self.parametric.names)}"
            )
        merged = {**self.values, **{k: float(v) for k, v in values.items()}}
        tables = self.parametric.tables(merged)
        require_valid(self.structure, tables)
        return replace(self, values=merged, tables=tables)
