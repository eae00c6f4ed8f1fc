"""`foedus assess`: the scenario's claims over the whole region of its assumptions."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option
from foedus.cli.storing import store_option

if TYPE_CHECKING:
    from foedus.ensemble import Executor
    from foedus.findings.result import Findings
    from foedus.scenario.scenario import Scenario

FAILED = ("leaning against", "contradicted", "too few draws")


@click.command()
@click.argument("scenario")
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many points of the region are solved.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="Of the design; the same seed gives the same numbers.",
)
@click.option(
    "--design",
    type=click.Choice(["sobol", "latin"]),
    default="sobol",
    show_default=True,
    help="How the points are spread.",
)
@click.option(
    "--checks",
    type=click.IntRange(min=0),
    default=64,
    show_default=True,
    help="Draws solved again in every other setting; 0 for no checks.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Leave out checks that have to be compiled first: best replies, the other convention, "
    "the variants, slopes and turning points.",
)
@click.option(
    "--total-effects",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Estimate Sobol total effects from N blocks of draws.",
)
@click.option("--only", multiple=True, metavar="CLAIM", help="Only this claim; may be repeated.")
@click.option("--claim", metavar="CLAIM", help="Everything about one claim.")
@click.option(
    "--fail-on-claims",
    is_flag=True,
    help="Exit with 1 if a claim leans against, is contradicted, or has too few draws.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Compute in N processes.  [default: in this one, a thread for each core]",
)
@click.option("--cluster", metavar="ADDRESS", help="Compute on the Dask cluster at this address.")
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
    from foedus.cli.jax_session import start_jax
    from foedus.cli.progress import RunLine, progress
    from foedus.ensemble.work import fix_threads
    from foedus.scenario.reader import read

    with progress("reading the scenario"):
        read_scenario = read(scenario)
    fix_threads(os.environ)
    with progress("starting JAX"):
        start_jax()
        from foedus.ensemble import RunInterrupted
        from foedus.findings.assess import assess as assess_scenario
    try:
        with RunLine() as line:
            findings = assess_scenario(
                read_scenario,
                claims=_chosen(read_scenario, only, claim),
                store=store,
                executor=_executor(workers, cluster),
                progress=line,
                command=shlex.join(["foedus", *sys.argv[1:]]),
                **settings,
            )
    except KeyboardInterrupt as stop:
        kept = "what is finished is kept"
        if isinstance(stop, RunInterrupted):
            kept = f"{stop.done} of {stop.total} chunks of this step are kept"
        click.echo(f"\nfoedus: stopped; {kept}, and the same command goes on from there", err=True)
        raise SystemExit(130) from None
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


def _executor(workers: int | None, cluster: str | None) -> Executor:
    from foedus.ensemble import Cluster, InProcess, Processes
    from foedus.ensemble.executors import cores

    if workers is not None and cluster is not None:
        raise click.UsageError("--workers and --cluster exclude each other")
    if cluster is not None:
        return Cluster(cluster)
    if workers is not None:
        return Processes(workers) if workers > 1 else InProcess()
    # Threads share what is compiled, so they have the first draws sooner than processes.
    return InProcess(threads=cores())
