"""A frame cut down to some of its states, and to the nodes that those can lead to."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from foedus.compiler.frame import Frame, Layer
from foedus.compiler.terms import Pool, Term, select
from foedus.game.stages import Block, Stage


def restrict(frame: Frame, live: np.ndarray) -> Frame:
    """The same frame over the live states with these positions, sorted, and the endings.

    Whoever leads out of the kept states is not checked here.
    """
    layers = []
    nodes = live
    for layer in frame.layers:
        kept = layer.stage.successor[nodes][layer.stage.occupied[nodes]]
        following = np.unique(kept)
        layers.append(_restrict_layer(layer, nodes, following))
        nodes = following
    endings = np.arange(frame.n_live, len(frame.states))
    states = np.concatenate([live, endings])
    return replace(
        frame,
        states=frame.states[states],
        n_live=len(live),
        layers=tuple(layers),
        flow=tuple((key, _rows(term, live)) for key, term in frame.flow),
        successors=frame.successors[nodes],
    )


def _restrict_layer(layer: Layer, nodes: np.ndarray, following: np.ndarray) -> Layer:
    shape = layer.stage.shape
    number = np.zeros(int(following[-1]) + 1, dtype=np.int32)
    number[following] = np.arange(len(following), dtype=np.int32)
    successor = layer.stage.successor[nodes]
    occupied = layer.stage.occupied[nodes]
    width = int(np.prod(shape[1:]))
    slots = (nodes[:, None] * width + np.arange(width)).reshape(-1)
    probability = layer.probability
    # Padding points at node 0, which need not be kept.
    target = np.where(occupied, successor, following[0])
    return Layer(
        stage=_restrict_stage(layer.stage, nodes, np.where(occupied, number[target], 0)),
        columns=select(layer.columns, nodes),
        collected=tuple((key, _rows(term, slots)) for key, term in layer.collected),
        probability=None
        if probability is None
        else Pool(terms=probability.terms, index=probability.index[nodes]),
    )


def _restrict_stage(stage: Stage, nodes: np.ndarray, successor: np.ndarray) -> Stage:
    """Every array of the stage at these nodes, with the given successors."""
    cut: dict[str, Any] = {"successor": successor.astype(np.int32)}
    for field in fields(stage):
        value = getattr(stage, field.name)
        if field.name != "successor" and isinstance(value, np.ndarray):
            cut[field.name] = value[nodes]
    if isinstance(stage, Block):
        cut["action"] = tuple(own[nodes] for own in stage.action)
        cut["available"] = tuple(own[nodes] for own in stage.available)
    return replace(stage, **cut)


def _rows(term: Term, rows: np.ndarray) -> Term:
    return term if term.index is None else replace(term, index=term.index[rows])
