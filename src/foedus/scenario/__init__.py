"""What an analyst writes: scenario files, read without any numerics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.scenario.reader import examine as examine
    from foedus.scenario.reader import read as read
    from foedus.scenario.scenario import Scenario as Scenario

__all__ = ["Scenario", "examine", "read"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: most of foedus needs only the model."""
    if name == "Scenario":
        from foedus.scenario.scenario import Scenario

        return Scenario
    if name in ("examine", "read"):
        from foedus.scenario import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
