r"""A fitted model: its estimates, every optimum found, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.estimates import COVARIANCES, Estimates
from foedus.estimation.goodness import Goodness, Seen, find_goodness, log_shares
from foedus.estimation.likelihood import Likelihood, TreeRows
from foedus.estimation.model import Model, Prepared, TreeModel
from foedus.estimation.optimum import Optimum
from foedus.estimation.penalties import objective
from foedus.estimation.profile import Objective
from foedus.estimation.search import Attempt
from foedus.estimation.separation import Separated
from foedus.estimation.table import Missing
from foedus.estimation.ultimatum import UltimatumRows
from foedus.estimation.ultimatum_goodness import Offers, answers, find_offers

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.effects import Effects

Change = Mapping[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Fit(Estimates):
    """The estimates of a model whose payoffs are linear forms.

    - `optima`: every distinct optimum, best first. `attempts`: every start and where it led.
    - `missing`: which rows were left out, and why. `separation`: choices that covariates predict.
    - `resampled`: a bootstrap whose spread is the standard errors, where one was made.
    """

    model: Model
    prepared: Prepared
    optima: tuple[Optimum, ...]
    attempts: tuple[Attempt, ...]
    separation: tuple[Separated, ...]
    penalty: str | None = None

    @property
    def likelihood(self) -> Likelihood:
        """The likelihood that was maximised, without its penalty."""
        return self.prepared.likelihood

    @property
    def missing(self) -> Missing:
        """Which rows were left out, and why."""
        return self.prepared.missing

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes' labels."""
        return self.likelihood.rows.outcomes

    @property
    def quantities(self) -> tuple[str, ...]:
        """What is predicted against covariates: outcomes, or an offer and its acceptance."""
        return tuple(getattr(self.likelihood.rows, "quantities", self.outcomes))

    @cached_property
    def each(self) -> np.ndarray:
        """The log-likelihood of every row."""
        return self.likelihood.each(self.point)

    @cached_property
    def llnull(self) -> float:
        """The log-likelihood of each outcome's share over all rows."""
        counts = getattr(self.likelihood.rows, "counts", None)
        if counts is None:
            return float("nan")
        return log_shares(self.likelihood.weights @ counts)

    def with_errors(self, cov_type: str) -> Fit:
        """The same fit with standard errors of another kind."""
        if cov_type not in COVARIANCES:
            raise QueryError(f"cov_type is one of {', '.join(COVARIANCES)}; found {cov_type!r}")
        changed = replace(self, cov_type=cov_type)
        changed.errors()
        return changed

    def predict(self, data: pd.DataFrame | None = None, *, kind: str = "outcome") -> pd.DataFrame:
        """Probabilities by row: of outcomes, or of actions at every node (`kind="action"`).

        `data` are other rows, with the covariates' columns; default the rows fitted.
        """
        likelihood = self.likelihood if data is None else self.prepared.over(data)
        index = None if data is None else data.index
        if kind == "outcome":
            found = likelihood.probabilities(self.point)
            return pd.DataFrame(found, columns=list(self.outcomes), index=index)
        if kind != "action" or not isinstance(likelihood.rows, TreeRows):
            raise QueryError("kind is `outcome`, or `action` for a tree")
        tree, whole = likelihood.rows.payoffs.tree, slice(0, likelihood.n_rows)
        forms = likelihood.named(list(likelihood.etas(self.point, whole)))
        columns = {
            f"{tree.players[node.player]}: {'/'.join(node.actions)} #{position}: {action}": np.exp(
                x
            )
            for position, (node, actions) in enumerate(
                zip(tree.nodes, likelihood.rows.actions(forms, whole), strict=True)
            )
            if node.player >= 0
            for action, x in zip(node.actions, actions, strict=True)
        }
        size = likelihood.n_rows
        return pd.DataFrame(
            {name: np.broadcast_to(x, (size,)) for name, x in columns.items()}, index=index
        )

    def equilibria(self, data: pd.DataFrame | None = None) -> pd.DataFrame:
        """Every equilibrium of every row at the estimate, in the rows fitted or in others.

        Raises `QueryError` for a model whose rows are not solved for equilibria.
        """
        from foedus.estimation.signalling_model import equilibria

        return equilibria(self.likelihood if data is None else self.prepared.over(data), self.point)

    def effects(
        self,
        changes: Mapping[str, Any],
        *,
        at: str = "typical",
        draws: int = 1000,
        level: float = 0.95,
        seed: int = 0,
        cov_type: str | None = None,
    ) -> Effects:
        """Predicted probabilities as covariates change; see `foedus.estimation.effects`."""
        from foedus.estimation.effects import find_effects

        return find_effects(
            self, changes, at=at, draws=draws, level=level, seed=seed, cov_type=cov_type
        )

    def counterfactual(
        self,
        change: Change | Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        *,
        params: Mapping[str, float] | None = None,
        regime: str | None = None,
        draws: int = 1000,
        level: float = 0.95,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Mean probabilities before and after a change, with intervals of the difference.

        `change`: columns set to values, or a function of the table. `params`: coefficients set
        to values. `regime`: the scenario's rules under another regime.
        """
        from foedus.estimation.effects import compare

        return compare(
            self, change, params=params, regime=regime, draws=draws, level=level, seed=seed
        )

    def under(self, regime: str) -> Likelihood:
        """The likelihood of the same rows and forms under another regime of the scenario."""
        if not isinstance(self.model, TreeModel) or isinstance(self.model.game, str):
            raise QueryError("only a model on a scenario has regimes")
        other = replace(self.model, regime=regime)
        found = other.prepare(self.prepared.table, weights=None, cluster=None, missing="raise")
        rows, own = found.likelihood.rows, self.likelihood.rows
        if rows.outcomes != own.outcomes:
            raise QueryError(f"the outcomes under {regime} are others: {', '.join(rows.outcomes)}")
        return replace(self.likelihood, rows=rows)

    def objective(self) -> Objective:
        """The log-likelihood, with its penalty where there is one."""
        rows = self.likelihood.rows
        if hasattr(rows, "apart"):  # equilibria are followed from refit to refit
            rows = rows.apart()
        derivatives, value = objective(replace(self.likelihood, rows=rows), self.penalty)
        return Objective(derivatives=derivatives, value=value)

    def goodness(self) -> Goodness:
        """How well the fit accounts for what was observed.

        In the ultimatum game this is about the answers, given the offers that were made; see
        `offers` for these. Raises `QueryError` where no answers are used.
        """
        likelihood = self.likelihood
        if isinstance(likelihood.rows, UltimatumRows):
            return answers(likelihood, self.point)
        seen = Seen(
            alternatives=self.outcomes,
            counts=likelihood.rows.counts * likelihood.weights[:, None],  # type: ignore[attr-defined]
            likely=likelihood.probabilities(self.point),
        )
        return find_goodness([seen], self.llf)

    def offers(self) -> Offers:
        """Offers observed beside those expected; for the ultimatum game alone."""
        if not isinstance(self.likelihood.rows, UltimatumRows):
            raise QueryError("only the ultimatum game has offers; see `goodness`")
        return find_offers(self.likelihood, self.point)

    def simulate(self, *, seed: int = 0, data: pd.DataFrame | None = None) -> pd.DataFrame:
        """The table with outcomes drawn from the fit, in a column `outcome`, or as counts."""
        from foedus.estimation.simulation import simulate

        return simulate(self, seed=seed, data=data)

    def bootstrap(
        self,
        draws: int = 1000,
        *,
        kind: str = "case",
        block: str | None = None,
        seed: int = 0,
        **placed: Any,
    ) -> Bootstrap:
        """Fits to resamples, each from the fit's estimate on.

        `case` draws rows, `block` whole clusters (those of the fit, or of the column `block`), and
        `parametric` new outcomes from the fit itself. Where a refit takes its time, `store`,
        `executor` and `progress` say where resamples are kept and computed; see
        `foedus.estimation.bootstrap`.
        """
        from foedus.estimation.bootstrap import bootstrap, clustered
        from foedus.estimation.resampling import Resampling

        labels = self.prepared.clusters
        if block is not None:
            frame = self.prepared.table.frame
            if block not in frame.columns:
                raise QueryError(f"no column named `{block}`")
            labels = frame[block].to_numpy()
        resampling = Resampling(
            likelihood=self.likelihood,
            point=self.point,
            penalty=self.penalty,
            kind=kind,
            groups=clustered(labels) if kind == "block" else None,
            seed=seed,
            climb=self.model.refit,
        )
        resampling.draw(0)  # refuses what makes no sense
        return bootstrap(self, resampling, draws, **placed)

    def facts(self) -> dict[str, str]:
        """What the table's foot says: also starts, optima and missing rows."""
        agreed = sum(attempt.optimum == 0 for attempt in self.attempts)
        found = {
            **super().facts(),
            "Starts": f"{agreed} of {len(self.attempts)} led here; "
            f"{len(self.optima)} distinct optim{'um' if len(self.optima) == 1 else 'a'}",
            "Rows": str(self.missing),
        }
        if self.penalty:
            found["Penalty"] = self.penalty
        return found
