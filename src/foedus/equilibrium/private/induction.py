"""Solves games with private types: period by period from the last, or at rest without end."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.private.consistency import certify_private
from foedus.equilibrium.private.fixed import Fixed, fixed_point
from foedus.equilibrium.private.joint import Joint
from foedus.equilibrium.private.sight import Sight, sight_of
from foedus.equilibrium.private.sweep import Guess, Period, Swept
from foedus.equilibrium.private.transient import Settled, reach
from foedus.equilibrium.result import Equilibrium, Statistics
from foedus.errors import GameError, SolveError
from foedus.game.game import Game
from foedus.game.information import Information
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """Play of every period, first to last; one in a stationary game. `values` as in results.

    `reached`: the share of the precision up to which there is play.
    """

    periods: tuple[Fixed, ...]
    values: np.ndarray
    solved: bool
    selection: str
    tried: tuple[str, ...]
    reached: float = 1.0


def solve_private(game: Game, solver: Logit, *, throw: bool) -> Equilibrium:
    """A logit equilibrium of a game with private types, with its certificate.

    Raises `GameError` for moves that the method does not take, and `SolveError` as `solve` does.
    """
    started = time.perf_counter()
    game, sight, period = prepared(game, solver)
    answer = _stationary(game, period) if game.horizon is None else _backwards(game, period)
    return equilibrium_of(game, solver, sight, answer, started, throw=throw)


def prepared(game: Game, solver: Logit) -> tuple[Game, Sight, Period]:
    """The game with the priors in its starts, its information sets, and a period of it."""
    information = game.information
    assert information is not None
    priors = information.priors(game.values)
    starts = {
        name: _with_priors(game, information, priors, start)
        for name, start in game.structure.starts.items()
    }
    game = replace(game, structure=replace(game.structure, starts=starts))
    sight = sight_of(game.structure, information)
    precision = np.array(solver.precision, float)
    period = Period(sight, game.tables, precision, priors, shock=solver.convention == "shock")
    return game, sight, period


def _with_priors(
    game: Game, information: Information, priors: tuple[np.ndarray, ...], start: np.ndarray
) -> np.ndarray:
    """A start in which types are as likely as their priors say; the file's own are all alike."""
    live = game.structure.states.n_live
    weighed = np.array(start, float)
    for j, prior in enumerate(priors):
        weighed[:live] *= prior[information.types[0][:, j]] * len(prior)
    return weighed


def _backwards(game: Game, period: Period) -> Answer:
    structure = game.structure
    horizon = structure.horizon or 0
    following = np.array(game.tables.flow, float)
    live = structure.states.n_live
    following[:, :live] = np.asarray(game.tables.terminal, float)[:, :live]
    periods: list[Fixed] = []
    values = [following]
    guess: Guess | None = None
    for _ in range(horizon):
        found = fixed_point(period, values[-1], guess)
        guess = found.guess if found.solved.all() else None
        periods.append(found)
        values.append(found.swept.values)
    solved = all(found.solved.all() for found in periods)
    unfollowed = sum(found.share < 1.0 for found in periods)
    rounds = sum(found.rounds for found in periods)
    selection = "in every period the branch from uniform play or from the period after"
    if unfollowed:
        selection += f"; in {unfollowed} periods it turned back, and play is beyond the turn"
    return Answer(
        periods=tuple(periods[::-1]),
        values=np.stack(values[::-1]),
        solved=solved,
        selection=f"{selection}; uniqueness not shown",
        tried=(f"Newton's method on beliefs and play, period by period: {rounds} sweeps",),
    )


def _stationary(game: Game, period: Period) -> Answer:
    """Where play and values that adjust come to rest."""
    joint = Joint(game, period)
    found = reach(joint)
    tried = f"slow adjustment of beliefs, play and values: {found.steps} steps"
    if not found.settled.solved:
        tried += f"; play was found up to {found.share:.0%} of the precision"
    selection = f"where adjustment from {found.way} comes to rest; uniqueness not shown"
    answer = resting(joint, found.settled, selection, (tried,))
    return replace(answer, reached=found.share)


