"""Verdicts as pages show them: a word, a place on the ladder, a share with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from foedus.briefing.wording import share, share_range
from foedus.findings.assessed import Assessed
from foedus.findings.verdict import LADDER, THRESHOLDS, Verdict, Word

ORDER: tuple[Word, ...] = (*reversed(LADDER), "too few draws", "untestable")
MEANING: dict[Word, str] = {
    "supported": "holds in 90 % of the draws that count, or more",
    "leaning": "holds in 67 % to 90 %",
    "contested": "holds in 33 % to 67 %",
    "leaning against": "holds in 10 % to 33 %",
    "contradicted": "holds in 10 % or fewer",
    "too few draws": "fewer than 20 draws can say",
    "untestable": "the scenario cannot ask it",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A verdict ready for a page.

    - `key`: its class in the style sheet. `step`: 4 for supported to 0 for contradicted, None
      off the ladder.
    - `low`, `middle`, `high`: the share and its interval in per cent of a bar's width.
    """

    word: str
    key: str
    step: int | None
    share: str
    interval: str
    low: float | None = None
    middle: float | None = None
    high: float | None = None


def shown(verdict: Verdict) -> Shown:
    """A verdict with everything that a chip and a bar need."""
    step = LADDER.index(verdict.word) if verdict.word in LADDER else None
    low, high = (None, None) if verdict.interval is None else verdict.interval
    return Shown(
        word=verdict.word,
        key=verdict.word.replace(" ", "-"),
        step=step,
        share=share(verdict.share),
        interval=share_range(verdict.interval),
        low=_across(low),
        middle=_across(verdict.share),
        high=_across(high),
    )


def _across(part: float | None) -> float | None:
    return None if part is None else round(100 * part, 1)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The claims that share a verdict."""

    word: Word
    key: str
    meaning: str
    claims: tuple[Assessed, ...]


def tallies(claims: Iterable[Assessed]) -> list[Tally]:
    """The claims by verdict, from supported to contradicted, without empty verdicts."""
    everything = list(claims)
    found = Counter(one.finding.verdict.word for one in everything)
    return [
        Tally(
            word=word,
            key=word.replace(" ", "-"),
            meaning=MEANING[word],
            claims=tuple(one for one in everything if one.finding.verdict.word == word),
        )
        for word in ORDER
        if found[word]
    ]


def ticks() -> tuple[float, ...]:
    """The thresholds between verdicts, in per cent of a bar's width."""
    return tuple(round(100 * threshold, 1) for threshold in THRESHOLDS)
