"""What play looks like under each regime: at the central draw in full, over draws by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

from foedus.scenario.scenario import Scenario

MOST_RUNGS = 10


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A factor of the state with its levels; `endings` are those at which play stops."""

    name: str
    label: str
    levels: tuple[str, ...]
    level_labels: tuple[str, ...]
    values: tuple[float, ...]
    numeric: bool
    endings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A start, a player, a regime or an action, and what people call it."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A quantity of kind `reach`: what is reached, from which start, within how many periods."""

    name: str
    label: str
    start: str
    within: int


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What a player is paid for one named part over all periods solved, discounted."""

    start: str
    player: str
    part: str
    amount: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Central:
    """One regime at the central draw.

    - `residual`: of the equilibrium, by its certificate. `values`: what play is worth.
    - `levels`: how likely each level is at the start of each period.
    - `flows`: how likely play goes from one level of a factor to another in each period;
        between levels of different factors 0. What has ended stays where it is.
    """

    regime: str
    residual: float
    values: Float[np.ndarray, "starts players"]
    parts: tuple[Paid, ...]
    levels: Float[np.ndarray, "starts dates levels"]
    flows: Float[np.ndarray, "starts periods levels levels"]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Levels of the one or two variables that tell a move's situations apart, by label."""

    variables: tuple[str, ...]
    levels: tuple[str, ...]

    @property
    def words(self) -> str:
        """The situation in words; one without variables is any.

        >>> Situation(variables=("Russia",), levels=("attacks",)).words
        'Russia: attacks'
        """
        pairs = zip(self.variables, self.levels, strict=True)
        return ", ".join(f"{variable}: {level}" for variable, level in pairs) or "always"


