"""Scenarios read, games compiled and equilibria found, remembered up to a size in memory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jax
import numpy as np

from foedus.compiler.compile import compile_scenario
from foedus.equilibrium import Equilibrium, Logit, solve
from foedus.errors import ScenarioError
from foedus.game.game import Game
from foedus.scenario.diagnostics import render_all
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario
from foedus.studio.child import Note
from foedus.studio.setting import Setting

T = TypeVar("T")


@dataclass(eq=False)
class Memory:
    """The values used last, up to `most` bytes in all."""

    most: int
    size: Callable[[Any], int]
    _kept: OrderedDict[Hashable, tuple[Any, int]] = field(default_factory=OrderedDict)
    held: int = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is not remembered."""
        if key in self._kept:
            self._kept.move_to_end(key)
            value: T = self._kept[key][0]
            return value
        value = make()
        size = self.size(value)
        self._kept[key] = value, size
        self.held += size
        while self.held > self.most and len(self._kept) > 1:
            _, (_, freed) = self._kept.popitem(last=False)
            self.held -= freed
        return value

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept


def _bytes(value: Any) -> int:
    """About what the arrays of a game or an equilibrium take."""
    if isinstance(value, Equilibrium):
        held: tuple[Any, ...] = (value.profile, value.game.tables, value.value_table)
    elif isinstance(value, Game):
        held = (value.tables,)
    else:
        return 2_000_000
    return sum(np.asarray(leaf).nbytes for leaf in jax.tree_util.tree_leaves(held)) + 100_000


class Cases:
    """What one solving process remembers. All questions go through here."""

    def __init__(self, most: int = 600 * 2**20) -> None:
        self._scenarios = Memory(16 * 2**20, _bytes)
        self._games = Memory(most // 3, _bytes)
        self._solved = Memory(most, _bytes)
        self.derived = Memory(64 * 2**20, lambda value: 1_000_000)

    def scenario(self, text: str) -> Scenario:
        """The scenario of a text. Raises `ScenarioError` where it has errors."""
        return self._scenarios.get(_key(text), lambda: _sound(text))

    def game(self, text: str, setting: Setting, note: Note = lambda _: None) -> Game:
        """The game of a setting, at its values."""

        def make() -> Game:
            note("compiling")
            return compile_scenario(
                self.scenario(text), regime=setting.regime, variant=setting.variant
            )

        game = self._games.get((_key(text), *setting.rules), make)
        return game.at(**setting.values) if setting.values else game

    def solved(self, text: str, setting: Setting, note: Note = lambda _: None) -> Equilibrium:
        """The equilibrium of a setting. Raises `SolveError` where its certificate does not pass."""
        setting.check(self.scenario(text))

        def make() -> Equilibrium:
            game = self.game(text, setting, note)
            note("solving")
            return solve(game, Logit(precision=setting.precision, convention=setting.convention))

        return self._solved.get(solved_key(text, setting), make)

    def knows(self, text: str, setting: Setting) -> bool:
        """Whether this setting has been solved and is remembered."""
        return solved_key(text, setting) in self._solved


def solved_key(text: str, setting: Setting) -> Hashable:
    """What an equilibrium depends on."""
    return (_key(text), *setting.rules, *setting.numbers)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _sound(text: str) -> Scenario:
    scenario, diagnostics = examine_text(text)
    if scenario is None:
        shown = render_all([d for d in diagnostics if d.severity == "error"][:3], text.splitlines())
        raise ScenarioError(f"the scenario has errors\n\n{shown}", diagnostics)
    return scenario
