"""A strategic game as frozen data: strategies by player, exact payoffs by profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from foedus.errors import GameError
from foedus.game.trees.grow import Growth
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    from foedus.game.trees.faults import Fault


@dataclass(frozen=True, kw_only=True, repr=False)
class StrategicGame:
    """Players who each pick one strategy at once; every payoff is a fraction.

    - `strategies`: their names, by player.
    - `payoffs`: one tuple per profile with a payoff per player, the first player's strategy
        running fastest, as in `.nfg` files.
    """

    players: tuple[str, ...]
    strategies: tuple[tuple[str, ...], ...]
    payoffs: tuple[tuple[Fraction, ...], ...]
    title: str = ""
    comment: str = ""
    remarks: tuple[Fault, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        cells = 1
        for own in self.strategies:
            cells *= len(own)
        if len(self.strategies) != len(self.players) or cells != len(self.payoffs):
            raise GameError(
                f"{len(self.payoffs)} profiles have payoffs; the strategies make {cells}"
            )

    def __repr__(self) -> str:
        title = f"{self.title!r}: " if self.title else ""
        sizes = " x ".join(str(len(own)) for own in self.strategies)
        return f"<StrategicGame {title}players {', '.join(self.players)}; {sizes} strategies>"

    def payoff(self, *picked: int) -> tuple[Fraction, ...]:
        """What the players are paid when each picks the strategy of that number."""
        return self.payoffs[self._cell(picked)]

    def _cell(self, picked: tuple[int, ...]) -> int:
        cell, stride = 0, 1
        for number, own in zip(picked, self.strategies, strict=True):
            cell += stride * number
            stride *= len(own)
        return cell

    def as_tree(self) -> ExtensiveGame:
        """The tree in which the players pick one after another, none seeing what others picked."""
        growth = Growth(self.players)
        picked: list[int] = []
        while True:
            if len(picked) < len(self.players):
                mover = len(picked)
                growth.choose(mover, self.strategies[mover], of=mover, label=self.players[mover])
                picked.append(0)
                continue
            growth.end(self.payoff(*picked))
            while picked and picked[-1] + 1 == len(self.strategies[len(picked) - 1]):
                picked.pop()
            if not picked:
                return growth.finish(title=self.title, comment=self.comment)
            picked[-1] += 1