def resting(joint: Joint, settled: Settled, selection: str, tried: tuple[str, ...]) -> Answer:
    """The answer of a stationary game from a point of its system."""
    swept = joint.sweep(settled.point)
    play = Fixed(
        guess=swept.answer,
        swept=swept,
        solved=np.array([settled.solved]),
        rounds=settled.steps,
        share=1.0,
    )
    return Answer(
        periods=(play,),
        values=swept.values[None],
        solved=settled.solved,
        selection=selection,
        tried=tried,
    )


def profile_stages(game: Game, sight: Sight, swept: Swept) -> list[object]:
    """Strategies of one period by node, in the layout of a profile."""
    stages: list[object] = []
    for k, stage in enumerate(game.structure.stages):
        if isinstance(stage, Chance):
            stages.append(swept.drawn[k])
            continue
        members = []
        for seat, y in zip(sight.seats[k], swept.answer[k], strict=True):
            weight = np.exp(y - y.max(axis=1, keepdims=True))
            own = (weight / weight.sum(axis=1, keepdims=True))[seat.group]
            if isinstance(stage, Block):
                shape = [len(own)] + [1] * len(stage.movers)
                shape[seat.member + 1] = own.shape[1]
                own = own.reshape(shape)
            members.append(own)
        stages.append(tuple(members) if isinstance(stage, Block) else members[0])
    return stages


def profile_of(game: Game, sight: Sight, periods: tuple[Fixed, ...]) -> Profile:
    """The profile of all periods. Where beliefs are drawn, the draws are part of it."""
    each = [profile_stages(game, sight, found.swept) for found in periods]
    stages: list[object] = []
    for parts in zip(*each, strict=True):
        if parts[0] is None:
            stages.append(None)
        elif isinstance(parts[0], tuple):
            stages.append(tuple(np.stack(member) for member in zip(*parts, strict=True)))
        else:
            stages.append(np.stack(parts))
    return Profile(tuple(stages))


def equilibrium_of(
    game: Game, solver: Logit, sight: Sight, answer: Answer, started: float, *, throw: bool
) -> Equilibrium:
    """An answer with its certificate; raises `SolveError` where that does not pass."""
    profile = profile_of(game, sight, answer.periods)
    ran = time.perf_counter() - started
    certificate = certify_private(
        game,
        profile,
        precision=list(solver.precision),  # type: ignore[arg-type]
        convention=solver.convention or "expected",
        values=answer.values,
        solved=answer.solved,
        selection=answer.selection,
        tried=answer.tried,
    )
    equilibrium = Equilibrium(
        game=game,
        solver=solver,
        profile=profile,
        value_table=answer.values,
        certificate=certificate,
        precision=np.array(solver.precision, float),
        stats=Statistics(
            method="beliefs and play together, by Newton's method"
            if game.horizon is not None
            else "beliefs, play and values together, by pseudo-transient continuation",
            iterations=sum(found.rounds for found in answer.periods),
            residual=0.0,
            trace_seconds=0.0,
            compile_seconds=0.0,
            run_seconds=ran,
            certify_seconds=time.perf_counter() - started - ran,
        ),
    )
    if throw and not certificate.passed:
        lower = "a lower precision: play and beliefs then move each other less"
        if game.horizon is None:
            sharpest = float(equilibrium.precision.max())
            lower += f"; play was found up to a precision of {answer.reached * sharpest:.3g}"
        raise SolveError(
            f"no certified equilibrium of {game.title or 'the game'}: {certificate}",
            last=equilibrium,
            certificate=certificate,
            hints=(
                lower,
                "find_equilibria, which begins from many sides",
                "solve(..., throw=False) to look at the last iterate",
            ),
        )
    return equilibrium


def refuse(game: Game, what: str) -> None:
    """Raises `GameError` for what is not known of games with private types."""
    if game.information is not None:
        raise GameError(
            f"{what} is not available for games with private types; "
            "use solve with a Logit of high precision"
        )
