"""What a scenario file says, once read: words and formulas, no positions and no arrays.

`Scenario` is the whole file. `Rules` are the rules of one regime under one
variant, every edit applied and every name resolved; they are what the compiler
turns into a game.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from foedus.scenario.formulas import ONE, Formula
from foedus.scenario.statements import Statement, Term

Scale = Literal["linear", "log"]
Convention = Literal["expected", "shock"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number the analyst does not claim to know: a range, and the reason for it."""

    name: str
    low: float
    high: float
    scale: Scale = "linear"
    value: float  # the stated value, else the middle of the range on its scale
    means: str = ""
    why: str = ""
    source: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Player:
    name: str
    label: str
    discount: Formula  # per period
    precision: Formula | None = None  # own precision; None: the scenario's


@dataclass(frozen=True, kw_only=True)
class PrivateTypes:
    """What only a player knows of itself, drawn once, before play.

    - `priors`: probability of each type, over parameters.
    - `factor`, `belief`: the variables that hold the type and what everybody else believes of
        it at the start of a period; no `belief` where there is only one period.
    - `grid`: for every code of `belief` from 1 on the probability of each type; 0 is the prior.
    """

    player: str
    types: tuple[str, ...]
    labels: tuple[str, ...]
    priors: tuple[Formula, ...]
    factor: str
    belief: str | None
    grid: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A factor of the state, a move, or a chance move: something with named levels.

    `values[code]` is what `level(name)` (or a numeric factor's own name) is worth.
    The next period's level of factor `x` is the variable `next(x)`, same levels.
    """

    name: str
    label: str = ""
    levels: tuple[str, ...]
    values: tuple[float, ...]
    numeric: bool = False
    level_labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ending:
    """An absorbing level. Play stops on arrival and each player is paid once."""

    factor: str
    name: str
    label: str
    payoffs: Mapping[str, Formula]  # player -> formula over parameters only


@dataclass(frozen=True, kw_only=True)
class Action:
    code: int  # position in the variable's levels
    label: str
    when: Formula = ONE


@dataclass(frozen=True, kw_only=True)
class Move:
    """One player's choice. Where `when` is false the player does not choose: code -1."""

    variable: str
    player: str
    when: Formula
    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """Moves decided together. `sees[j][i]`: the mover of `moves[j]` knows what `moves[i]` was.

    An ordinary observed move is a block of one. Everything before the block is seen.
    """

    moves: tuple[Move, ...]
    sees: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ChanceMove:
    """Nature's draw inside the period; seen by everybody after. Code -1 where `when` is false."""

    variable: str
    when: Formula
    outcomes: tuple[tuple[int, Formula], ...]  # (code, probability); they sum to one


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a factor goes with some probability: to a level, or up and down its levels.

    A shift past either end of the (non-ending) levels stays at that end.
    """

    probability: Formula
    level: int | None = None
    shift: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    when: Formula
    outcomes: tuple[Outcome, ...]  # what is left of the probability keeps the level


@dataclass(frozen=True, kw_only=True)
class Transition:
    """How one factor moves: the first rule whose `when` holds; without one it stays."""

    factor: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A named part of a player's payoff per period."""

    player: str
    name: str
    formula: Formula


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where play begins: independent distributions of the factors, level codes -> probability.

    `base` names the declared start that a quantity's own start was made from.
    """

    name: str
    label: str
    factors: Mapping[str, Mapping[int, float]]
    base: str | None = None


QuantityKind = Literal[
    "reach",
    "hazard",
    "occupancy",
    "switches",
    "mean",
    "probability",
    "rate",
    "value",
    "distance",
    "width",
]
EQUILIBRIUM = "equilibrium"  # what a distance may be measured to besides a regime


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number to report about play. Which fields count depends on `kind`:

    - reach: P(`of` holds in some period 0..within-1, or at the start of period `within`)
    - hazard: P(first reach in years after+1..within | not before)
    - occupancy: expected number of periods after..within-1 in which `of` holds
    - switches: expected number of t < within with `of` at t and `to` at t+1
    - mean: expectation of `of` at the start of period `at` (endings excluded: given no ending)
    - probability: P(`of`) at the start of period `at`
    - rate: expected share, E[periods with `of` and `given`] / E[periods with `given`],
      after..within-1; without `given`, among all periods of play, those before an ending
    - value: `player`'s expected discounted payoff from the start, or its `part`
    - distance: total variation distance of the state distribution at `at` to regime `against`,
      of the joint levels of `factors` (all when empty); each ending is one outcome. To
      `equilibrium`: to equilibrium play under the same regime with every mechanism on
    - width: of the set of levels of a factor at which `of` is chosen, given `given`, in the
      first period: the sum of that rate over `starts`, one for each level
    """

    name: str
    label: str
    kind: QuantityKind
    start: str | None = None  # None: the scenario's first start
    of: Formula | None = None
    to: Formula | None = None
    given: Formula | None = None
    within: int | None = None
    after: int = 0
    at: int | None = None
    player: str | None = None
    part: str | None = None
    against: str | None = None
    factors: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """`solve` periods by backward induction, or stationary when None; report over `evaluate`."""

    solve: int | None
    evaluate: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of one regime under one variant, ready to compile."""

    title: str
    regime: str | None
    variant: str | None
    period: str
    horizon: Horizon
    players: tuple[Player, ...]
    parameters: tuple[Parameter, ...]
    precision: Parameter  # of the logit response; name "precision"
    convention: Convention = "expected"  # what a choice is worth to its mover
    factors: tuple[Variable, ...]  # state, in file order; ending levels last in each
    endings: tuple[Ending, ...]
    moves: tuple[Variable, ...]  # variables of moves and chance moves, in order
    sequence: tuple[Block | ChanceMove, ...]
    transitions: tuple[Transition, ...]  # in file order; a factor without one stays
    parts: tuple[Part, ...]
    terminal: Mapping[str, Formula] = field(default_factory=dict)  # player -> value after `solve`
    defines: Mapping[str, Formula] = field(default_factory=dict)
    starts: tuple[Start, ...]
    quantities: tuple[Quantity, ...]
    types: tuple[PrivateTypes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """A regime, variant, mechanism or counterfactual as the file introduces it."""

    name: str
    label: str
    means: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What somebody says about the situation, and the statement that tests it.

    - `by`, `where`: the author and the place in the document.
    - `says`: a paraphrase. `label`: a few words for tables.
    - `concept`: what the literature calls it. `note`: what a verdict does not say.
    - `holds`: None where the scenario cannot test it; `untestable` then says why.
    - `effect`: the size of what is claimed, in `unit`; where the file gives none, the first
      comparison's left side minus its right side. None for statements about the region.
    - `given`: the part of the region, by parameters, that the claim is about.
    - `margin`: differences up to this count as none.
    - `mechanisms`: what the claim may rest on, switched off one at a time.
    - `rivals`: claims that contest this one; both name each other.
    - `words`: `holds` as written.
    """

    name: str
    label: str
    by: str
    where: str = ""
    says: str
    concept: str = ""
    source: str = ""
    note: str = ""
    holds: Statement | None
    untestable: str = ""
    effect: Term | None = None
    unit: str = ""
    given: Statement | None = None
    margin: float
    mechanisms: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A dated fact, and the statement by which a draw reproduces it.

    In `plausible` it decides which draws count; in `holdouts` it is only reported.
    """

    name: str
    label: str
    says: str
    date: str = ""
    source: str = ""
    holds: Statement
    words: str = ""
