"""Every random scenario has a portrait and figures, whatever it is made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rivalry import rivalry

from foedus.figures import catalogue
from foedus.figures.render import for_page
from foedus.findings.assess import assess
from foedus.findings.portray import portray
from foedus.testing.scenarios import scenarios


@pytest.mark.slow
@settings(max_examples=6)
@given(scenarios(), st.sampled_from([1, 5]))
def test_random_scenarios_are_portrayed_and_drawn(text: str, draws: int) -> None:
    scenario = rivalry(text)
    findings = assess(scenario, draws=draws, checks=0, quick=True)
    portrait = portray(scenario, findings, draws=draws)
    for one in portrait.central:
        for place, factor in enumerate(portrait.factors):
            columns = portrait.columns(factor)
            assert (one.levels[..., columns].sum(axis=-1) <= 1 + 1e-9).all(), place
            flows = one.flows[:, :, columns, columns]
            assert np.allclose(flows.sum(axis=2), one.levels[:, 1:, columns], atol=1e-9)
    everything = [
        *catalogue.of_findings(scenario, findings),
        *catalogue.of_play(portrait),
        *(f for regime in portrait.regimes for f in catalogue.of_regime(portrait, regime)),
    ]
    for figure in catalogue.drawn(everything):
        assert for_page(figure).startswith("<svg")
