"""Verdicts over what is solved already: those of an assessment, of a new claim, of a part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foedus.ensemble import Store
from foedus.errors import QueryError
from foedus.findings.assess import assess
from foedus.findings.interim import Interim, interim
from foedus.findings.result import Findings
from foedus.scenario.reader import examine_text, read
from foedus.scenario.scenario import Scenario
from foedus.scenario.writing import with_claim

CLAIMS = Path(__file__).parents[1] / "scenario" / "claims.yaml"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Store, Findings]:
    scenario = read(CLAIMS)
    store = Store(tmp_path_factory.mktemp("interim") / "runs.sqlite")
    return scenario, store, assess(scenario, draws=100, checks=16, quick=True, store=store)


def _interim(kept: tuple[Scenario, Store, Findings], scenario: Scenario | None = None) -> Interim:
    found = interim(scenario or kept[0], kept[1], draws=100, checks=16)
    assert found is not None
    return found


def test_all_draws_give_the_verdicts_of_the_assessment(
    kept: tuple[Scenario, Store, Findings],
) -> None:
    found = _interim(kept)
    for assessed in kept[2].claims:
        mine = found.verdict(assessed.claim)
        assert mine == assessed.finding.verdict
    np.testing.assert_array_equal(found.rows, kept[2].plausible_rows)


def test_a_claim_that_was_never_assessed_is_judged_on_the_same_draws(
    kept: tuple[Scenario, Store, Findings],
) -> None:
    _, store, findings = kept
    fields = {"by": "me", "says": "War is rare.", "holds": "war(none) < 0.4"}
    changed, _ = examine_text(with_claim(CLAIMS.read_text(), "mine", fields))
    assert changed is not None
    runs = len(store.runs())
    found = _interim(kept, changed)
    finding = found.finding(next(c for c in changed.claims if c.name == "mine"))
    assert finding is not None
    column = findings.base.values[0, findings.quantities.index("war")]
    counted = np.isin(findings.base.rows, findings.plausible_rows)
    assert finding.verdict.holds == int((column[counted] < 0.4 - 0.02).sum())
    assert len(store.runs()) <= runs + 2


def test_a_narrower_range_counts_the_draws_inside(
    kept: tuple[Scenario, Store, Findings],
) -> None:
    found = _interim(kept)
    q = found.evidence.samples.names.index("q")
    base = kept[2].base
    inside = found.within({"q": (0.1, 0.2)})
    column = base.parameters[np.isin(base.rows, inside), q]
    assert 0 < len(inside) < len(found.rows)
    assert column.min() >= 0.1
    assert column.max() <= 0.2
    with pytest.raises(QueryError, match="no parameter `nobody`"):
        found.within({"nobody": (0, 1)})


def test_without_draws_there_is_nothing_and_no_run_is_left_behind(tmp_path: Path) -> None:
    with Store(tmp_path / "empty.sqlite") as store:
        assert interim(read(CLAIMS), store, draws=64) is None
        assert store.runs() == ()


def test_other_rules_have_no_use_for_these_draws(kept: tuple[Scenario, Store, Findings]) -> None:
    changed, _ = examine_text(CLAIMS.read_text().replace("up: 0.3", "up: 0.31"))
    assert changed is not None
    assert interim(changed, kept[1], draws=100, checks=16) is None
