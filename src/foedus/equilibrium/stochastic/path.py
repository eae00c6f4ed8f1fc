"""A path of equilibria as a result: to read, to plot, to certify and to resume."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.certificate import Certificate, certify
from foedus.equilibrium.stochastic.arrays import arrays_of, profile_of
from foedus.equilibrium.stochastic.bifurcations import Bifurcation
from foedus.equilibrium.stochastic.journey import Fold, Journey
from foedus.equilibrium.stochastic.logit_path import LogitPath
from foedus.equilibrium.stochastic.tracing import Tracing
from foedus.equilibrium.stochastic.walk import Walk
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    import pandas as pd

    from foedus.equilibrium.trees.path import TreePath


@dataclass(frozen=True, eq=False, kw_only=True)
class Path:
    """A path of equilibria, from its beginning to wherever it got.

    Arrays have one row for each point, in order. With `branch`, points but the last belong to the
    tilted game; the end of a complete path belongs to the game itself.

    - `parameter`: precision (of the player with the highest), or t.
    - `strategies`, `values`: by state and player.
    - `direction`: change of the path's coordinate per unit of its length: log(1 + precision in
        units of payoff), or -log(1 - t). It is below 0 where the path runs backwards.
    - `determinant_sign`, `determinant_log`: of the equations at a fixed parameter, by the
        logarithm of its size. It passes 0 at folds and at bifurcations, and nowhere else.
    - `complete`: whether the path got to what was asked for; `status` says what happened.
    - `final`: strategies at the end: those of the last point, or the Nash equilibrium there.
    - `nash`: whether `final` is a Nash equilibrium.
    - `log`: what was noticed and decided on the way.
    """

    game: Game
    settings: LogitPath | Tracing
    parameter: Float[np.ndarray, "points"]
    strategies: Float[np.ndarray, "points states players most"]
    values: Float[np.ndarray, "points states players"]
    direction: Float[np.ndarray, "points"]
    determinant_sign: Float[np.ndarray, "points"]
    determinant_log: Float[np.ndarray, "points"]
    folds: tuple[Fold, ...]
    bifurcations: tuple[Bifurcation, ...]
    complete: bool
    status: str
    final: Float[np.ndarray, "states players most"]
    nash: bool
    log: tuple[str, ...]
    tries: int
    walk: Walk = field(repr=False)

    def __len__(self) -> int:
        return len(self.parameter)

    @property
    def profile(self) -> Profile:
        """Play at the end."""
        return profile_of(arrays_of(self.game), self.final)

    @property
    def selection(self) -> str:
        """Which equilibrium the end is, in words."""
        kind = "logit path from precision 0"
        if isinstance(self.settings, Tracing):
            kind = "tracing procedure from the prior"
        elif self.parameter[0] > 0:
            kind = f"logit path from precision {self.parameter[0]:.3g}"
        folds = _count(len(self.folds), "fold")
        crossings = _count(len(self.bifurcations), "bifurcation")
        if self.bifurcations:
            crossings += " passed straight through"
        if self.settings.branch is not None:
            kind += f" of the game tilted by seed {self.settings.branch}"
        return ", ".join([kind, folds, crossings, self.status])

    def certify(self) -> Certificate:
        """Independent evidence about the end: of Nash play, or of logit play at its precision."""
        precision = None if self.nash else self.settings.claim(self.game, float(self.parameter[-1]))
        convention = "expected"
        if isinstance(self.settings, LogitPath):
            convention = self.settings.convention or self.game.convention
        return certify(
            self.game,
            self.profile,
            precision=precision,
            convention="expected" if precision is None else convention,
            solved=self.complete,
            selection=self.selection,
            tried=(f"{len(self)} points of a path in {self.tries} tries", *self.log),
        )

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each point: parameter, direction, determinant, then all strategies.

        Strategies have columns (player, state, action); the index counts points.
        """
        import pandas as pd

        arrays = arrays_of(self.game)
        states = self.game.structure.states
        columns: dict[tuple[str, str, str], np.ndarray] = {
            (self.settings.parameter_name, "", ""): self.parameter,
            ("direction", "", ""): self.direction,
            ("determinant_sign", "", ""): self.determinant_sign,
            ("determinant_log", "", ""): self.determinant_log,
        }
        for state, player, action in np.argwhere(arrays.available):
            name = (self.game.players[player], states.label(state), str(action))
            columns[name] = self.strategies[:, state, player, action]
        frame = pd.DataFrame(columns)
        frame.columns = pd.MultiIndex.from_tuples(columns, names=["player", "state", "action"])
        frame.index.name = "point"
        return frame

    def to_svg(self, states: list[str] | None = None) -> str:
        """A picture as SVG: play against the path's parameter, a panel for each state.

        `states` are labels, as `to_dataframe` has them; None: the first dozen. Dotted uprights are
        bifurcations. Raises `QueryError` for a label that no state has.
        """
        from foedus.equilibrium.stochastic.chart import svg

        return svg(self, states)

    def resume(self, *, max_steps: int) -> Path:
        """The same path, with `max_steps` more tries; the path itself if it is complete.

        What comes back equals a path followed without a break. Raises `GameError` for a number
        of steps below 1.
        """
        if max_steps < 1:
            raise GameError(f"max_steps must be at least 1, not {max_steps}")
        if self.complete:
            return self
        journey = Journey(self.game, self.settings)
        _restore(journey, self)
        journey.go(max_steps)
        return _path(journey)


