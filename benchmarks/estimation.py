"""Estimation: processor seconds of fits, cold and warm, on data drawn here.

    python -m benchmarks.estimation            # data drawn here
    FOEDUS_REPLICATION_DATA=... python -m benchmarks.estimation   # and the published data sets

Figures marked `recorded` are other programs' on another day: R package `games` 1.1.2, `sigInt`
0.2.0 and the published replication logs, all in processor seconds of two shared cores. They are
quoted and were not run here.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.measuring import peak_mb, record, whole_process
from scipy.stats import norm

from foedus.estimation import SignallingModel, classic_model, estimate

FORMULA = "y ~ 0 + trade | 1 | 0 + power | 1 + democracy"
LABELS = ["quiet", "gain", "war"]
COLD = """
import sys, pandas as pd
from foedus.estimation import classic_model, estimate
model = classic_model("egame12", {formula!r}, outcomes={labels!r})
estimate(model, sys.argv[1])
"""


def crises(n: int, seed: int = 0) -> pd.DataFrame:
    """Play of the two-player game of three endings, with three covariates."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, n))
    p4 = norm.cdf((0.4 - 0.7 * x[2]) / np.sqrt(2))
    p2 = norm.cdf(((1 - p4) * 0.8 + p4 * 0.9 * x[1] - 0.4 * x[0]) / np.sqrt(2))
    p = np.stack([1 - p2, p2 * (1 - p4), p2 * p4], axis=1)
    drawn = (rng.random((n, 1)) > np.cumsum(p, axis=1)[:, :-1]).sum(axis=1)
    return pd.DataFrame(
        {"y": np.array(LABELS)[drawn], "trade": x[0], "power": x[1], "democracy": x[2]}
    )


def cpu(call: Callable[[], Any], runs: int = 5) -> float:
    """The least processor seconds of several calls after a first."""
    call()
    seconds = []
    for _ in range(runs):
        begun = time.process_time()
        call()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def drawn_here() -> list[dict[str, Any]]:
    model = classic_model("egame12", FORMULA, outcomes=LABELS)
    small, large = crises(282), crises(1_000_000)
    fit = estimate(model, small, starts=1)
    path = Path(os.environ.get("TMPDIR", "/tmp")) / "crises.csv"
    small.to_csv(path, index=False)
    code = COLD.format(formula=FORMULA, labels=LABELS)
    cold = whole_process([sys.executable, "-c", code, str(path)], runs=3)
    begun = time.process_time()
    estimate(model, large, starts=1)
    million = time.process_time() - begun
    return [
        {
            "what": "282 crises, whole call, 1 start",
            "cpu": cpu(lambda: estimate(model, small, starts=1)),
        },
        {"what": "282 crises, whole call, 4 starts", "cpu": cpu(lambda: estimate(model, small))},
        {"what": "282 crises, 1,000 resamples", "cpu": cpu(lambda: fit.bootstrap(1000), runs=2)},
        {"what": "282 crises, cold process", "cpu": cold["cpu"]},
        {"what": "1,000,000 crises, 1 start", "cpu": million, "peak_mb": peak_mb()},
    ]


def published(folder: Path) -> list[dict[str, Any]]:
    war = classic_model("egame12", "esc + war ~ s_wt_re1 + revis1|0|regime1|balanc + regime2")
    war_data = pd.read_csv(folder / "games" / "war1800.csv")
    leblang = classic_model(
        "egame12",
        "outcome ~ 0 + capcont + lreserves + overval + creditgrow + USinterest + service + contagion"
        "+ prioratt | 1 | 1 | unifgov + lexports + preelec + postelec + rightgov + realinterest"
        "+ capcont + lreserves",
        outcomes=["no attack", "devaluation", "defense"],
        type="private",
    )
    leblang_data = pd.read_csv(folder / "games" / "leblang2003.csv")
    sanctions = SignallingModel(
        utilities={
            "S_A": "0 + sqrt(senderecondep) + senderdemocracy + contig + ally",
            "V_A": "anticipatedsendercosts",
            "C_B": "sqrt(targetecondep) + anticipatedtargetcosts + contig + ally",
            "W_A": "sqrt(senderecondep) + senderdemocracy + lncaprat",
            "W_B": "targetdemocracy + lncaprat",
            "a": "senderdemocracy",
        },
        counts=["sq", "cd", "sf", "bd"],
        beliefs=("PRhat", "PFhat"),
    )
    sanctions_data = pd.read_csv(folder / "sigint" / "sanctionsData.csv")
    fit = estimate(war, war_data, starts=1)
    return [
        {
            "what": "war1800, maximisation alone",
            "cpu": cpu(lambda: _maximise(fit)),
            "recorded": "R games 0.048",
        },
        {
            "what": "war1800, whole call, 1 start",
            "cpu": cpu(lambda: estimate(war, war_data, starts=1)),
            "recorded": "R games 0.048",
        },
        {
            "what": "war1800, 1,000 resamples",
            "cpu": cpu(lambda: fit.bootstrap(1000), runs=2),
            "recorded": "R games 38.4",
        },
        {
            "what": "leblang2003 private, whole call, 1 start",
            "cpu": cpu(lambda: estimate(leblang, leblang_data, starts=1), runs=3),
            "recorded": "R games 0.93",
        },
        {
            "what": "sanctions, full likelihood, 1 start",
            "cpu": cpu(lambda: estimate(sanctions, sanctions_data, starts=1), runs=3),
            "recorded": "published log 243; R sigInt NPL 26.4 wall",
        },
    ]


def _maximise(fit: Any) -> None:
    from foedus.estimation.optimum import maximise

    likelihood = fit.likelihood
    maximise(likelihood.derivatives, np.zeros(len(fit.point)), value=likelihood.value)


if __name__ == "__main__":
    rows = drawn_here()
    if folder := os.environ.get("FOEDUS_REPLICATION_DATA"):
        rows += published(Path(folder))
    record("estimation", rows)
