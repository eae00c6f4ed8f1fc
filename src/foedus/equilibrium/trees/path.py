"""The logit path of a tree as a result: to read, to plot and to certify."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.logit import Logit, precision_by_player
from foedus.equilibrium.stochastic.logit_path import LogitPath
from foedus.equilibrium.trees.arrays import TreeArrays, tree_arrays
from foedus.equilibrium.trees.evidence import TreeCertificate, certify_tree
from foedus.equilibrium.trees.following import SHARPEST, Bifurcation, Course, Fold, Walk
from foedus.equilibrium.trees.logit import require_small, require_solvable
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.equilibrium.trees.solving import as_tree
from foedus.errors import GameError
from foedus.game.trees.shape import recall_of
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    import pandas as pd

TILT = 1e-3  # of a player's range of payoffs


@dataclass(frozen=True, eq=False, kw_only=True)
class TreePath:
    """Agent-logit play from precision 0 on, point by point, followed through folds.

    - `precision`: of the player with the highest, at each point.
    - `play`: (points, choices); `columns` says which choice is which.
    - `log_play`: its logarithms, which have all digits where play is too small to be told from 0.
    - `folds`, `bifurcations`: where the path turns back, and where another branch crosses it.
    - `complete`: whether it got to the end asked for; `status` says what happened.
    """

    game: ExtensiveGame
    settings: LogitPath
    share: Float[np.ndarray, "players"]  # of the highest precision
    precision: Float[np.ndarray, "points"]
    play: Float[np.ndarray, "points choices"]
    log_play: Float[np.ndarray, "points choices"]
    columns: tuple[tuple[int, int], ...]
    folds: tuple[Fold, ...]
    bifurcations: tuple[Bifurcation, ...]
    complete: bool
    status: str
    tries: int

    def __len__(self) -> int:
        return len(self.precision)

    @property
    def selection(self) -> str:
        """Which equilibrium the end is, in words."""
        words = ["logit path from precision 0"]
        if self.settings.branch is not None:
            words[0] += f" of the game tilted by seed {self.settings.branch}"
        words.append(f"{len(self.folds) or 'no'} folds")
        words.append(f"{len(self.bifurcations) or 'no'} bifurcations")
        recall = recall_of(self.game)
        if not recall.perfect:
            words.append(recall.words(self.game))
        return ", ".join([*words, self.status])

    def at(self, point: int) -> TreeEquilibrium:
        """The equilibrium at a point of the path, with its certificate.

        With `branch`, points but the last belong to the tilted game, and their certificates fail.
        """
        precision = self.share * self.precision[point]
        rows = self._by_set(self.play[point])
        certificate = self._certificate(point)
        return TreeEquilibrium(
            game=self.game,
            solver=Logit(precision=tuple(precision.tolist())),
            play=tuple(rows),
            certificate=certificate,
            precision=precision,
            rationality=None,
            found_by=f"point {point % len(self)} of a logit path",
            seconds=0.0,
        )

    def certify(self) -> TreeCertificate:
        """Independent evidence about the end."""
        return self._certificate(len(self) - 1)

    def _certificate(self, point: int) -> TreeCertificate:
        return certify_tree(
            self.game,
            self._by_set(self.play[point]),
            log_play=self._by_set(self.log_play[point]),
            precision=(self.share * self.precision[point]).tolist(),
            selection=self.selection,
            tried=(f"{len(self)} points in {self.tries} tries",),
        )

    def _by_set(self, row: np.ndarray) -> list[tuple[float, ...]]:
        found = [
            tuple(float(c) for c in one.probabilities or (0.0,) * len(one.actions))
            for one in self.game.sets
        ]
        for at in self.game.decisions:
            own = [place for place, (owner, _) in enumerate(self.columns) if owner == at]
            found[at] = tuple(row[own].tolist())
        return found

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each point; columns (player, information set, action), precision first."""
        import pandas as pd

        columns: dict[tuple[str, str, str], np.ndarray] = {("precision", "", ""): self.precision}
        for place, (at, action) in enumerate(self.columns):
            one = self.game.sets[at]
            assert one.player is not None
            name = self.game.players[one.player], self.game.name(at), one.actions[action]
            columns[name] = self.play[:, place]
        frame = pd.DataFrame(columns)
        frame.columns = pd.MultiIndex.from_tuples(
            columns, names=["player", "information set", "action"]
        )
        frame.index.name = "point"
        return frame


def trace_tree(game: ExtensiveGame | StrategicGame, settings: LogitPath | None = None) -> TreePath:
    """Follow the agent-logit path of a tree from uniform play at precision 0 upwards.

    Without a precision it goes up to 1e6 divided by the range of payoffs. Bifurcations are reported
    and passed straight through; with `branch` the path keeps off them, by a small tilt of payoffs
    that is taken away at its end.

    Raises `GameError` for settings that do not fit, and trees too large for dense linear algebra.
    """
    tree, settings = as_tree(game), settings or LogitPath()
    if settings.convention == "shock":
        raise GameError("trees are solved with expected values; convention='shock' is not for them")
    require_solvable(tree)
    wanted = np.ones(len(tree.players))
    if settings.precision is not None:
        wanted = precision_by_player(tree, settings.precision, "expected")
        if not wanted.any():
            raise GameError("a path to precision 0 has no length; take one above 0")
    arrays = tree_arrays(tree)
    require_small(arrays)
    share = wanted / wanted.max()
    course = Course(arrays, share)
    end = float(np.log1p(SHARPEST))
    if settings.precision is not None:
        end = course.coordinate(float(wanted.max()))
    followed = course
    if settings.branch is not None:
        followed = Course(_tilted(arrays, settings.branch), share)
    walk = Walk(followed, end)
    walk.go(settings.max_steps)
    points = [point.log_play for point in walk.points]
    precision = [followed.precision(point.s) for point in walk.points]
    status, complete = walk.status, walk.complete
    if settings.branch is not None and complete:
        upwards = np.zeros(len(walk.points[-1].z))
        upwards[-1] = 1.0
        z = course.correct(np.append(walk.points[-1].z[:-1], end), upwards)
        complete = z is not None
        if z is None:
            status = "the tilt cannot be taken away at the end"
        else:
            points[-1], precision[-1] = course.log_play(z), course.precision(end)
    columns = [(at, action) for at in arrays.sets for action in range(len(tree.sets[at].actions))]
    return TreePath(
        game=tree,
        settings=settings,
        share=share,
        precision=np.array(precision),
        play=np.exp(np.array(points)),
        log_play=np.array(points),
        columns=tuple(columns),
        folds=tuple(walk.folds),
        bifurcations=tuple(walk.bifurcations),
        complete=complete,
        status=status,
        tries=walk.tries,
    )


def _tilted(arrays: TreeArrays, seed: int) -> TreeArrays:
    """The tree with a random share of `TILT` of the range added to every payoff at a leaf."""
    noise = np.random.default_rng(seed).uniform(-1.0, 1.0, arrays.payoffs.shape)
    leaves = np.ones(len(arrays.parent), bool)
    leaves[arrays.parent[1:]] = False
    tilt = np.where(leaves[:, None], TILT * noise * arrays.units, 0.0)
    return replace(arrays, payoffs=arrays.payoffs + tilt)