@overload
def trace(game: Game, settings: LogitPath | Tracing | None = None) -> Path: ...
@overload
def trace(game: ExtensiveGame | StrategicGame, settings: LogitPath | None = None) -> TreePath: ...
def trace(
    game: Game | ExtensiveGame | StrategicGame, settings: LogitPath | Tracing | None = None
) -> Path | TreePath:
    """Follow a path of equilibria of a stationary game with simultaneous moves, or of a tree.

    Folds are followed by arc length. Bifurcations are reported and passed straight through; with
    `branch` the path keeps off them. A path that cannot go on, or runs out of steps, comes back as
    far as it got, with `complete` false.

    Raises `GameError` for games of another class or too large for dense linear algebra, and for
    settings that do not fit; `SolveError` if there is no beginning.

    A stag hunt, whose logit path leads to the safe equilibrium:

    >>> from foedus.game.builders import stochastic_game
    >>> hunt = [[[10.0, 1.0], [8.0, 5.0]], [[10.0, 8.0], [1.0, 5.0]]]
    >>> path = trace(stochastic_game([hunt], np.ones((1, 2, 2, 1)), discount=0.0))
    >>> path.complete, path.final.round(6).tolist()
    (True, [[[0.0, 1.0], [0.0, 1.0]]])
    """
    settings = settings or LogitPath()
    if isinstance(game, ExtensiveGame | StrategicGame):
        from foedus.equilibrium.trees.path import trace_tree

        if not isinstance(settings, LogitPath):
            raise GameError(f"the path of a tree is a LogitPath, not {settings!r}")
        return trace_tree(game, settings)
    if not isinstance(settings, LogitPath | Tracing):
        raise GameError(f"a path is a LogitPath or a Tracing, not {settings!r}")
    journey = Journey(game, settings)
    journey.begin()
    journey.go(settings.max_steps)
    return _path(journey)


def _path(journey: Journey) -> Path:
    """What a journey has written down."""
    parameter, direction, signs, logs = np.array(journey.numbers).T
    found = journey.nash_play
    return Path(
        game=journey.game,
        settings=journey.settings,
        parameter=parameter,
        strategies=np.stack(journey.strategies),
        values=np.stack(journey.values),
        direction=direction,
        determinant_sign=signs,
        determinant_log=logs,
        folds=tuple(journey.folds),
        bifurcations=tuple(journey.bifurcations),
        complete=journey.complete,
        status=journey.status,
        final=journey.strategies[-1] if found is None else found,
        nash=found is not None,
        log=tuple(journey.log),
        tries=journey.tries,
        walk=journey.walk,
    )


def _restore(journey: Journey, path: Path) -> None:
    """A journey where a path was left; the inverse of `_path`."""
    columns = (path.parameter, path.direction, path.determinant_sign, path.determinant_log)
    journey.numbers = list(zip(*(column.tolist() for column in columns), strict=True))
    journey.strategies, journey.values = list(path.strategies), list(path.values)
    journey.folds, journey.bifurcations = list(path.folds), list(path.bifurcations)
    journey.log, journey.tries, journey.walk = list(path.log), path.tries, path.walk


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' if number > 1 else ''}"
