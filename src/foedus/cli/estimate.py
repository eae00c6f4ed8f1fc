"""`foedus estimate`: payoffs from observed play, as a paper's table or as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from foedus.cli.options import json_option
from foedus.cli.text import show_json


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
    "--table",
    type=click.Choice(["text", "latex", "csv"]),
    default="text",
    show_default=True,
    help="How the table is written.",
)
@json_option
def estimate(
    model: str, data: str, bootstrap: int | None, table: str, as_json: bool, **options: Any
) -> None:
    """Estimate the payoffs of MODEL from the play observed in DATA.

    MODEL is a YAML file that names a game and its formulas; DATA is a CSV file. Options given
    here take the place of those in the file. Every start of the search, every distinct
    optimum, and rows with missing values are reported.

    \b
    Example:
      foedus estimate deterrence-model.yaml crises.csv --errors robust
    """
    from foedus.estimation.estimate import estimate as fitted
    from foedus.estimation.specification import read_model

    stated = read_model(Path(model))
    given = {name: value for name, value in options.items() if value is not None}
    settings = {**stated.options, **given}
    fit = fitted(stated.model, data, **settings)
    resampled = None
    if bootstrap is not None:
        kind = "block" if settings.get("cluster") else "case"
        resampled = fit.bootstrap(bootstrap, kind=kind, seed=settings.get("seed", 0))
    if as_json:
        from foedus.estimation.record import record

        show_json({"title": stated.title, **record(fit, resampled)})
        return
    if stated.title and table == "text":
        click.echo(f"{stated.title}\n")
    click.echo(fit.summary(table))
    if resampled is not None and table == "text":
        click.echo(f"\nBootstrap\n{resampled.summary()}")
