"""Everything an assessment found about one claim, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from foedus.cli.assess_text import share, wrapped
from foedus.cli.text import Table, number, show

if TYPE_CHECKING:
    from foedus.findings.assessed import Assessed
    from foedus.findings.deciding import Pivot
    from foedus.findings.result import Findings
    from foedus.scenario.model import Claim

SLOPES = 5  # of the largest are shown


def show_claim(findings: Findings, name: str) -> None:
    """Print all that is known of the claim of this name."""
    one = findings[name]
    claim, finding = one.claim, one.finding
    place = f", {claim.where}" if claim.where else ""
    click.echo(f"{claim.name}  {claim.label}\n")
    _say(f"{claim.by}{place}: {claim.says}")
    if claim.words:
        _say(f"Tested as: {claim.words}")
    if claim.concept:
        _say(f"In the literature: {claim.concept}")
    if claim.note:
        _say(f"Note: {claim.note}")
    click.echo()
    _say(finding.sentence)
    if claim.holds is None:
        return
    _counts(one)
    _deciding(one)
    _elsewhere(one)
    _mechanisms(one)
    _centre(one)
    _rivals(findings, one)


def _counts(one: Assessed) -> None:
    verdict = one.finding.verdict
    of = verdict.resamples or verdict.draws
    counts = {
        "Holds": verdict.holds,
        "Reversed": verdict.reversed,
        "No difference": verdict.no_difference,
        "Unknown": verdict.unknown,
    }
    rows = [
        [word, f"{count:,}", f"{100 * count / of:.0f} %" if of else "-"]
        for word, count in counts.items()
    ]
    what = "resamples" if verdict.resamples else "plausible draws"
    click.echo()
    show(Table(headings=["", what, "share"], rows=rows))


def _deciding(one: Assessed) -> None:
    deciding = one.finding.deciding
    if not deciding.pivots:
        return
    click.echo()
    outcome = {"holds": "whether it holds", "effect": "its size"}.get(deciding.outcome)
    _say(f"What decides {outcome or 'it'}, by share of the variance:")
    turns = {turn.parameter: turn for turn in one.turns}
    rows = []
    for pivot in deciding.pivots:
        turn = turns.get(pivot.parameter)
        centre = "-"
        if turn is not None:
            centre = ", ".join(number(at) for at in turn.at) or "never"
        rows.append(
            [
                pivot.parameter,
                f"{100 * pivot.score:.0f} %",
                "more" if pivot.direction > 0 else "less",
                _flip(pivot),
                centre,
            ]
        )
    show(
        Table(
            headings=["", "decides", "favoured by", "flips at", "at the centre"],
            rows=rows,
        )
    )
    if deciding.rule is not None:
        _say(f"It {deciding.rule.words}.")


def _flip(pivot: Pivot) -> str:
    split = pivot.split
    if split is None or split.at != split.at:
        return "-"
    low, high = split.interval
    return f"{number(split.at)} ({number(low)} to {number(high)})"


def _elsewhere(one: Assessed) -> None:
    if not one.shifts:
        return
    click.echo()
    rows = []
    for setting, shift in one.shifts.items():
        change = "-" if shift.change is None else f"{100 * shift.change:+.0f}"
        verdict = shift.verdict
        rows.append([setting, verdict.word, share(verdict), f"{verdict.draws:,}", change])
    show(Table(headings=["Elsewhere", "verdict", "share", "draws", "points"], rows=rows))
    _say("Points: the share less that of the base setting on the same draws.")
    if reads_other_play(one.claim):
        _say("The claim is about counterfactual play, which other settings are not solved for.")


def reads_other_play(claim: Claim) -> bool:
    """Whether a claim compares with counterfactual play, or play without a mechanism."""
    from foedus.findings.settings import read

    return any(figure.under or figure.without for figure in read(claim))


def _mechanisms(one: Assessed) -> None:
    construction = one.finding.construction
    if construction is None or not (construction.ablations or construction.identical):
        return
    click.echo()
    rows = [
        [entry.mechanism, share(entry.on), share(entry.off), entry.kind]
        for entry in construction.ablations
    ]
    if rows:
        headings = ["Mechanism, over the whole region", "on", "off", ""]
        show(Table(headings=headings, rows=rows))
    if construction.identical:
        _say("Both sides are the same number in every draw.")


def _centre(one: Assessed) -> None:
    slopes = one.slopes[:SLOPES]
    if not slopes:
        return
    click.echo()
    rows = [[slope.parameter, number(slope.slope), number(slope.across)] for slope in slopes]
    headings = ["Slope of the effect at the central draw", "exact", "times range"]
    show(Table(headings=headings, rows=rows))


def _rivals(findings: Findings, one: Assessed) -> None:
    rivals = list(_known_rivals(findings, one))
    if not rivals:
        return
    click.echo()
    rows = [
        [f"{other.claim.name}  {other.claim.label}", other.claim.by, other.finding.verdict.word,
         share(other.finding.verdict)]
        for other in (one, *rivals)
    ]  # fmt: skip
    show(Table(headings=["Side by side", "by", "verdict", "share"], rows=rows))


def _known_rivals(findings: Findings, one: Assessed) -> Iterator[Assessed]:
    """The rivals that were assessed as well."""
    for other in findings.claims:
        if other.claim.name in one.claim.rivals:
            yield other


def _say(text: str) -> None:
    click.echo(wrapped(text))
