r"""Exact derivatives of a sweep, sparse, carried along with its numbers.

Columns are the unknowns: the guess that feeds back, and the values that come after. Every array of
the sweep has a sparse matrix beside it, one row for each entry.
Beliefs that are put on a grid have a kink where they pass a point; there, slopes are of one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from foedus.equilibrium.private.fixed import Unknowns
from foedus.equilibrium.private.splitting import split_with_slopes
from foedus.equilibrium.private.sweep import TINY, Guess, Period, log_softmax, relative
from foedus.game.stages import Chance

Sparse = Any  # a SciPy sparse matrix in rows


@dataclass(frozen=True, eq=False, kw_only=True)
class Slopes:
    """Derivatives of a sweep, one row for each unknown.

    `answer` of the y that feed back, `values` of (players, live states), row by row; columns are
    the same y, then the values that come after.
    """

    answer: Sparse
    values: Sparse


def slopes_of(period: Period, unknowns: Unknowns, guess: Guess, following: np.ndarray) -> Slopes:
    """The derivatives of `period.sweep(guess, following)`."""
    return _Carried(period, unknowns, guess, following).slopes()


def _sparse(rows: Any, columns: Any, data: Any, shape: tuple[int, int]) -> Sparse:
    return sp.coo_array((data, (rows, columns)), shape=shape).tocsr()


class _Carried:
    """A sweep with the derivatives of everything in it."""

    def __init__(
        self, period: Period, unknowns: Unknowns, guess: Guess, following: np.ndarray
    ) -> None:
        self.period, self.unknowns, self.following = period, unknowns, following
        self.stages = period.structure.stages
        self.players = len(following)
        self.live = period.structure.states.n_live
        self.n_guess = len(unknowns.origin)
        self.columns = self.n_guess + self.players * self.live
        self.logs = [tuple(log_softmax(y) for y in members) for members in guess]
        self.weights, self.drawn = period.forwards(self.logs)
        self.guessed = self._of_guess()
        self.log_weights = self._forwards()

    def slopes(self) -> Slopes:
        """Backwards through the stages, values and their derivatives side by side."""
        period, states = self.period, self.period.structure.states.n_states
        discount = np.asarray(period.tables.discount, float)
        values = discount[:, None] * self.following
        player = np.repeat(np.arange(self.players), self.live)
        state = np.tile(np.arange(self.live), self.players)
        column = self.n_guess + np.arange(len(state))
        slope = _sparse(
            player * states + state, column, discount[player], (self.players * states, self.columns)
        )
        answers: dict[tuple[int, int], Sparse] = {}
        for k in reversed(range(len(self.stages))):
            stage, paid = self.stages[k], period.tables.payoff[k]
            worth = values[:, stage.successor]
            if paid is not None:
                worth = worth + np.asarray(paid, float)
            worth = np.where(period.occupied[k], worth, 0.0)
            if isinstance(stage, Chance):
                values, slope = self._chance(k, worth, slope)
                continue
            values, slope, found = _Stage(self, k, worth, slope).answered()
            answers.update({(k, j): one for j, one in enumerate(found)})
        rows = [
            answers[k, j][at * period.sight.seats[k][j].available.shape[1] + action]
            for k, j, at, action in self.unknowns.places
        ]
        empty = sp.csr_array((0, self.columns))
        return Slopes(answer=sp.vstack(rows, "csr") if rows else empty, values=slope)

    def _of_guess(self) -> dict[tuple[int, int], Sparse]:
        """Derivatives of log probabilities as guessed, by stage and member."""
        found, at = {}, 0
        for k, j, rows, actions in self.unknowns.places:
            log = self.logs[k][j]
            width = log.shape[1]
            size = log.size
            own = _sparse(
                rows * width + actions,
                at + np.arange(len(rows)),
                np.ones(len(rows)),
                (size, self.columns),
            )
            found[k, j] = own - _means(np.exp(log)) @ own
            at += len(rows)
        return found

    def _forwards(self) -> list[Sparse]:
        """Derivatives of the log weights of nodes. What is drawn of one's type says nothing of
        another's, so draws leave the shares that count alone."""
        found = [sp.csr_array((len(self.period.start), self.columns))]
        for k, stage in enumerate(self.stages[:-1]):
            cells = np.nonzero(self.period.occupied[k])
            nodes, after = cells[0], stage.successor[cells]
            size = self.stages[k + 1].shape[0]
            onward = _sparse(after, nodes, np.ones(len(nodes)), (size, stage.shape[0])) @ found[k]
            for j, seat in enumerate(self.period.sight.seats[k]):
                if (k, j) not in self.guessed:
                    continue
                knows = seat.knows[nodes]
                own = seat.group[nodes] * seat.available.shape[1] + cells[1 + seat.member]
                log = self.guessed[k, j]
                onward = (
                    onward
                    + _sparse(
                        after[knows], own[knows], np.ones(int(knows.sum())), (size, log.shape[0])
                    )
                    @ log
                )
            found.append(onward)
        return found

    def shares(self, k: int, group: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, Sparse]:
        """How likely each node is within its group, nodes not to keep left out."""
        weight = np.where(keep, relative(self.weights[k], group), 0.0)
        total = np.bincount(group, weight, minlength=group.max() + 1)
        share = weight / np.where(total > 0, total, 1.0)[group]
        own = sp.diags_array(share) @ self.log_weights[k]
        size = group.max() + 1
        add = _sparse(group, np.arange(len(group)), np.ones(len(group)), (size, len(group)))
        back = _sparse(np.arange(len(group)), group, share, (len(group), size))
        return share, own - back @ (add @ own)

    def _chance(self, k: int, worth: np.ndarray, slope: Sparse) -> tuple[np.ndarray, Sparse]:
        stage, now = self.stages[k], self.drawn[k]
        chances = np.asarray(self.period.tables.probability[k], float) if now is None else now
        nodes, columns = np.nonzero(self.period.occupied[k])
        size = slope.shape[0] // self.players
        moves = _sparse(
            nodes, stage.successor[nodes, columns], chances[nodes, columns], (len(chances), size)
        )
        found = sp.block_diag([moves] * self.players, "csr") @ slope
        if now is not None:
            for j, at in enumerate(self.period.information.draws):
                if at == k:
                    found = found + self._drawn(k, j, worth)
        return np.einsum("na,pna->pn", chances, worth), found

    def _drawn(self, k: int, j: int, worth: np.ndarray) -> Sparse:
        """What values owe to the draw of beliefs about player j, which follows play."""
        info = self.period.information
        types, public, kinds = info.types[k][:, j], info.public[k], info.sizes[j]
        nodes = np.flatnonzero(types >= 0)
        _, by_node = self.shares(k, public, types >= 0)
        groups = public.max() + 1
        share = self.period.posterior(k, j, self.weights[k])
        open_ = (share > 2 * TINY).reshape(-1)
        add = _sparse(
            public[nodes] * kinds + types[nodes],
            nodes,
            np.ones(len(nodes)),
            (groups * kinds, len(types)),
        )
        by_share = sp.diags_array(open_.astype(float)) @ (add @ by_node)
        codes, tilt = split_with_slopes(share, info.grids[j], self.period.priors[j])
        points = np.concatenate([self.period.priors[j][None], info.grids[j]])
        # P(c | t) = w_c g_c(t) / b(t): `by_code[n, c, t']` is its slope in b(t').
        group, kind = public[nodes], types[nodes]
        own_share = share[group, kind]
        told = points[:, kind].T
        by_code = told[:, :, None] * tilt[group] / own_share[:, None, None]
        by_code[np.arange(len(nodes)), :, kind] -= told * codes[group] / own_share[:, None] ** 2
        never = self.period.impossible(k, j)[nodes]
        by_code[never] = tilt[group[never]]
        stay = info.beliefs[self.period.sight.state[k][nodes], j]
        column = np.broadcast_to(1 + np.arange(codes.shape[1]), (len(nodes), codes.shape[1])).copy()
        column[np.arange(len(nodes)), stay] = 0
        gains = np.einsum("pnc,nct->pnt", worth[:, nodes[:, None], column], by_code)
        rows = np.arange(self.players)[:, None, None] * len(types) + nodes[:, None]
        rows = np.broadcast_to(rows, gains.shape)
        place = np.broadcast_to((group[:, None] * kinds + np.arange(kinds))[None], gains.shape)
        size = (self.players * len(types), groups * kinds)
        return _sparse(rows.ravel(), place.ravel(), gains.ravel(), size) @ by_share


