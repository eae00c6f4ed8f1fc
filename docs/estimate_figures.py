"""Draws the figures of estimates in the pages of this folder: `python docs/estimate_figures.py`.

Those of published data need `FOEDUS_REPLICATION_DATA`, and are left as they are without it.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pandas as pd

from foedus.estimation import classic_model, estimate, read_model
from foedus.estimation.specification import Specification
from foedus.figures.coefficients import coefficients
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.observed import observed
from foedus.figures.optima import optima
from foedus.figures.predicted import predicted
from foedus.figures.profile import profile
from foedus.figures.render import to_svg

DOCS = Path(__file__).parent
HOW_TO = DOCS / "how-to"


def keep(figure: Figure | NoFigure, name: str) -> None:
    """The figure as a picture of the pages."""
    assert isinstance(figure, Figure)
    (HOW_TO / "images" / f"{name}.svg").write_text(to_svg(figure) + "\n", encoding="utf-8")


def example() -> tuple[Specification, pd.DataFrame]:
    """The model and the data of the how-to page."""
    folder = HOW_TO / "estimate"
    spec = importlib.util.spec_from_file_location("crises", folder / "crises.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return read_model(folder / "model.yaml"), module.crises()


def crises() -> None:
    """The example of the how-to page."""
    stated, data = example()
    fit = estimate(stated.model, data, **stated.options)
    keep(coefficients(fit), "estimate-coefficients")
    keep(predicted(fit.effects({"stakes": np.linspace(-1.6, 1.6, 25)})), "estimate-predictions")
    keep(observed(fit.goodness()), "estimate-fit")
    keep(optima(fit), "estimate-search")


def published(folder: Path) -> None:
    """Disputes of the nineteenth century, as on the page of the R package `games`."""
    formula = "esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2"
    fit = estimate(classic_model("egame12", formula), folder / "games" / "war1800.csv")
    keep(coefficients(fit, fit.bootstrap(1000, seed=1)), "war1800-coefficients")
    name = "1.esc,war:Intercept"
    found = fit.profile(name)
    normal = fit.conf_int().loc[name]
    keep(profile(found, normal=(normal.lower, normal.upper)), "war1800-profile")


if __name__ == "__main__":
    crises()
    if data := os.environ.get("FOEDUS_REPLICATION_DATA"):
        published(Path(data))
