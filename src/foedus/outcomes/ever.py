"""Play without end: what a stationary game collects over all periods, by one sparse solve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components
from scipy.sparse.linalg import splu

from foedus.game.measure import Measure
from foedus.outcomes.conditions import Watching
from foedus.outcomes.flow import stack
from foedus.outcomes.steps import Routes, edge_probabilities


@dataclass(frozen=True, eq=False, kw_only=True)
class Edges:
    """The possible edges of a period in one list, over the nodes of all stages numbered through.

    Live state s is node s. `target` is the node an edge leads to, -1 into an ending;
    `state` is the state it leads to, -1 inside the period. Of the mass that sets out,
    the share `arrives` gets there and the share `goes_on` is not taken out there either.
    """

    source: np.ndarray
    target: np.ndarray
    state: np.ndarray
    probability: np.ndarray
    collects: np.ndarray  # (edges, measures)
    arrives: np.ndarray
    goes_on: np.ndarray
    n_nodes: int


def totals(
    seen: Watching,
    collected: list[Measure],
    *,
    killing: Measure | None = None,
    discount: float = 1.0,
    endings_last: bool = False,
) -> Float[np.ndarray, "states measures"]:
    r"""Expected amounts that play from each state collects over all periods.

    $$W(s) = m(s) + (1 - \kappa(s))\,v(s), \qquad
      v(n) = \sum_e p_e \bigl[m_e + (1 - \kappa_e)\,x_e\bigr]$$

    where $x_e$ is $v(n')$ inside the period and $\delta W(s')$ at its end; an ending has
    $W = m$. The unknowns are the nodes of all stages, so no matrix over pairs of states
    is formed. Classes that play never leaves stay out of the system: they are worth
    nothing where they collect nothing, and `inf` where they do. `endings_last` says that
    an ending collects in every period from arrival on, not only once.

    Source: Kemeny & Snell (1976), *Finite Markov Chains*, ch. III.
    """
    n_live = seen.structure.states.n_live
    flow = np.stack([np.asarray(m.flow, dtype=float) for m in collected], axis=-1)
    stays = (np.arange(len(flow)) >= n_live)[:, None] & (flow != 0) & endings_last
    flow = np.where(stays, 0.0, flow)
    kill = np.zeros(len(flow)) if killing is None else np.asarray(killing.flow, dtype=float)
    edges = _edges(seen, collected, killing, kill, discount)

    arrival = np.where(edges.state[:, None] >= 0, flow[edges.state], 0.0)
    paid = edges.collects + edges.arrives[:, None] * arrival
    reward = np.zeros((edges.n_nodes, flow.shape[1]))
    np.add.at(reward, edges.source, edges.probability[:, None] * paid)
    graph = _graph(edges)
    for_ever = _recurrent(edges, graph)
    value = _solve(graph, reward, ~for_ever)
    for j in range(flow.shape[1]):
        endless = _mark(edges, paid[:, j] != 0) & for_ever
        endless |= _mark(edges, (edges.state >= 0) & stays[edges.state, j])
        value[_can_reach(graph, endless), j] = np.inf

    answer = flow.copy()
    going = kill[:n_live] < 1
    answer[:n_live][going] += (1.0 - kill[:n_live][going])[:, None] * value[:n_live][going]
    answer[stays] = np.inf
    return answer


def from_start(
    start: Float[np.ndarray, "states"], value: Float[np.ndarray, "states measures"]
) -> Float[np.ndarray, "measures"]:
    """The start's average of the values; states it never starts in do not count."""
    likely = start > 0
    return np.asarray(start[likely] @ value[likely])


def _edges(
    seen: Watching,
    collected: list[Measure],
    killing: Measure | None,
    kill: Float[np.ndarray, "states"],
    discount: float,
) -> Edges:
    """The edges of a period that the profile ever travels."""
    n_live = seen.structure.states.n_live
    successors = Routes.of(seen.structure).successors
    first = np.cumsum([0, *(len(s) for s in successors)])
    amounts = stack(collected).stages
    kills = stack([killing]).stages if killing is not None else (None,) * len(successors)
    chances = edge_probabilities(seen.tables, seen.profile, 0)
    columns: list[tuple[Any, ...]] = []
    for k, (successor, chance) in enumerate(zip(successors, chances, strict=True)):
        node, edge = np.nonzero(chance > 0)
        to = np.asarray(successor)[node, edge]
        taken, amount = kills[k], amounts[k]
        arrives = 1.0 - taken[node, edge, 0] if taken is not None else np.ones(len(node))
        paid = np.zeros((len(node), len(collected))) if amount is None else amount[node, edge]
        if k == len(successors) - 1:
            arrives = arrives * discount
            target, state, goes_on = np.where(to < n_live, to, -1), to, arrives * (1.0 - kill[to])
        else:
            target, state, goes_on = to + first[k + 1], np.full_like(to, -1), arrives
        columns.append((node + first[k], target, state, chance[node, edge], paid, arrives, goes_on))
    names = ("source", "target", "state", "probability", "collects", "arrives", "goes_on")
    joined = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return Edges(n_nodes=int(first[-1]), **dict(zip(names, joined, strict=True)))


def _graph(edges: Edges) -> Any:
    """Probability of going on from node to node, sparse."""
    weight = edges.probability * edges.goes_on
    on = (edges.target >= 0) & (weight > 0)
    entries = (weight[on], (edges.source[on], edges.target[on]))
    return sparse.coo_array(entries, shape=(edges.n_nodes, edges.n_nodes)).tocsr()


def _recurrent(edges: Edges, graph: Any) -> Bool[np.ndarray, "nodes"]:
    """Nodes of the classes that play, once there, never leaves and is never taken out of."""
    _, component = connected_components(graph, directed=True, connection="strong")
    leaves = _mark(edges, (edges.target < 0) | (edges.goes_on < 1))
    links = graph.tocoo()
    leaves[links.row[component[links.row] != component[links.col]]] = True
    return ~np.isin(component, component[leaves])


def _solve(graph: Any, reward: np.ndarray, moving: Bool[np.ndarray, "nodes"]) -> np.ndarray:
    """v = r + P v on the moving nodes, 0 on the others."""
    value = np.zeros_like(reward)
    if moving.any():
        index = np.flatnonzero(moving)
        system = sparse.eye_array(len(index)) - graph[index][:, index]
        value[index] = splu(sparse.csc_array(system)).solve(reward[index])
    return value


def _mark(edges: Edges, which: Bool[np.ndarray, "edges"]) -> Bool[np.ndarray, "nodes"]:
    """Nodes with at least one edge of the kind."""
    marked = np.zeros(edges.n_nodes, dtype=bool)
    marked[edges.source[which]] = True
    return marked


def _can_reach(graph: Any, goals: Bool[np.ndarray, "nodes"]) -> Bool[np.ndarray, "nodes"]:
    """Nodes from which play can get to a goal, goals included."""
    reached = goals.copy()
    if goals.any():
        # One more node that leads to all goals turns many searches backwards into one.
        gate = sparse.csr_array(goals[None, :].astype(float))
        backward = sparse.block_array([[graph.T, None], [gate, sparse.csr_array((1, 1))]])
        order = breadth_first_order(
            backward.tocsr(), len(goals), directed=True, return_predecessors=False
        )
        reached[order[order < len(goals)]] = True
    return reached
