"""Assessments of one logit choice, where every share and switching value is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from choice import CHOICE, LEAST, MOST, PLAUSIBLE, PRECISION, below, choice, logistic

from foedus.ensemble import Cluster, Executor, InProcess, Processes, Store
from foedus.errors import QueryError
from foedus.findings.assess import assess
from foedus.findings.result import Findings
from foedus.scenario.reader import read


@pytest.fixture(scope="module")
def findings() -> Findings:
    return assess(choice(), draws=512, checks=128, total_effects=64)


def timeless(findings: Findings) -> dict[str, Any]:
    """The findings as plain data, without the seconds they took."""
    return {key: value for key, value in findings.to_dict().items() if key != "seconds"}


def test_every_figure_is_the_closed_form(findings: Findings) -> None:
    data = findings.dataset
    gain = (data.theta - data.c).values
    for regime, help in (("none", 0.0), ("help", 0.5)):
        acts = logistic(PRECISION * (gain + help))
        found = data.value.sel(regime=regime)
        assert np.allclose(found.sel(quantity="acts"), acts, atol=1e-12)
        assert np.allclose(found.sel(quantity="worth"), acts * (gain + help), atol=1e-12)


def test_draws_count_where_they_reproduce_the_facts(findings: Findings) -> None:
    acts = findings.dataset.value.sel(regime="none", quantity="acts").values
    assert np.array_equal(findings.dataset.plausible.values, acts >= 0.2)
    assert findings.plausible == int((acts >= 0.2).sum())
    (some,) = findings.filters
    assert some.share == pytest.approx(PLAUSIBLE, abs=0.01)
    (rare,) = findings.holdouts
    assert rare.known == findings.plausible
    assert rare.share == pytest.approx(1 - below(MOST) / PLAUSIBLE, abs=0.01)


def test_shares_are_areas_of_the_region(findings: Findings) -> None:
    acts = findings["acts"]
    assert acts.finding.verdict.share == pytest.approx(0.5 / PLAUSIBLE, abs=0.01)
    everywhere = acts.shifts["all draws, plausible or not"].verdict
    assert everywhere.share == pytest.approx(0.5, abs=0.01)
    strict = acts.shifts["hold-outs as filters too"].verdict
    assert strict.share == pytest.approx(
        (0.5 - below(MOST)) / (1 - below(LEAST) - below(MOST)), abs=0.02
    )


def test_other_settings_are_judged_on_the_same_draws(findings: Findings) -> None:
    data = findings.dataset
    first = data.isel(draw=slice(findings.checks))
    gain = (first.theta - first.c).values[first.plausible.values]
    shifts = findings["acts"].shifts
    for setting in ("precision 2", "precision 8", "precision inf", "shock values"):
        assert shifts[setting].verdict.draws == gain.size
        assert shifts[setting].verdict.holds == int((gain > 0).sum())
        assert shifts[setting].change == 0
    dear = shifts["variant dear"]
    assert dear.verdict.holds == int((gain > 0.2).sum())
    assert dear.change == pytest.approx(((gain > 0.2).sum() - (gain > 0).sum()) / gain.size)


def test_a_claim_made_by_its_mechanism_is_true_by_construction(findings: Findings) -> None:
    helps, acts = findings["helps"].finding, findings["acts"].finding
    assert helps.by_construction is True
    assert helps.construction is not None
    assert helps.construction.of("true by construction") == ("subsidy",)
    assert acts.by_construction is False
    assert acts.construction is not None
    assert acts.construction.of("does not rest on it") == ("subsidy",)


def test_it_turns_where_the_chooser_is_indifferent(findings: Findings) -> None:
    turns = {turn.parameter: turn for turn in findings["acts"].turns}
    assert set(turns) == {"theta", "c"}
    assert turns["theta"].at == pytest.approx([0.5], abs=1e-6)
    assert not turns["theta"].holds_low
    assert turns["c"].holds_low


def test_slopes_at_the_centre_are_those_of_the_logistic_curve(findings: Findings) -> None:
    slopes = {slope.parameter: slope.slope for slope in findings["acts"].slopes}
    assert slopes == pytest.approx({"theta": PRECISION / 4, "c": -PRECISION / 4}, abs=1e-9)
    helped = float(logistic(PRECISION * 0.5))
    change = PRECISION * helped * (1 - helped) - PRECISION / 4
    found = {slope.parameter: slope.slope for slope in findings["helps"].slopes}
    assert found == pytest.approx({"theta": change, "c": -change}, abs=1e-9)


def test_total_effects_are_the_same_for_parameters_that_trade_places(findings: Findings) -> None:
    pivots = findings["acts"].finding.deciding.pivots
    totals = {pivot.parameter: pivot.total for pivot in pivots}
    assert totals["theta"] == pytest.approx(2 / 3, abs=0.1)  # of [theta > c], exactly
    assert totals["c"] == pytest.approx(2 / 3, abs=0.1)


def test_counterfactual_play_is_read_beside_equilibrium_play(findings: Findings) -> None:
    data = findings.dataset.isel(draw=slice(256 * 2))
    verdict = findings["forced"].finding.verdict
    gain = (data.theta - data.c).values
    acts = logistic(PRECISION * gain)
    worse = gain < acts * gain
    counts = data.plausible.values
    assert verdict.draws == int(counts.sum())
    assert verdict.holds == int((worse & counts).sum())


def test_what_cannot_be_tested_is_listed_with_the_reason(findings: Findings) -> None:
    unheard = findings["unheard"].finding
    assert unheard.verdict.word == "untestable"
    assert "nothing here hears" in unheard.sentence


def test_uniqueness_and_the_audit_are_told(findings: Findings) -> None:
    assert set(findings.selection) == {"none", "help"}
    assert all(words.startswith("unique") for words in findings.selection.values())
    assert findings.audit.checks > 0
    assert findings.audit.difference < 1e-9
    assert findings.complete


def test_findings_are_plain_data(findings: Findings) -> None:
    data = json.loads(json.dumps(findings.to_dict()))
    assert data["draws"] == 512
    claim = next(claim for claim in data["claims"] if claim["id"] == "acts")
    for key in ("verdict", "share", "interval", "effect", "pivots", "by_construction"):
        assert key in claim
    table = findings.to_dataframe()
    assert list(table.index) == ["helps", "acts", "forced", "region", "unheard"]
    assert table.loc["helps", "by_construction"]


def kept(path: Path, text: str = CHOICE, **settings: Any) -> Findings:
    return assess(choice(text), store=path, **{"draws": 128, "checks": 64, **settings})


def test_the_same_assessment_again_solves_nothing(tmp_path: Path) -> None:
    first, again = (kept(tmp_path / "runs.sqlite") for _ in range(2))
    assert first.computed > 0
    assert again.computed == 0
    assert timeless(again) == timeless(first)


def test_another_claim_is_judged_on_the_same_draws(tmp_path: Path) -> None:
    first = kept(tmp_path / "runs.sqlite")
    text = CHOICE.replace("acts(none) > 0.5, margin: 0", "acts(none) > 0.6, margin: 0")
    text = text.replace("title: A choice", "title: Another choice").replace(">= 0.2", ">= 0.1")
    again = kept(tmp_path / "runs.sqlite", text)
    assert again.computed == 0
    assert again.run != first.run
    assert again["acts"].finding.verdict.share != first["acts"].finding.verdict.share
    fresh = kept(tmp_path / "others.sqlite", text)
    assert timeless(fresh) == timeless(again)


def test_another_formula_is_solved_anew(tmp_path: Path) -> None:
    settings = {"checks": 0, "claims": ["acts"]}
    kept(tmp_path / "runs.sqlite", **settings)
    other = CHOICE.replace("helped: 0.5", "helped: 0.4")
    assert kept(tmp_path / "runs.sqlite", other, **settings).reused == 0


def test_more_draws_begin_with_the_ones_there_are(tmp_path: Path) -> None:
    kept(tmp_path / "runs.sqlite", checks=0)
    longer = kept(tmp_path / "runs.sqlite", draws=256, checks=0)
    assert longer.reused >= 2
    fresh = kept(tmp_path / "others.sqlite", draws=256, checks=0)
    assert timeless(fresh) == timeless(longer)


def test_a_latin_hypercube_is_another_one_for_every_size(tmp_path: Path) -> None:
    kept(tmp_path / "runs.sqlite", design="latin", checks=0, claims=["acts"])
    longer = kept(tmp_path / "runs.sqlite", design="latin", draws=256, checks=0, claims=["acts"])
    drawn = np.sort(longer.dataset.theta.values * 256).astype(int)
    assert np.array_equal(drawn, np.arange(256))
    assert longer.base.rows.size == 256


def agreement(folder: Path, assessed: Callable[[Path, Executor], Findings]) -> None:
    """Asserts that executors give the same findings, and keep the same draws bit for bit."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        executors: Mapping[str, Executor] = {
            "here": InProcess(),
            "threads": InProcess(threads=2),
            "processes": Processes(2),
            "cluster": Cluster(cluster.scheduler_address),
        }
        found = {name: assessed(folder / name, executor) for name, executor in executors.items()}
    chunks = {}
    for name in executors:
        with Store(folder / name, readonly=True) as store:
            chunks[name] = {
                run.id: [store.result(run.id, i).arrays for i in sorted(store.stored(run.id))]
                for run in store.runs()
            }
    for name in ("threads", "processes", "cluster"):
        assert timeless(found[name]) == timeless(found["here"])
        assert chunks[name].keys() == chunks["here"].keys()
        for run, mine in chunks[name].items():
            for one, other in zip(mine, chunks["here"][run], strict=True):
                assert one.keys() == other.keys()
                for array in one:
                    assert np.asarray(one[array]).tobytes() == np.asarray(other[array]).tobytes()


