"""The forward pass as a function of arrays: derivatives, draws, conservation of probability."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from foedus.game.profile import Profile
from foedus.outcomes import Play, report
from foedus.outcomes.accounts import discounted
from foedus.outcomes.conditions import watch
from foedus.outcomes.flow import flows, stack
from foedus.outcomes.joint import following, together
from foedus.outcomes.plan import answer, plan
from foedus.outcomes.quantities import passes
from foedus.outcomes.steps import Routes

from .games import normal, quantity, random_condition, random_game

PERIODS = 3


def reach_of(play, seed):
    """P(condition within three periods) as a function of the tables and the profile."""
    structure = play.game.structure
    killing = stack([random_condition(structure, seed, stages=(1, 2))])
    start = structure.starts["mixed"][:, None]
    routes = Routes.of(structure)

    def value(tables, profile):
        passes = flows(routes, tables, profile, start, periods=PERIODS, killing=killing, xp=jnp)
        return passes.hits.sum()

    return value


def test_derivative_of_reach_by_a_chance_probability():
    play = random_game(2)
    value, tables = reach_of(play, 2), play.game.tables
    table = tables.probability[2]

    @jax.jit
    def at(step):
        moved = table + step * np.array([[1.0, -1.0], [-2.0, 2.0], [0.5, -0.5]])
        return value(replace(tables, probability=(None, None, moved)), play.profile)

    exact, h = jax.grad(at)(0.0), 1e-6
    assert abs(float(exact)) > 1e-3
    assert float(exact) == pytest.approx(float(at(h) - at(-h)) / (2 * h), rel=1e-7)


def test_derivative_of_reach_by_a_strategy():
    play = random_game(2)
    value, tables = reach_of(play, 2), play.game.tables
    turn, block, _ = play.profile.stages

    @jax.jit
    def at(step):
        moved = turn + step * np.array([1.0, -1.0]) * np.array(
            [[[1], [0], [0]], [[0], [0], [1]], [[0]] * 3]
        )
        return value(tables, Profile((moved, block, None)))

    exact, h = jax.grad(at)(0.0), 1e-6
    assert abs(float(exact)) > 1e-3
    assert float(exact) == pytest.approx(float(at(h) - at(-h)) / (2 * h), rel=1e-7)


def test_many_draws_at_once_equal_one_by_one():
    """Tables and profiles with a leading axis, compiled: what a loop in NumPy gives."""
    plays = [random_game(seed) for seed in range(0, 10, 2)]
    structure = plays[0].game.structure  # random wiring: only numbers may differ between draws
    draw = np.random.default_rng(0)
    tables = [p.game.tables for p in plays]
    profiles = [p.profile for p in plays]
    parts = [random_condition(structure, seed) for seed in (4, 5)]
    first, second = stack(parts), stack([random_condition(structure, seed) for seed in (6, 7)])
    starts = np.stack(list(structure.starts.values()), axis=-1)
    routes = Routes.of(structure)
    chance = [normal(draw.random((3, 2))) for _ in plays]
    tables = [replace(t, probability=(None, None, p)) for t, p in zip(tables, chance, strict=True)]

    def everything(tables, profile, xp):
        game = (routes, tables, profile, starts)
        settings = {"periods": PERIODS, "xp": xp}
        seen = flows(*game, measures=parts, killing=first, **settings)
        there = (routes, tables, profile, seen.states)
        return (
            seen,
            together(*there, first, second, xp=xp),
            following(*there, first, second.flow, xp=xp),
            discounted(*game, parts, [0, 1], **settings),
        )

    def stacked(trees):
        return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)

    at_once = jax.jit(jax.vmap(lambda t, p: everything(t, p, jnp)))(
        stacked(tables), stacked(profiles)
    )
    one_by_one = stacked([everything(t, p, np) for t, p in zip(tables, profiles, strict=True)])
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(one_by_one), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def test_a_report_can_be_compiled_over_draws():
    """Plan once, then answer for every draw in one program: what `report` gives for each."""
    plays = [random_game(4) for _ in range(3)]
    draw = np.random.default_rng(1)
    chances = [normal(draw.random((3, 2))) for _ in plays]
    a, b = (random_condition(plays[0].game.structure, seed) for seed in (8, 9))
    state = np.array([0.0, 1.0, 0.0, 1.0])
    asked = [
        quantity("reach", "reach", of=a, within=2),
        quantity("hazard", "hazard", of=b, after=1, start="mixed"),
        quantity("occupancy", "occupancy", of=a),
        quantity("switches", "switches", of=b, to=state),
        quantity("rate", "rate", of=a, given=b),
        quantity("mean", "mean", of=state, at=2),
    ]
    made = plan(plays[0].game.structure, asked)
    watched = watch(plays[0], made.conditions)

    @jax.jit
    @jax.vmap
    def answers(chance):
        tables = replace(watched.tables, probability=(None, None, chance))
        drawn = replace(watched, tables=tables)
        seen = passes(made, drawn, jnp)
        return {
            q.quantity.name: answer(made, q, seen, watched.measures, n_live=3, xp=jnp)
            for q in made.questions
        }

    found = answers(np.stack(chances))
    for j, (play, chance) in enumerate(zip(plays, chances, strict=True)):
        tables = replace(play.game.tables, probability=(None, None, chance))
        single = report(Play(replace(play.game, tables=tables), play.profile), asked)
        assert {name: float(value[j]) for name, value in found.items()} == pytest.approx(
            single, rel=1e-12
        )


@pytest.mark.parametrize("seed", range(4))
def test_what_is_taken_out_and_what_is_left_make_one(seed):
    play = random_game(seed)
    structure = play.game.structure
    passes = flows(
        Routes.of(structure),
        play.game.tables,
        play.profile,
        structure.starts["mixed"][:, None],
        periods=PERIODS,
        killing=stack([random_condition(structure, seed)]),
    )
    left = passes.states.sum(axis=1)
    np.testing.assert_allclose(left + np.cumsum(passes.hits, axis=0), 1.0, rtol=1e-14)


def test_a_pass_compiles_once_for_a_shape():
    """Other numbers and another wiring of the same shape run the same program."""
    traces = []

    def traced(routes, tables, profile, start):
        traces.append(1)
        return flows(routes, tables, profile, start, periods=PERIODS, xp=jnp).states

    compiled = jax.jit(traced)
    for seed in (0, 2, 4):
        play = random_game(seed)
        start = play.game.structure.starts["a"][:, None]
        compiled(Routes.of(play.game.structure), play.game.tables, play.profile, start)
    assert len(traces) == 1
