"""A briefing stays small enough to mail, however many draws stand behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenarios import USUAL, many, material, text

from foedus.briefing.brief import contents
from foedus.briefing.downloads import MOST_DRAWS
from foedus.briefing.material import Material
from foedus.figures.switching import MOST
from foedus.findings.evidence import EQUILIBRIUM_PLAY

# The largest scenario has 61 claims, 29 parameters and 1,000 draws, and a briefing of it is to
# stay below 5 MB. Play over time, which is not followed here, takes half a megabyte of that; in
# exchange every claim here has a map, the heaviest picture, and there three in four have one.
CLAIMS, PARAMETERS, DRAWS = 61, 29, 1000
BOUND = 4_400_000
INFLUENCES = [f"p{place:02}" for place in range(PARAMETERS - 2)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """As many claims about as many parameters, each with a map; a few of them are assessed."""
    written = text(USUAL, claims=many(5))
    ranges = "".join(
        f"  {name}: {{range: [0, 1], why: It is disputed how far it reaches., "
        f"means: how much the {place}th of many influences counts, source: Somebody2024}}\n"
        for place, name in enumerate(INFLUENCES)
    )
    written = written.replace("  c: {range", f"{ranges}  c: {{range")
    pull = f"{'+'.join(INFLUENCES)} - {len(INFLUENCES) / 2}"
    written = written.replace("-c*(A == act)", f"(0.02*({pull}) - c)*(A == act)")
    made = material(written, tmp_path_factory.mktemp("large"), draws=DRAWS)
    several = [one for one in made.findings.claims if one.finding.deciding.map]
    assert len(several) > 1
    claims = []
    for place in range(CLAIMS):
        one = several[place % len(several)]
        claim = replace(one.claim, name=f"c{place}", says=f"{one.claim.says} " + "It matters. " * 8)
        claims.append(replace(one, finding=replace(one.finding, claim=claim)))
    return replace(made, findings=replace(made.findings, claims=tuple(claims)))


def with_draws(made: Material, times: int) -> Material:
    """As if so many times as many draws had been solved: the same ones, moved a little."""
    findings = made.findings
    base = findings.base
    count = base.rows.size
    noise = np.random.default_rng(1).normal(0, 0.02, (times * count, base.parameters.shape[1]))
    more = replace(
        base,
        rows=np.arange(times * count),
        parameters=np.clip(np.tile(base.parameters, (times, 1)) + noise, 0, 1),
        values=np.tile(base.values, times),
        solved=np.tile(base.solved, times),
    )
    counts = np.tile(np.isin(base.rows, findings.plausible_rows), times)
    return replace(
        made,
        findings=replace(
            findings,
            draws=times * findings.draws,
            plausible=int(counts.sum()),
            plausible_rows=np.flatnonzero(counts),
            evidence=replace(findings.evidence, by_play={EQUILIBRIUM_PLAY: more}),
        ),
    )


def test_it_is_small_and_does_not_grow_with_the_draws(large: Material) -> None:
    once = contents(large)
    size = sum(map(len, once.values()))
    assert size < BOUND
    often = contents(with_draws(large, 20))
    assert often.keys() == once.keys()
    assert sum(map(len, often.values())) < 1.1 * size
    assert f"The first {MOST_DRAWS:,} of 20,000 draws" in often["data.html"].decode()
    page = often["claims/c0.html"].decode()
    plausible = 20 * large.findings.plausible
    assert f"{MOST:,} of {plausible:,} are shown, picked at random" in page
    assert often["figures/switching-c0.csv"].count(b"\n") == MOST + 1


def test_the_draws_of_a_map_come_from_all_over_it(large: Material) -> None:
    """Draws come sorted by their parameters, so the first ones would all lie on one side."""
    for made in (large, with_draws(large, 20)):
        lines = contents(made)["figures/switching-c0.csv"].decode().splitlines()[1:]
        places = np.array([[float(cell) for cell in line.split(",")[:2]] for line in lines])
        claim = made.findings.claims[0].claim
        found = made.findings.claims[0].finding.deciding.map
        assert found is not None
        draws = made.findings.draws_of(claim)
        every = np.column_stack([draws.parameter(name) for name in found.parameters])
        gaps = _quarters(places) - _quarters(every)
        # Four standard errors of a share among 300.
        assert np.abs(gaps).max() < 4 * 0.5 / MOST**0.5


def _quarters(points: np.ndarray) -> np.ndarray:
    """The share of points in each quarter of the unit square."""
    counts = np.histogramdd(points, bins=2, range=[(0, 1), (0, 1)])[0]
    shares: np.ndarray = counts / len(points)
    return shares
