"""Gathers the solved samples that an assessment needs, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from foedus.errors import SolveError
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Evidence, Play
from foedus.findings.kept import Keeper, Solved
from foedus.findings.order import Order
from foedus.findings.samples import CENTRE, DRAWS, LEVELS, LINE, SLOPES, TOTALS
from foedus.findings.settings import BASE, Setting


@dataclass(eq=False)
class Gathering:
    """The samples of one assessment. `solved` collects all of them."""

    order: Order
    keeper: Keeper
    solved: list[Solved] = field(default_factory=list)

    def base(self) -> Evidence:
        """The base sample, and what claims and facts read besides it.

        Raises `SolveError` where not one draw was solved: then there is nothing to judge.
        """
        order = self.order
        base = self._solve([DRAWS], [BASE], order.samples.n, "draws")
        _insist(base[DRAWS, BASE.label])
        other = self._solve([DRAWS], order.plays, order.n_plays, "draws of counterfactual play")
        plays: dict[Play, Solved] = {EQUILIBRIUM_PLAY: base[DRAWS, BASE.label]}
        for setting in order.plays:
            if (DRAWS, setting.label) in other:
                plays[setting.without, setting.under] = other[DRAWS, setting.label]
        return self._evidence(plays)

    def total_effects(self) -> Evidence | None:
        """The Saltelli design, if it was asked for and all of it could be computed."""
        samples = self.order.samples
        if not samples.blocks or not samples.varied.any():
            return None
        size = samples.size(TOTALS)
        solved = self._solve([TOTALS], [BASE], size, "draws for total effects")
        found = solved[TOTALS, BASE.label]
        return self._evidence({EQUILIBRIUM_PLAY: found}) if found.rows.size == size else None

    def lines(self, parameters: Iterable[str]) -> dict[str, Evidence]:
        """The lines through the centre along these parameters."""
        names = [] if self.order.quick else [f"{LINE}{name}" for name in dict.fromkeys(parameters)]
        solved = self._solve(names, [BASE], LEVELS, "points on lines through the centre")
        return {
            name.removeprefix(LINE): self._evidence({EQUILIBRIUM_PLAY: one})
            for (name, _), one in solved.items()
        }

    def checks(self) -> dict[Setting, Evidence]:
        """The first draws again, in every other setting."""
        settings = (*self.order.general, *self.order.ablations)
        solved = self._solve([DRAWS], settings, self.order.checks, "draws in other settings")
        return {
            setting: self._evidence({EQUILIBRIUM_PLAY: solved[DRAWS, setting.label]}, setting)
            for setting in settings
            if (DRAWS, setting.label) in solved
        }

    def centre(self) -> Evidence | None:
        """The central draw, with derivatives unless quick; None without claims to tell of it."""
        if not self.order.claims:
            return None
        sample = CENTRE if self.order.quick else SLOPES
        solved = self._solve([sample], [BASE], 1, "the central draw")
        return self._evidence({EQUILIBRIUM_PLAY: solved[sample, BASE.label]})

    def _solve(
        self, samples: Sequence[str], settings: Sequence[Setting], n: int, doing: str
    ) -> Mapping[tuple[str, str], Solved]:
        solved = self.keeper.solve(samples, settings, n, doing=doing)
        self.solved += solved.values()
        return solved

    def _evidence(self, by_play: Mapping[Play, Solved], setting: Setting = BASE) -> Evidence:
        own = self.keeper.scenario.precision.value
        return Evidence(
            samples=self.order.samples,
            regimes=self.order.regimes,
            quantities=self.order.quantities,
            precision=own if setting.precision is None else setting.precision,
            by_play=by_play,
        )


def _insist(base: Solved) -> None:
    if base.solved.any():
        return
    first = base.failures[0].failure
    raise SolveError(
        f"not one of {base.rows.size} draws could be solved; draw {first.draw} failed with "
        f"{first.error}: {first.message}",
        hints=["`foedus solve` shows what goes wrong at the central values"],
    )
