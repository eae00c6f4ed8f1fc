"""Completion: fields, words and names that fit where the cursor is, sound text or not."""

from __future__ import annotations

import pytest

from foedus.scenario import library
from foedus.scenario.completion import complete

TEXT = library.path("baltic-tripwire").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "where", "expected"),
    [
        ("\nregim", (), "regimes"),
        ("  CH: {label: Challenger, ", ("players", "CH"), "precision"),
        ("  prize: {range: [0.5, 2], scale: l", ("parameters", "prize", "scale"), "log"),
        ("  - player: CH\n    name: campaign\n    wh", ("moves",), "when"),
        ("  CH:\n    upkeep: -upk", ("payoffs", "CH", "upkeep"), "upkeep"),
        ("quantities:\n  seizure: {re", ("quantities", "seizure"), "reach"),
        ("    when: readi", ("moves", "when"), "readiness"),
    ],
)
def test_what_fits_is_suggested(before: str, where: tuple[str, ...], expected: str) -> None:
    offset = TEXT.index(before) + len(before)
    found = complete(TEXT, offset)
    assert found.where == where
    assert expected in [one.text for one in found.suggestions]
    assert TEXT[found.start : offset] == before[len(before) - (offset - found.start) :]


def test_any_place_in_any_text_is_survived() -> None:
    for offset in range(0, len(TEXT), 97):
        complete(TEXT[:offset] + "{[: -", offset + 5)
    assert complete("", 0).suggestions
