"""What a briefing is made from: a kept assessment, with play followed by period."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from foedus.cli.storing import one, opened
from foedus.findings.portrait import starts_of

if TYPE_CHECKING:
    from foedus.briefing.material import Material
    from foedus.ensemble import Progress


def kept(store: Path | None, run: str) -> Material:
    """The scenario, the findings and the portrait of a run, as far as the store has them.

    Raises `QueryError` where no run or several begin so, or this one is not finished.
    """
    from foedus.briefing.material import Material
    from foedus.findings.portray import read_portrait
    from foedus.findings.reading import read_findings

    with opened(store) as place:
        found = one(place, run)
        scenario, findings = read_findings(place, found.id)
        portrait = read_portrait(place, scenario, findings) if findings.solved else None
    return Material(scenario=scenario, findings=findings, run=found, portrait=portrait)


def lacks_portrait(material: Material) -> bool:
    """Whether play is still to be followed, which an assessment leaves out."""
    return material.portrait is None and bool(starts_of(material.scenario))


def prepare() -> None:
    """Set this process up for `portrayed`, before anything else has started JAX."""
    from foedus.cli.jax_session import start_jax
    from foedus.ensemble.work import fix_threads

    fix_threads(os.environ)
    start_jax()


def portrayed(
    material: Material,
    store: Path | None,
    progress: Callable[[str, Progress], None],
    command: str,
) -> Material:
    """The material with play followed by period; the store keeps that for the next time."""
    from foedus.findings.portray import portray

    with opened(store, readonly=False) as place:
        portrait = portray(
            material.scenario, material.findings, store=place, progress=progress, command=command
        )
    return replace(material, portrait=portrait)
