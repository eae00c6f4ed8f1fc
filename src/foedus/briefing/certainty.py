"""How sure the answer is: what was checked, what moves, what could not be done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from foedus.briefing.material import Material
from foedus.briefing.settings import in_words
from foedus.briefing.wording import DASH, counted
from foedus.findings.assessed import Assessed
from foedus.findings.shifts import Shift

TINY = 1e-12  # below this a residual differs from one processor to the next


@dataclass(frozen=True, kw_only=True)
class SettingShown:
    """How many verdicts stay in a setting, and which move by more than sampling explains."""

    setting: str
    claims: int
    same: int
    step: int
    moved: tuple[Assessed, ...]


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """Everything that the page says besides the facts.

    - `typical`: half the width of the middle interval of a share, in points.
    - `failures`: by setting, how many draws could not be solved, and the first message.
    """

    settings: tuple[SettingShown, ...]
    near: tuple[Assessed, ...]
    constructed: tuple[Assessed, ...]
    typical: str
    uniqueness: str
    audit: str
    failures: tuple[tuple[str, str, str], ...]
    lacking: tuple[str, ...]


def certainty(material: Material) -> Certainty:
    """What can be said of how sure the findings are."""
    findings = material.findings
    failed = Counter(record.cell["setting"] for record in findings.failures)
    first = {
        record.cell["setting"]: record.failure.message.splitlines()[0]
        for record in reversed(findings.failures)
    }
    return Certainty(
        settings=_settings(material),
        near=tuple(one for one in material.tested if one.finding.verdict.near),
        constructed=tuple(one for one in material.tested if one.finding.by_construction),
        typical=_typical(material),
        uniqueness=_uniqueness(material),
        audit=_audit(material),
        failures=tuple(
            (in_words(setting, material), counted(count, "draw"), first[setting])
            for setting, count in failed.items()
        ),
        lacking=tuple(lack.splitlines()[0] for lack in findings.lacking),
    )


def _settings(material: Material) -> tuple[SettingShown, ...]:
    """Settings by the order in which claims were looked at again."""
    seen: dict[str, list[tuple[Assessed, Shift]]] = {}
    for one in material.tested:
        for setting, shift in one.shifts.items():
            if shift.kind != "not comparable":
                seen.setdefault(setting, []).append((one, shift))
    return tuple(
        SettingShown(
            setting=in_words(setting, material),
            claims=len(pairs),
            same=sum(shift.kind == "same" for _, shift in pairs),
            step=sum(shift.kind == "one step" for _, shift in pairs),
            moved=tuple(one for one, _ in pairs if setting in one.moved),
        )
        for setting, pairs in seen.items()
    )


def _typical(material: Material) -> str:
    widths = sorted(
        (high - low) / 2
        for one in material.tested
        if not one.finding.verdict.resamples
        and (interval := one.finding.verdict.interval) is not None
        for low, high in [interval]
    )
    return DASH if not widths else f"{round(100 * widths[len(widths) // 2])}"


def _uniqueness(material: Material) -> str:
    words = dict(material.findings.selection)
    if not words:
        return "How equilibria were selected was not recorded for this run."
    if all(found.startswith("unique") for found in words.values()):
        return (
            "Under every regime there is one equilibrium only: moves come one after the other "
            "and the horizon is finite, so backward induction has one answer."
        )
    said = "; ".join(sorted(set(words.values())))
    return f"Other equilibria may exist. The ones looked at: {said}."


def _audit(material: Material) -> str:
    audit = material.findings.audit
    if not audit.checks:
        return "No draw of this run was solved again by other code."
    return (
        f"{counted(audit.checks, 'draw')} {'was' if audit.checks == 1 else 'were'} solved again by "
        "code that the solver does not share, each under one regime. The largest distance from the "
        "logit response is "
        f"{_residual(audit.residual)}, and the largest difference of any quantity "
        f"{_residual(audit.difference)}."
    )


def _residual(value: float) -> str:
    """A rounding error to its power of ten, above it, so that processors agree on the words."""
    if value <= TINY:
        return "below 10⁻¹²"
    power = next(p for p in range(-11, 300) if value <= 10.0**p)
    return f"below 10{str(power).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