class _Stage:
    """One stage of decisions, cell by cell: what everybody answers, and what that is worth."""

    def __init__(self, carried: _Carried, k: int, worth: np.ndarray, slope: Sparse) -> None:
        self.carried, self.k, self.slope = carried, k, slope
        self.stage = carried.stages[k]
        self.seats = carried.period.sight.seats[k]
        self.cells = np.nonzero(carried.period.occupied[k])
        self.nodes, self.after = self.cells[0], self.stage.successor[self.cells]
        self.worth = worth.reshape(len(worth), -1)[
            :, np.ravel_multi_index(self.cells, self.stage.shape)
        ]  # (players, cells)
        # Where each member's action of a cell stands among its information sets.
        self.own = [
            seat.group[self.nodes] * seat.available.shape[1] + self.cells[1 + seat.member]
            for seat in self.seats
        ]

    def answered(self) -> tuple[np.ndarray, Sparse, list[Sparse]]:
        """Values, their derivatives, and those of every member's y."""
        played = [
            np.exp(log).reshape(-1)[own]
            for log, own in zip(self.carried.logs[self.k], self.own, strict=True)
        ]
        answers, sigmas, by_sigma = [], [], []
        for j in range(len(self.seats)):
            y, slope = self._answer(j, played)
            sigma = np.exp(log_softmax(y))
            flat = sp.diags_array(sigma.reshape(-1))
            answers.append(slope)
            sigmas.append(sigma)
            by_sigma.append(flat @ (slope - _means(sigma) @ slope))
        return (*self._worth(sigmas, by_sigma), answers)

    def _answer(self, j: int, played: list[np.ndarray]) -> tuple[np.ndarray, Sparse]:
        """y of one member: means over its sets of what its actions are worth at their nodes."""
        seat, carried, period = self.seats[j], self.carried, self.carried.period
        width, count = seat.available.shape[1], len(seat.mover)
        mine = seat.mover[self.nodes]
        worth = self.worth[mine, np.arange(len(mine))]
        rows = self.nodes * width + self.cells[1 + seat.member]
        others = _product(played, {j})
        size = self.slope.shape[0]
        places = mine * (size // carried.players) + self.after
        kept = mine >= 0
        own = np.bincount(rows, worth * others, minlength=count * width)
        slope = _sparse(rows[kept], places[kept], others[kept], (count * width, size)) @ self.slope
        for i in range(len(self.seats)):
            if i != j:
                data = worth * _product(played, {i, j}) * played[i]
                log = carried.guessed[self.k, i]
                slope = (
                    slope + _sparse(rows, self.own[i], data, (count * width, log.shape[0])) @ log
                )
        share, by_weight = carried.shares(self.k, seat.group, np.ones(count, bool))
        groups = len(seat.of_group)
        action = np.tile(np.arange(width), count)
        node = np.repeat(np.arange(count), width)
        into = seat.group[node] * width + action
        mean = np.bincount(into, share[node] * own, minlength=groups * width)
        slope = (
            _sparse(into, np.arange(count * width), share[node], (groups * width, count * width))
            @ slope
        )
        slope = slope + _sparse(into, node, own, (groups * width, count)) @ by_weight
        mover = seat.mover[seat.of_group]
        sharp = np.where(mover >= 0, period.precision[mover], 0.0)
        sharp = np.where(seat.available, sharp[:, None], 0.0).reshape(-1)
        slope = sp.diags_array(period.share * sharp) @ slope
        y = np.where(seat.available, (period.share * sharp * mean).reshape(groups, width), -np.inf)
        return y, slope

    def _worth(self, sigmas: list[np.ndarray], by_sigma: list[Sparse]) -> tuple[np.ndarray, Sparse]:
        carried, players = self.carried, self.carried.players
        count, size = self.stage.shape[0], self.slope.shape[0] // self.carried.players
        after = [sigma.reshape(-1)[own] for sigma, own in zip(sigmas, self.own, strict=True)]
        joint = _product(after, set())
        moves = _sparse(self.nodes, self.after, joint, (count, size))
        slope = sp.block_diag([moves] * players, "csr") @ self.slope
        values = np.stack(
            [np.bincount(self.nodes, one * joint, minlength=count) for one in self.worth]
        )
        rows = np.arange(players)[:, None] * count + self.nodes
        for i, (seat, sigma, own) in enumerate(zip(self.seats, by_sigma, self.own, strict=True)):
            data = self.worth * _product(after, {i})
            place = np.broadcast_to(own, data.shape)
            slope = (
                slope
                + _sparse(
                    rows.ravel(), place.ravel(), data.ravel(), (players * count, sigma.shape[0])
                )
                @ sigma
            )
            if carried.period.shock:
                values, slope = self._shocks(seat, sigmas[i], sigma, values, slope)
        return values, slope

    def _shocks(
        self, seat: Any, sigma: np.ndarray, by_sigma: Sparse, values: np.ndarray, slope: Sparse
    ) -> tuple[np.ndarray, Sparse]:
        """What choosing with shocks adds: the entropy of play over the precision."""
        period = self.carried.period
        moving = np.flatnonzero(seat.mover >= 0)
        movers, groups = seat.mover[moving], seat.group[moving]
        values[movers, moving] += period.surplus(seat, sigma)[moving]
        width = sigma.shape[1]
        data = -np.log(np.where(sigma > 0, sigma, 1.0))[groups] / period.precision[movers, None]
        rows = np.repeat(movers * len(seat.mover) + moving, width)
        place = (groups[:, None] * width + np.arange(width)).ravel()
        matrix = _sparse(rows, place, data.ravel(), (slope.shape[0], by_sigma.shape[0]))
        return values, slope + matrix @ by_sigma


def _means(sigma: np.ndarray) -> Sparse:
    """The matrix that gives every action the mean over its set, by how likely actions are."""
    groups, width = sigma.shape
    rows = np.repeat(np.arange(groups * width), width)
    columns = np.repeat(np.arange(groups)[:, None] * width + np.arange(width), width, axis=0)
    data = np.repeat(sigma, width, axis=0)
    return _sparse(rows, columns.ravel(), data.ravel(), (groups * width, groups * width))


def _product(factors: list[np.ndarray], without: set[int]) -> np.ndarray:
    result = np.ones(len(factors[0]))
    for i, factor in enumerate(factors):
        if i not in without:
            result = result * factor
    return result