@dataclass(frozen=True, eq=False, kw_only=True)
class MovePlayed:
    """What a player does at a move, by regime, start and situation, at the central draw.

    - `weight`: expected number of times that play gets into the situation.
    - `play`: how often each action is then taken; NaN where it cannot be.
    - `told`: the share of the variation in play that the situations account for.
    """

    player: str
    move: str
    actions: tuple[Named, ...]
    situations: tuple[Situation, ...]
    weight: Float[np.ndarray, "regimes starts situations"]
    play: Float[np.ndarray, "regimes starts situations actions"]
    told: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Revealed:
    """What a move tells others about the private type of the player who makes it.

    `joint`: expected number of times that a player of a type takes an action, by regime and
    start, at the central draw; NaN where a regime does not offer the action. What Bayes' rule
    makes of an action is its row divided by the row's sum; the sum over actions is what is
    believed before the move. Both are averages over what has been seen until then.
    """

    player: str
    move: str
    actions: tuple[Named, ...]
    types: tuple[Named, ...]
    joint: Float[np.ndarray, "regimes starts actions types"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Portrait:
    """Play under each regime.

    - `period`: what a period is called. Dates run from 0 up to the evaluation horizon.
    - `rows`: the draws, as places in the base sample; `plausible`: whether they are those
        that count. Where none does, they are any that could be solved.
    - `levels`, `reached`, `values`: over these draws. Levels of all factors stand side by
        side, see `columns`; `reached` is NaN beyond what the quantity asks about.
    - `central`, `moves`, `revealed`: at the central draw; the last of moves by players with
        private types.
    """

    run: str
    scenario: str
    period: str
    regimes: tuple[Named, ...]
    starts: tuple[Named, ...]
    players: tuple[Named, ...]
    factors: tuple[Factor, ...]
    reaches: tuple[Reached, ...]
    central: tuple[Central, ...]
    moves: tuple[MovePlayed, ...]
    revealed: tuple[Revealed, ...]
    plausible: bool
    rows: Int[np.ndarray, "draws"]
    levels: Float[np.ndarray, "draws regimes starts dates levels"] = field(repr=False)
    reached: Float[np.ndarray, "draws regimes reaches dates"] = field(repr=False)
    values: Float[np.ndarray, "draws regimes starts players"] = field(repr=False)

    @property
    def ladder(self) -> Factor | None:
        """The factor whose levels are the rungs of the situation.

        The first one that can end play, where it has no more than 10 levels; else the first
        one whose levels have names; None where there is neither.
        """
        rungs = (f for f in self.factors if f.endings and len(f.levels) <= MOST_RUNGS)
        named = (f for f in self.factors if not f.numeric)
        return next(rungs, next(named, None))

    def columns(self, factor: Factor) -> slice:
        """Where a factor's levels stand on the axis `levels`."""
        before = self.factors[: self.factors.index(factor)]
        first = sum(len(one.levels) for one in before)
        return slice(first, first + len(factor.levels))

    def mean(self, factor: Factor, levels: np.ndarray) -> np.ndarray:
        """The mean of a numeric factor, given that play has not ended; NaN once it surely has.

        `levels` ends in the axis `levels`, which is taken away.
        """
        shares = np.where(np.isfinite(factor.values), levels[..., self.columns(factor)], 0.0)
        going = shares.sum(axis=-1)
        worth = shares @ np.nan_to_num(np.array(factor.values, float))
        found: np.ndarray = np.full_like(worth, np.nan)
        np.divide(worth, going, out=found, where=going > 1e-12)
        return found


def levels_of(factors: Sequence[Factor]) -> dict[str, tuple[str, ...]]:
    """The levels of each factor, by name."""
    return {factor.name: factor.levels for factor in factors}


def factors_of(scenario: Scenario) -> tuple[Factor, ...]:
    """The factors of all regimes with all of their levels, in the order of the file."""
    found: dict[str, Factor] = {}
    for regime in scenario.regimes:
        rules = scenario.rules(regime.name)
        for factor in rules.factors:
            known = found.get(factor.name)
            ends = tuple(e.name for e in rules.endings if e.factor == factor.name)
            labels = factor.level_labels or factor.levels
            levels = dict(zip(factor.levels, zip(labels, factor.values, strict=True), strict=True))
            if known is not None:
                pairs = zip(known.level_labels, known.values, strict=True)
                levels = dict(zip(known.levels, pairs, strict=True)) | levels
                ends = tuple(dict.fromkeys((*known.endings, *ends)))
            found[factor.name] = Factor(
                name=factor.name,
                label=factor.label or factor.name,
                levels=tuple(levels),
                level_labels=tuple(label for label, _ in levels.values()),
                values=tuple(value for _, value in levels.values()),
                numeric=factor.numeric,
                endings=ends,
            )
    return tuple(found.values())


def starts_of(scenario: Scenario) -> tuple[Named, ...]:
    """The starts that the file declares under every regime."""
    rules = [scenario.rules(regime.name) for regime in scenario.regimes]
    shared = set.intersection(*({start.name for start in one.starts} for one in rules))
    return tuple(
        Named(name=start.name, label=start.label or start.name)
        for start in rules[0].starts
        if start.base is None and start.name in shared
    )


def reaches_of(scenario: Scenario, starts: tuple[Named, ...]) -> tuple[Reached, ...]:
    """The quantities of kind `reach` from these starts, those alike but for their window once."""
    rules = scenario.rules(scenario.regimes[0].name)
    longest: dict[object, Reached] = {}
    for quantity in rules.quantities:
        start = quantity.start or (rules.starts[0].name if rules.starts else "")
        if quantity.kind != "reach" or start not in {one.name for one in starts}:
            continue
        within = rules.horizon.evaluate if quantity.within is None else quantity.within
        key = (start, repr(quantity.of))
        if key not in longest or within > longest[key].within:
            longest[key] = Reached(
                name=quantity.name,
                label=quantity.label or quantity.name,
                start=start,
                within=min(within, rules.horizon.evaluate),
            )
    return tuple(longest.values())
