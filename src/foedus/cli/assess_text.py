"""What an assessment found, as a table of claims for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from foedus.cli.text import Table, at_most, counted, number, show, terminal_width

if TYPE_CHECKING:
    from foedus.findings.assessed import Assessed, FactFound
    from foedus.findings.result import Findings
    from foedus.findings.verdict import Verdict

WIDTH = 80
WIDE, SHORT = 110, 20  # a terminal with room for intervals and more pivots; labels that leave it
PIVOTS, MORE_PIVOTS = 13, 30  # characters for the names of pivots in the table
FLAGS = {
    "n": "near a threshold between two verdicts, within sampling error",
    "c": "true by construction: nothing in the region can reverse it",
    "m": "moves: another verdict in another setting or without the facts",
}


def show_findings(findings: Findings) -> None:
    """Print the findings: how they came about, the claims, the facts, and how to read on."""
    click.echo(f"{findings.title}\n{wrapped(_how(findings))}")
    for warning in _warnings(findings):
        click.echo(wrapped(warning))
    tested = [one for one in findings.claims if one.claim.holds is not None]
    if not findings.claims:
        click.echo("\nThe scenario states no claims; its draws are kept for `foedus runs export`.")
    if tested:
        click.echo()
        headings = ["Claim", "verdict", "share", "effect", "decided by", ""]
        wide = roomy([_label(one) for one in tested])
        show(Table(headings=headings, rows=list(_rows(tested, wide=wide)), one_line=True))
        flags = {flag for one in tested for flag in _flags(one)}
        if flags:
            click.echo()
            for flag in (flag for flag in FLAGS if flag in flags):
                click.echo(f"{flag}  {FLAGS[flag]}")
    untestable = [one for one in findings.claims if one.claim.holds is None]
    if untestable:
        click.echo("\nNot testable here")
        for one in untestable:
            click.echo(wrapped(f"{_label(one)}: {one.claim.untestable}", "  "))
    _facts("Facts that draws must reproduce", findings.filters, "solved")
    _facts("Hold-outs, reported only", findings.holdouts, "plausible")
    click.echo()
    for line in _closing(findings, tested):
        click.echo(wrapped(line))


def _how(findings: Findings) -> str:
    """One line on what was run."""
    precise = f"{findings.draws:,} {findings.design} draws (seed {findings.seed})"
    words = [f"{precise} x {counted(len(findings.regimes), 'regime')}"]
    if findings.filters:
        words.append(f"{findings.plausible:,} plausible")
    kept = " and kept draws" if findings.reused else ""
    words.append(f"{findings.seconds:.0f} s" + (kept if findings.computed else " from kept draws"))
    return ", ".join(words)


def _warnings(findings: Findings) -> Iterator[str]:
    if findings.little_evidence:
        yield (
            f"Only {counted(findings.plausible, 'draw')} reproduce the facts, too few for any "
            "verdict. Look at the facts' shares below: take more draws, or see whether a fact "
            "asks for what the ranges of the parameters cannot give."
        )
    failed = Counter(record.cell["setting"] for record in findings.failures)
    for setting, count in failed.items():
        first = next(r.failure for r in findings.failures if r.cell["setting"] == setting)
        yield (
            f"{counted(count, 'draw')} could not be solved and count for nothing ({setting} "
            f"setting); draw {first.draw}: {first.message.splitlines()[0]}"
        )
    for lack in findings.lacking:
        yield f"Not everything could be computed: {lack.splitlines()[0]}"


def briefly(labels: Sequence[str]) -> list[str]:
    """Labels in order, without a beginning up to a colon that the one before has as well.

    >>> briefly(["4a  Wider: in war", "4b  Wider: in peace", "5  Longer: in war"])
    ['4a  Wider: in war', '4b  … in peace', '5  Longer: in war']
    """
    found, before = [], ""
    for label in labels:
        name, _, text = label.partition("  ")
        topic, colon, rest = text.partition(": ")
        found.append(f"{name}  … {rest}" if colon and topic == before else label)
        before = topic if colon else ""
    return found


def roomy(labels: Sequence[str]) -> bool:
    """Whether a table with these labels has room for intervals and more pivots."""
    return terminal_width() >= WIDE or max(map(len, labels), default=0) <= SHORT


def _rows(tested: Sequence[Assessed], *, wide: bool) -> Iterator[Sequence[str]]:
    """A row for each claim, under a heading for each author."""
    authors = list(dict.fromkeys(one.claim.by for one in tested))
    for author in authors:
        if len(authors) > 1:
            yield [f"By {author}"]
        own = [one for one in tested if one.claim.by == author]
        for one, label in zip(own, briefly([_label(one) for one in own]), strict=True):
            verdict = one.finding.verdict
            yield [
                label,
                verdict.word,
                share(verdict) if wide else share(verdict).partition(" (")[0],
                number(None if verdict.effect is None else verdict.effect.median),
                _pivots(one, MORE_PIVOTS if wide else PIVOTS),
                _flags(one),
            ]


def share(verdict: Verdict) -> str:
    """The share with its interval in per cent: 94 % (86-97)."""
    if verdict.share is None or verdict.interval is None:
        return "-"
    low, high = (round(100 * end) for end in verdict.interval)
    return f"{100 * verdict.share:.0f} % ({low}-{high})"


def _label(one: Assessed) -> str:
    claim = one.claim
    return claim.name if claim.label == claim.name else f"{claim.name}  {claim.label}"


def _pivots(one: Assessed, room: int) -> str:
    """As many of the first pivots as there is room for."""
    names = [pivot.parameter for pivot in one.finding.deciding.pivots]
    if not names:
        return "-"
    shown = names[:1]
    for name in names[1:3]:
        if len(", ".join([*shown, name])) > room:
            break
        shown.append(name)
    return ", ".join(shown)


def _flags(one: Assessed) -> str:
    marks = {
        "n": bool(one.finding.verdict.near),
        "c": bool(one.finding.by_construction),
        "m": bool(one.moved),
    }
    return "".join(flag for flag, marked in marks.items() if marked)


def _facts(title: str, facts: Sequence[FactFound], among: str) -> None:
    if not facts:
        return
    click.echo(f"\n{title}")
    for found in facts:
        part = "-" if found.share is None else f"{100 * found.share:.0f} %"
        date = f", {found.fact.date}" if found.fact.date else ""
        click.echo(wrapped(f"{found.fact.label}{date}: in {part} of {among} draws", "  "))


def _closing(findings: Findings, tested: Sequence[Assessed]) -> Iterator[str]:
    unique = {words.startswith("unique") for words in findings.selection.values()}
    if unique == {True}:
        yield "Equilibria are unique under every regime: moves in sequence, a finite horizon."
    elif unique:
        said = sorted(set(findings.selection.values()))
        yield f"Other equilibria may exist. The ones shown: {'; '.join(said)}."
    audit = findings.audit
    if audit.checks:
        yield (
            f"{counted(audit.checks, 'draw')} checked by code that the solver does not share: "
            f"the distance from the logit response is {at_most(audit.residual)}, the difference "
            f"of any quantity {at_most(audit.difference)}."
        )
    if tested:
        yield (
            f"Everything about one claim: add --claim {tested[0].claim.name}. "
            f"This assessment is run {findings.run}."
        )


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines of 80 characters. No line begins with a % sign."""
    filled = textwrap.fill(
        text.replace(" %", "\N{NO-BREAK SPACE}%"),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
    )
    return filled.replace("\N{NO-BREAK SPACE}", " ")
