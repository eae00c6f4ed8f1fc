"""The options of an assessment, and an assessment made with a line of progress."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from foedus.ensemble import Executor
    from foedus.findings.result import Findings
    from foedus.scenario.scenario import Scenario

F = TypeVar("F", bound=Callable[..., Any])


def assessment_options(command: F) -> F:
    """What an assessment depends on; the keyword arguments of `findings.assess`."""
    options = [
        click.option(
            "--draws",
            type=click.IntRange(min=1),
            default=1000,
            show_default=True,
            help="How many points of the region are solved.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            default=7,
            show_default=True,
            help="Of the design; the same seed gives the same numbers.",
        ),
        click.option(
            "--design",
            type=click.Choice(["sobol", "latin"]),
            default="sobol",
            show_default=True,
            help="How the points are spread.",
        ),
        click.option(
            "--checks",
            type=click.IntRange(min=0),
            default=64,
            show_default=True,
            help="Draws solved again in every other setting; 0 for no checks.",
        ),
        click.option(
            "--quick",
            is_flag=True,
            help="Leave out checks that have to be compiled first: best replies, the other "
            "convention, the variants, slopes and turning points.",
        ),
        click.option(
            "--total-effects",
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="Estimate Sobol total effects from N blocks of draws.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def executor_options(command: F) -> F:
    """Where an assessment is computed, which changes nothing in it."""
    options = [
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            metavar="N",
            help="Compute in N processes.  [default: in this one, a thread for each core]",
        ),
        click.option(
            "--cluster", metavar="ADDRESS", help="Compute on the Dask cluster at this address."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def assessed(
    scenario: Scenario,
    *,
    claims: Sequence[str] | None,
    workers: int | None,
    cluster: str | None,
    store: Path | None,
    followed: bool = False,
    **settings: Any,
) -> Findings:
    """The findings, with what is being done on standard error; Ctrl-C ends with 130.

    With `followed` play is followed by period as well, so that a briefing has only to be written.
    """
    from foedus.cli.jax_session import start_jax
    from foedus.cli.progress import RunLine, progress
    from foedus.ensemble.work import fix_threads

    fix_threads(os.environ)
    with progress("starting JAX"):
        start_jax()
        from foedus.ensemble import RunInterrupted
        from foedus.findings.assess import assess
        from foedus.findings.portrait import starts_of
        from foedus.findings.portray import portray
    try:
        command = shlex.join(["foedus", *sys.argv[1:]])
        with RunLine() as line:
            findings = assess(
                scenario,
                claims=claims,
                store=store,
                executor=_executor(workers, cluster),
                progress=line,
                command=command,
                **settings,
            )
            if followed and findings.solved and starts_of(scenario):
                portray(scenario, findings, store=store, progress=line, command=command)
        return findings
    except KeyboardInterrupt as stop:
        kept = "what is finished is kept"
        if isinstance(stop, RunInterrupted):
            kept = f"{stop.done} of {stop.total} chunks of this step are kept"
        click.echo(f"\nfoedus: stopped; {kept}, and the same command goes on from there", err=True)
        raise SystemExit(130) from None


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
