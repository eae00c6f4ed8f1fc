"""Kept estimates and bootstraps, as the panel of a run shows them."""

from __future__ import annotations

from pathlib import Path

from foedus.ensemble import Run, Store
from foedus.studio.child import Note
from foedus.studio.outline import Data

KINDS = ("estimate", "bootstrap")
IN_BRIEF = ("log_likelihood", "observations", "resamples", "page")


def brief(store: Store, run: Run) -> Data:
    """What the list of runs says of an estimate or a bootstrap; nothing of other runs."""
    about = store.artefact(run.id, "about") if run.label.kind in KINDS else None
    return {} if about is None else {"about": {name: about.get(name) for name in IN_BRIEF}}


def coefficients(payload: Data, note: Note) -> Data:
    """The figure of an estimate's coefficients, or the table of a bootstrap's resamples so far.

    Raises `QueryError` for another run and where no resample is finished, `StoreError` where
    what is kept is damaged.
    """
    with Store(Path(payload["store"]), readonly=True) as store:
        run = store.run(str(payload["run"]))
        if run.label.kind == "bootstrap":
            return _resampled(store, run)
        return _drawn(store, run, int(payload["width"]))


def _drawn(store: Store, run: Run, width: int) -> Data:
    from foedus.estimation.kept import read_estimate
    from foedus.figures.coefficients import coefficients as draw
    from foedus.figures.theme import dark

    fit, resampled = read_estimate(store, run)
    made = draw(fit, resampled, width=width)
    return {"figures": [{**made.to_dict(), "dark": dark(made.spec), "csv": made.csv()}]}


def _resampled(store: Store, run: Run) -> Data:
    from foedus.estimation.kept import read_bootstrap
    from foedus.findings.finding import plain

    found = read_bootstrap(store, run)
    rows = {
        name: {"std_err": error, "robust_std_err": robust, "interval": ends}
        for name, error, robust, ends in zip(
            found.names, found.bse, found.robust_bse, found.conf_int().to_numpy(), strict=True
        )
    }
    counted: Data = plain(
        {
            "names": found.names,
            "estimates": dict(zip(found.names, found.point, strict=True)),
            "resamples": len(found.draws),
            "kind": found.kind,
            "failed": found.failed.sum(),
            "separated": found.separated.sum(),
            "parameters": rows,
        }
    )
    return {"figures": [], "bootstrap": counted}
