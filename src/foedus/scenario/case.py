"""Which of a scenario's rules are meant."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """Which rules are meant: a regime, and what is different in them."""

    regime: str
    variant: str | None = None
    without: str | None = None  # a mechanism that is switched off
    under: str | None = None  # counterfactual play

    def words(self, first: str = "") -> list[str]:
        """The case in words; the regime `first` goes without saying."""
        return [
            *([f"regime {self.regime}"] if self.regime != first else []),
            *([f"variant {self.variant}"] if self.variant else []),
            *([f"mechanism {self.without} off"] if self.without else []),
            *([f"counterfactual {self.under}"] if self.under else []),
        ]
