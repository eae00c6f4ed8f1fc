"""Everything that follows from a fit, computed once: what its page and its figures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from foedus.errors import SolveError
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.dynamic_methods import FULL
from foedus.estimation.fit import Fit
from foedus.estimation.formulas import needed
from foedus.estimation.ultimatum import UltimatumRows

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.dynamic_predictions import Predictions
    from foedus.estimation.effects import Effects
    from foedus.estimation.goodness import Goodness
    from foedus.estimation.profile import Profile
    from foedus.estimation.ultimatum_goodness import Offers

MOST = 12  # covariates whose predictions are shown
POINTS = 25  # values of a number that changes
LEVELS = 12  # most levels of a covariate that is not a number
SMALL = 100  # players times states up to which every draw is solved
FEWEST = 200  # draws in any case
LIGHT = 20_000  # rows times coefficients up to which profiles take seconds


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """A fit with what follows from it.

    - `effects`: predictions by covariate, those that move an outcome most first.
    - `unshown`: covariates left out, as there are too many or they have too many levels.
    - `made`: offers of the ultimatum game, observed and expected.
    - `predictions`: choices by state of a dynamic game; None elsewhere, and where there is no
      equilibrium at the estimate, which `unpredicted` then says.
    - `profiles`: of the coefficients that were asked for.
    """

    fit: Fit | DynamicFit
    resampled: Bootstrap | None
    effects: tuple[Effects, ...]
    unshown: tuple[str, ...]
    goodness: Goodness | None
    profiles: tuple[Profile, ...]
    made: Offers | None = None
    predictions: Predictions | None = None
    unpredicted: str = ""


def give_account(
    fit: Fit | DynamicFit,
    *,
    resampled: Bootstrap | None = None,
    profiles: Sequence[Profile] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Account:
    """Predictions against every covariate, goodness of fit, and profile likelihoods.

    A number goes from its 5th to its 95th percentile, anything else over its levels, with the
    other covariates at typical values. `profiles` are those that are known already; with None
    all coefficients of a fit with few rows, or of a small dynamic game, are profiled.
    """
    if profiles is None:
        profiles = [fit.profile(name) for name in fit.names] if _light(fit) else ()
    profiled = tuple(profiles)
    if not isinstance(fit, Fit):
        predictions, why = _predictions(fit, draws, seed)
        return Account(
            fit=fit, resampled=resampled, effects=(), unshown=(), goodness=fit.goodness(),
            profiles=profiled, predictions=predictions, unpredicted=why,
        )  # fmt: skip
    found, unshown = [], []
    for name in needed(fit.prepared.designs.formulas):
        values = _values(fit.prepared.table.frame[name])
        if values is None:
            unshown.append(name)
        else:
            found.append(fit.effects({name: values}, draws=draws, seed=seed))
    rows = fit.likelihood.rows
    answered = not isinstance(rows, UltimatumRows) or rows.accepted is not None
    found.sort(key=_moved, reverse=True)
    unshown += [one.changed[0] for one in found[MOST:]]
    return Account(
        fit=fit,
        resampled=resampled,
        effects=tuple(found[:MOST]),
        unshown=tuple(unshown),
        goodness=fit.goodness() if answered else None,
        profiles=profiled,
        made=fit.offers() if isinstance(rows, UltimatumRows) else None,
    )


def _light(fit: Fit | DynamicFit) -> bool:
    """Whether profiles of all coefficients take seconds; false where there is no likelihood."""
    if isinstance(fit, Fit):
        solved = hasattr(fit.likelihood.rows, "apart")  # an equilibrium in every row
        return fit.likelihood.n_rows * len(fit.names) <= (LIGHT // 20 if solved else LIGHT)
    game = fit.model.game
    few = len(game.sizes) * game.n_states <= SMALL
    return few and fit.converged and fit.model.method in FULL


def _predictions(fit: DynamicFit, draws: int, seed: int) -> tuple[Predictions | None, str]:
    """Choices by state, over fewer draws where a large game has to be solved for each."""
    game = fit.model.game
    few = max(FEWEST, draws * SMALL // (len(game.sizes) * game.n_states))
    try:
        return fit.predict(draws=min(draws, few), seed=seed), ""
    except SolveError as error:
        return None, f"No predictions: {str(error).splitlines()[0]}."


def _values(column: pd.Series) -> Any:
    """Where to look at a covariate; None where it has no or too many levels to show."""
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    levels = sorted(column.unique()) if not numeric else sorted(column.unique())[: LEVELS + 1]
    if len(levels) < 2 or (not numeric and len(levels) > LEVELS):
        return None
    if not numeric or len(levels) == 2:
        return levels
    low, high = np.quantile(column, [0.05, 0.95])
    if low == high:
        low, high = column.min(), column.max()
    return np.linspace(low, high, POINTS)


def _moved(effects: Effects) -> float:
    """The largest change in any outcome, as a share of what it can be at most."""
    spread = effects.table.groupby("outcome")[effects.column].agg(np.ptp)
    return max(float(wide) / effects.most.get(str(name), 1.0) for name, wide in spread.items())
