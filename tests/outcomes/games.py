"""Small games with a known answer: random ones, chains, and every path through them."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np

from foedus.game.game import Game, StateSpace, Structure, Tables
from foedus.game.measure import Measure
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Turn
from foedus.outcomes import Play


def chain(transitions, *, n_live, flow=None, discount=1.0, horizon=None, evaluate=10, starts=None):
    """A Markov chain as a game of one player who never moves. Rows: live states only."""
    rows = np.asarray(transitions, dtype=float)
    n_states = rows.shape[1]
    space = StateSpace(
        factors=("place",),
        levels=(tuple(f"p{s}" for s in range(n_states)),),
        codes=np.arange(n_states, dtype=np.int16)[:, None],
        n_live=n_live,
    )
    successor = np.tile(np.arange(n_states, dtype=np.int32), (n_live, 1))
    structure = Structure(
        players=("A",),
        player_labels=("A",),
        states=space,
        stages=(Chance(name="place", successor=successor, possible=rows > 0),),
        horizon=horizon,
        starts=starts or {f"p{s}": np.eye(n_states)[s] for s in range(n_states)},
        evaluate=evaluate,
    )
    tables = Tables(
        discount=np.array([discount]),
        flow=np.zeros((1, n_states)) if flow is None else np.asarray(flow, float)[None],
        terminal=np.zeros((1, n_states)),
        payoff=(np.zeros((1, n_live, n_states)),),
        probability=(rows,),
    )
    return Play(Game(structure=structure, tables=tables), Profile((None,)))


def gambler(top, up, **settings):
    """One step up with probability `up`, else down; broke and rich end play."""
    order = [*range(1, top), 0, top]  # live states first
    place = {capital: state for state, capital in enumerate(order)}
    rows = np.zeros((top - 1, top + 1))
    for capital in range(1, top):
        rows[place[capital], place[capital + 1]] = up
        rows[place[capital], place[capital - 1]] = 1 - up
    return chain(rows, n_live=top - 1, **settings)


def random_game(seed, *, horizon=3, origin=None):
    """A turn, a block whose second member may see the first, and a draw; one ending of four states.

    Strategies change by period at a finite horizon. Nodes are merged at random.
    """
    draw = np.random.default_rng(seed)
    periods = horizon or 1
    sees = bool(seed % 2)

    def strategy(*shape, available=None):
        weight = draw.random(shape) + 0.05
        return weight if available is None else weight * available

    def nodes(*shape, among):
        return draw.integers(0, among, shape).astype(np.int32)

    open_to = np.array([[True, True], [True, False], [True, True]])
    turn = Turn(
        name="A",
        mover=np.array([0, -1, 0], np.int32),
        action=np.array([[0, 1], [-1, -1], [0, 1]], np.int32),
        action_names=("stay", "go"),
        available=open_to,
        successor=np.where(open_to, nodes(3, 2, among=4), 0).astype(np.int32),
    )
    block = Block(
        names=("B", "C"),
        movers=(0, 1),
        sees=((False, False), (sees, False)),
        action=(np.tile(np.arange(2, dtype=np.int32), (4, 1)),) * 2,
        action_names=(("left", "right"), ("up", "down")),
        available=(np.ones((4, 2), bool),) * 2,
        successor=nodes(4, 2, 2, among=3),
    )
    chance = Chance(name="next", successor=nodes(3, 2, among=4), possible=np.ones((3, 2), bool))
    chance.successor[0] = [3, 0]  # the ending can be reached
    space = StateSpace(
        factors=("place", "size"),
        levels=(("a", "b", "over"), ("0", "1")),
        codes=np.array([[0, 0], [0, 1], [1, 0], [2, -1]], np.int16),
        n_live=3,
    )
    structure = Structure(
        players=("One", "Two"),
        player_labels=("One", "Two"),
        states=space,
        stages=(turn, block, chance),
        horizon=horizon,
        starts={"a": np.array([1.0, 0, 0, 0]), "mixed": np.array([0, 0.25, 0.75, 0])},
        evaluate=3,
    )
    tables = Tables(
        discount=np.array([0.9, 0.8]),
        flow=draw.normal(size=(2, 4)),
        terminal=draw.normal(size=(2, 4)),
        payoff=tuple(draw.normal(size=(2, *stage.shape)) for stage in structure.stages),
        probability=(None, None, normal(strategy(3, 2))),
    )
    profile = Profile(
        (
            normal(strategy(periods, 3, 2, available=open_to)),
            (
                normal(strategy(periods, 4, 2, 1), axis=2),
                normal(strategy(periods, 4, 2 if sees else 1, 2), axis=3),
            ),
            None,
        )
    )
    return Play(Game(structure=structure, tables=tables, origin=origin), profile)


def normal(weights, axis=-1):
    return weights / weights.sum(axis=axis, keepdims=True)


def random_condition(structure, seed, *, stages=(0, 1, 2), states=True):
    """True here and there: in some states, and on some edges of the given stages."""
    draw = np.random.default_rng(seed)
    flow = (draw.random(structure.states.n_states) < 0.3) * float(states)
    on_edges = tuple(
        (draw.random(stage.shape) < 0.3).astype(float) if k in stages else None
        for k, stage in enumerate(structure.stages)
    )
    return Measure(flow, on_edges)


def on_states(structure, values):
    return Measure(np.asarray(values, float), (None,) * len(structure.stages))


def histories(play, start, periods):
    """Every path: its probability and, by date, the state and the edges travelled from it."""
    structure, tables = play.game.structure, play.game.tables

    def period(t, k, node, probability, edges):
        if k == len(structure.stages):
            yield probability, node, edges
            return
        stage = structure.stages[k]
        for edge in itertools.product(*map(range, stage.shape[1:])):
            p = edge_probability(play, tables, t, k, node, edge)
            if p > 0:
                after = int(stage.successor[(node, *edge)])
                yield from period(t, k + 1, after, probability * p, [*edges, (k, (node, *edge))])

    def walk(t, state, probability, path):
        if t == periods:
            yield probability, [*path, (state, [])]
        elif state >= structure.states.n_live:
            yield from walk(t + 1, state, probability, [*path, (state, [])])
        else:
            for p, after, edges in period(t, 0, state, probability, []):
                yield from walk(t + 1, after, p, [*path, (state, edges)])

    for state in np.flatnonzero(start):
        yield from walk(0, int(state), float(start[state]), [])


def edge_probability(play, tables, t, k, node, edge):
    strategies = play.profile.stages[k]
    if strategies is None:
        return float(tables.probability[k][(node, *edge)])
    if not isinstance(strategies, tuple):
        return float(strategies[min(t, len(strategies) - 1)][(node, *edge)])
    answer = 1.0
    for member in strategies:
        now = member[min(t, len(member) - 1)][node]
        answer *= float(
            now[tuple(min(a, size - 1) for a, size in zip(edge, now.shape, strict=True))]
        )
    return answer


def collected(measure, date):
    """What a measure collects in a period: at its start, and on its edges."""
    state, edges = date
    on_edges = [measure.stages[k][place] for k, place in edges if measure.stages[k] is not None]
    return float(measure.flow[state]), float(sum(on_edges))


def quantity(name, kind, **fields):
    """A quantity as a scenario would declare it."""
    empty = dict.fromkeys(
        ("start", "of", "to", "given", "within", "at", "player", "part", "against")
    )
    named = {"name": name, "kind": kind, "after": 0, "factors": ()}
    return SimpleNamespace(**{**empty, **named, **fields})
