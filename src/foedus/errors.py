"""Everything that can go wrong, one branch per person who can act on it.

FoedusError
├── ScenarioError     the analyst: every diagnostic of a scenario file at once
├── QueryError        whoever asks: an expression, name or window that makes no sense here
├── GameError         whoever builds arrays: shapes, probabilities, discounts
│   └── GameFileError whoever gives a game file: every fault of it at once, by line
├── DataError         whoever brings data: every problem of a table at once, by line and column
├── SolveError        whoever solves: what was reached, and what usually helps
├── EnsembleError     whoever runs many draws: which members failed, and why
├── StoreError        whoever keeps the runs: which file, what is wrong, what to do
└── BriefingError     whoever publishes: which folder, setting or network, what to do
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class FoedusError(Exception):
    """Base of every error that foedus raises on purpose."""


class ScenarioError(FoedusError):
    """A scenario file that cannot be used. `diagnostics` lists every problem found."""

    def __init__(self, message: str, diagnostics: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class QueryError(FoedusError):
    """A question about a game or an equilibrium that cannot be answered as put."""


class GameError(FoedusError):
    """Arrays or settings that do not make a game."""


class GameFileError(GameError):
    """A game file that cannot be used. `faults` lists every problem found, warnings too."""

    def __init__(self, message: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class DataError(FoedusError):
    """Data, or formulas over them, that cannot be estimated from.

    `problems` lists everything found, each with the column and the line it is about.
    """

    def __init__(
        self, message: str, problems: Sequence[Any] = (), *, hints: Sequence[str] = ()
    ) -> None:
        super().__init__(_with_hints(message, hints))
        self.problems = tuple(problems)
        self.hints = tuple(hints)


class SolveError(FoedusError):
    """No certified equilibrium. Carries the last iterate, its certificate and what to try."""

    def __init__(
        self,
        message: str,
        *,
        last: Any = None,
        certificate: Any = None,
        hints: Sequence[str] = (),
    ) -> None:
        super().__init__(_with_hints(message, hints))
        self.last = last
        self.certificate = certificate
        self.hints = tuple(hints)


class EnsembleError(FoedusError):
    """A plan or a run of many draws that cannot be carried out. `failed` names the members."""

    def __init__(
        self, message: str, *, failed: Sequence[Any] = (), hints: Sequence[str] = ()
    ) -> None:
        super().__init__(_with_hints(message, hints))
        self.failed = tuple(failed)
        self.hints = tuple(hints)


class StoreError(FoedusError):
    """A run store that cannot be read or written. `damaged` is true if the file itself is."""

    def __init__(
        self, message: str, *, path: Path, hints: Sequence[str] = (), damaged: bool = False
    ) -> None:
        super().__init__(_with_hints(message, hints))
        self.path = path
        self.hints = tuple(hints)
        self.damaged = damaged


class BriefingError(FoedusError):
    """A briefing that cannot be written, published or announced as asked."""

    def __init__(self, message: str, *, hints: Sequence[str] = ()) -> None:
        super().__init__(_with_hints(message, hints))
        self.hints = tuple(hints)


def _with_hints(message: str, hints: Sequence[str]) -> str:
    return "\n".join([message, *(f"  try: {hint}" for hint in hints)])
