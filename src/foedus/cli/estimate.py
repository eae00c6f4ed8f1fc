"""`foedus estimate`: payoffs from observed play, as a paper's table or as data."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option
from foedus.cli.progress import RunLine, progress
from foedus.cli.storing import store_option
from foedus.cli.text import show_json

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.profile import Profile


@click.command()
@click.argument("model", type=click.Path(dir_okay=False))
@click.argument("data", type=click.Path(dir_okay=False))
@click.option("--weights", help="A column; a row of weight 2 counts as two.")
@click.option("--cluster", help="A column; errors are clustered by it.")
@click.option(
    "--errors",
    "cov_type",
    type=click.Choice(["nonrobust", "opg", "robust", "cluster"]),
    help="How standard errors are computed.  [default: nonrobust]",
)
@click.option("--starts", type=click.IntRange(min=1), help="Points to search from.  [default: 4]")
@click.option("--seed", type=int, help="Of random starts and resamples.  [default: 0]")
@click.option(
    "--penalty",
    type=click.Choice(["firth", "log-f", "cauchy"]),
    help="Keeps estimates finite where choices are separated.",
)
@click.option(
    "--missing",
    type=click.Choice(["drop", "raise"]),
    help="Leave incomplete rows out and say so, or refuse them.  [default: drop]",
)
@click.option("--bootstrap", type=click.IntRange(min=2), help="Refit this many resamples as well.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Refit slow resamples in N processes.  [default: in this one]",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME",
    help="A coefficient whose profile likelihood gives an interval too; `all` for all of them.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write a page with figures to this folder; an older estimate there is replaced.",
)
@click.option(
    "--table",
    type=click.Choice(["text", "latex", "csv"]),
    default="text",
    show_default=True,
    help="How the table is written.",
)
@store_option
@json_option
def estimate(
    model: str,
    data: str,
    bootstrap: int | None,
    profiles: tuple[str, ...],
    output: Path | None,
    table: str,
    workers: int | None,
    store: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Estimate the payoffs of MODEL from the play observed in DATA.

    MODEL is a YAML file that names a game and its formulas; DATA is a CSV file. Options given
    here take the place of those in the file. Every start of the search, every distinct
    optimum, and rows with missing values are reported. With -o there is also a page to read and
    pass on: coefficients, predictions against each covariate, goodness of fit, profile
    likelihoods and the search, each as a picture and as numbers. Estimates are kept in the run
    store with their page: `foedus runs` and `foedus studio` open them. A bootstrap whose refits
    are slow is kept there too: the same command goes on where it was stopped.

    \b
    Examples:
      foedus estimate deterrence-model.yaml crises.csv --errors robust
      foedus estimate deterrence-model.yaml crises.csv --bootstrap 1000 -o estimate
    """
    from foedus.cli.keeping_estimates import Asked, keep_estimate
    from foedus.estimation.estimate import estimate as fitted
    from foedus.estimation.specification import read_model

    if output is not None:
        from foedus.briefing.estimate import NAME
        from foedus.briefing.folder import refuse_others

        refuse_others(output, mark=NAME)  # before a search that may take minutes
    stated = read_model(Path(model))
    given = {name: value for name, value in options.items() if value is not None}
    settings = {**stated.options, **given}
    with progress("searching for the maximum"):
        fit = fitted(stated.model, data, **settings)
    resampled = None
    if bootstrap is not None:
        resampled = _resampled(fit, bootstrap, settings, workers, store)
    with progress("following profile likelihoods"):
        profiled = _profiled(fit, profiles)
    first = None
    if output is not None:
        first = _page(fit, stated.title, Path(model), Path(data), resampled, profiled, output)
    asked = Asked(
        model=Path(model), data=Path(data), stated=stated, settings=settings, profiles=profiles,
        draws=bootstrap,
    )  # fmt: skip
    kept = keep_estimate(asked, fit, resampled, profiled, first, store)
    if as_json:
        from foedus.estimation.record import record

        page = {} if first is None else {"page": str(first)}
        found = record(fit, resampled, profiles=profiled)
        show_json({"title": stated.title, **found, **page})
        return
    if stated.title and table == "text":
        click.echo(f"{stated.title}\n")
    click.echo(fit.summary(table))
    if resampled is not None and table == "text":
        click.echo(f"\nBootstrap\n{resampled.summary()}")
    if profiled and table == "text":
        click.echo(f"\nProfile likelihood\n{_profiles(profiled)}")
    if first is not None:
        click.echo(f"\nRead it: {first}", err=table != "text")
    if kept:
        click.echo(click.style(kept, dim=True), err=True)


def _resampled(
    fit: Any, draws: int, settings: dict[str, Any], workers: int | None, store: Path | None
) -> Bootstrap:
    """Resamples of clusters, else of rows; what is slow is kept, with a line of progress."""
    from foedus.estimation.bootstrap import side_by_side

    given = {
        "kind": "block" if settings.get("cluster") else "case",
        "seed": settings.get("seed", 0),
    }
    found: Bootstrap
    if side_by_side(fit):
        with progress("refitting resamples"):
            found = fit.bootstrap(draws, **given)
        return found
    from foedus.ensemble import InProcess, Processes, RunInterrupted

    executor = InProcess() if workers in (None, 1) else Processes(workers)
    command = shlex.join(["foedus", *sys.argv[1:]])
    try:
        with RunLine() as line:
            found = fit.bootstrap(
                draws, **given, store=store, executor=executor, command=command,
                progress=lambda done: line("refitting resamples", done),
            )  # fmt: skip
        return found
    except RunInterrupted as stop:
        click.echo(
            f"\nfoedus: stopped; {stop.done} of {stop.total} chunks of resamples are kept, and "
            "the same command goes on from there",
            err=True,
        )
        raise SystemExit(130) from None


def _profiled(fit: Any, names: tuple[str, ...]) -> list[Profile]:
    """The profiles that were asked for. Raises `QueryError` where there is no likelihood."""
    return [fit.profile(name) for name in (fit.names if "all" in names else names)]


def _profiles(profiled: list[Profile]) -> str:
    """One line for each: its interval, or why it has none, and what a reader must know."""
    width = max(len(one.name) for one in profiled) + 2
    lines = [f"{'':{width}}{'estimate':>12}{'95 % interval':>24}"]
    for one in profiled:
        said = "a higher optimum"
        if one.better is None:
            said = "[{:.4f}, {:.4f}]".format(*one.conf_int())
        lines.append(f"{one.name:{width}}{one.estimate:>12.4f}{said:>24}")
        lines += [f"    {note}" for note in one.notes]
    return "\n".join(lines)


def _page(
    fit: Any,
    title: str,
    model: Path,
    data: Path,
    resampled: Bootstrap | None,
    profiles: list[Profile],
    output: Path,
) -> Path:
    from foedus.briefing.estimate import Origin, write_estimate
    from foedus.briefing.rerun import without_folders
    from foedus.estimation.account import give_account

    with progress("following what the estimates imply"):
        account = give_account(fit, resampled=resampled, profiles=profiles or None)
    origin = Origin(
        title=title,
        model=model.name,
        model_text=model.read_bytes(),
        data=data.name,
        data_text=data.read_bytes(),
        command=without_folders(shlex.join(["foedus", *sys.argv[1:]])),
    )
    with progress("writing the page"):
        return write_estimate(account, origin, output)
