"""The settings in which a verdict is looked at again, in words."""

from __future__ import annotations

from foedus.briefing.material import Material
from foedus.findings.judging import ALL_DRAWS, WITH_HOLDOUTS

FIXED = {
    ALL_DRAWS: "All draws, whether they reproduce the facts or not",
    WITH_HOLDOUTS: "The later facts as filters too",
    "precision inf": "Best replies instead of noisy ones",
    "shock values": "The other convention: payoff shocks",
    "expected values": "The other convention: expected payoffs",
}


def in_words(label: str, material: Material) -> str:
    """A setting's label as a reader should see it."""
    if label in FIXED:
        return FIXED[label]
    if label.startswith("variant "):
        name = label.removeprefix("variant ")
        found = (v.label or v.name for v in material.scenario.variants if v.name == name)
        return f"Variant: {next(found, name)}"
    if label.startswith("precision "):
        value = label.removeprefix("precision ")
        base = material.scenario.precision.value
        less = float(value) < base
        return (
            f"Players respond {'less' if less else 'more'} exactly: precision {value}, not {base:g}"
        )
    return label[:1].upper() + label[1:]
