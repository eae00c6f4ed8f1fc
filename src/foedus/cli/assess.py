"""`foedus assess`: the scenario's claims over the whole region of its assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.assessing import assessed, assessment_options, executor_options
from foedus.cli.options import json_option
from foedus.cli.storing import store_option

if TYPE_CHECKING:
    from foedus.findings.result import Findings
    from foedus.scenario.scenario import Scenario

FAILED = ("leaning against", "contradicted", "too few draws")


@click.command()
@click.argument("scenario")
@assessment_options
@click.option("--only", multiple=True, metavar="CLAIM", help="Only this claim; may be repeated.")
@click.option("--claim", metavar="CLAIM", help="Everything about one claim.")
@click.option(
    "--fail-on-claims",
    is_flag=True,
    help="Exit with 1 if a claim leans against, is contradicted, or has too few draws.",
)
@executor_options
@store_option
@json_option
def assess(
    scenario: str,
    only: tuple[str, ...],
    claim: str | None,
    fail_on_claims: bool,
    workers: int | None,
    cluster: str | None,
    store: Path,
    as_json: bool,
    **settings: Any,
) -> None:
    """Test the claims of SCENARIO over the whole region of its assumptions.

    Every regime is solved on the same draws of the parameters. A claim is supported where it
    holds in at least 90 % of the draws that reproduce the known facts, and contradicted in
    10 % or fewer. Then: what decides it, and whether it survives other settings.

    Draws are kept. Stopped at any moment, the same command goes on from there; after an edit
    of claims or facts nothing is solved again.

    \b
    Examples:
      foedus assess us-ukraine-pact
      foedus assess us-ukraine-pact --draws 200 --only 6 --only 17
      foedus assess us-ukraine-pact --claim 17
    """
    from foedus.cli.progress import progress
    from foedus.scenario.reader import read

    with progress("reading the scenario"):
        read_scenario = read(scenario)
    chosen = _chosen(read_scenario, only, claim)
    findings = assessed(
        read_scenario,
        claims=chosen,
        followed=chosen is None and not settings["quick"],
        workers=workers,
        cluster=cluster,
        store=store,
        **settings,
    )
    _show(findings, claim, as_json=as_json)
    if fail_on_claims and any(one.finding.verdict.word in FAILED for one in findings.claims):
        raise SystemExit(1)


def _show(findings: Findings, claim: str | None, *, as_json: bool) -> None:
    from foedus.cli.assess_claim import show_claim
    from foedus.cli.assess_text import show_findings
    from foedus.cli.text import show_json

    if as_json:
        show_json(findings.to_dict())
    elif claim is not None:
        show_claim(findings, claim)
    else:
        show_findings(findings)


def _chosen(scenario: Scenario, only: Sequence[str], claim: str | None) -> list[str] | None:
    """The claims to assess: one that is to be shown whole comes with its rivals."""
    if claim is None:
        return list(only) or None
    rivals = [rival for one in scenario.claims if one.name == claim for rival in one.rivals]
    return [claim, *only, *rivals]