def test_all_executors_agree_bit_for_bit(tmp_path: Path) -> None:
    """What is kept is compared, not only what is shown."""
    agreement(tmp_path, lambda path, executor: kept(path, executor=executor, claims=["helps"]))


@pytest.mark.slow
def test_all_executors_agree_on_the_largest_scenario(tmp_path: Path) -> None:
    """In a process that has started JAX with as many threads as there are processors, too."""
    scenario = read("us-ukraine-pact")

    def assessed(path: Path, executor: Executor) -> Findings:
        few: Any = {"draws": 20, "checks": 0, "quick": True, "claims": ["22a"]}
        return assess(scenario, store=path, executor=executor, **few)

    agreement(tmp_path, assessed)


def test_draws_that_fail_are_recorded_and_the_others_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from foedus.findings import evaluator

    class Failing(evaluator.Evaluator):
        """Fails where theta is above 0.9, as a game without an equilibrium might."""

        def __call__(self, parameters: Any, *, check: bool = True) -> Any:
            found = super().__call__(parameters, check=check)
            bad = parameters["theta"] > 0.9
            problems = {int(row): ("SolveError", "too dear") for row in np.flatnonzero(bad)}
            return evaluator.Evaluation(
                values=found.values, solved=found.solved & ~bad, problems=problems,
                audit=found.audit,
            )  # fmt: skip

    monkeypatch.setattr(evaluator, "Evaluator", Failing)
    findings = assess(choice(), draws=128, checks=0, claims=["acts"])
    bad = findings.dataset.theta.values > 0.9
    assert findings.solved == int((~bad).sum())
    base = [r.failure for r in findings.failures if r.cell["sample"] == "draws"]
    assert [failure.draw for failure in base] == np.flatnonzero(bad).tolist()
    assert base[0].message == "too dear"
    assert base[0].inputs["theta"] > 0.9
    assert np.isnan(findings.dataset.value.values[bad]).all()
    whole = findings["acts"].shifts["all draws, plausible or not"].verdict
    assert whole.draws == findings.solved


def test_few_plausible_draws_make_no_verdict() -> None:
    text = CHOICE.replace(">= 0.2", ">= 0.97")
    findings = assess(choice(text), draws=64, checks=0, claims=["acts"])
    assert findings.little_evidence
    assert findings["acts"].finding.verdict.word == "too few draws"


def test_mistaken_arguments_are_named() -> None:
    with pytest.raises(QueryError, match=r"no claim `act`.*acts"):
        assess(choice(), claims=["act"])
    with pytest.raises(QueryError, match="at least one draw"):
        assess(choice(), draws=0)
