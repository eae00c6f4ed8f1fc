"""How to make a briefing again: the command, the versions, and the hashes of what went in."""

from __future__ import annotations

import hashlib
import re

from foedus.briefing.material import Material
from foedus.briefing.wording import plain
from foedus.ensemble.text import parsed


def rerun(material: Material) -> str:
    """The text of `rerun.txt`."""
    run, findings = material.run, material.findings
    versions = [f"  {name:<8}{version}" for name, version in run.label.versions.items()]
    command = without_folders(plain(run.label.command))
    text_hash = hashlib.sha256(run.label.source.encode()).hexdigest()
    return "\n".join(
        [
            f"{material.title}",
            "",
            "The scenario as it was run is data/scenario.yaml. From this folder:",
            "",
            f"  foedus assess data/scenario.yaml {_settings(material)}",
            f"  foedus brief data/scenario.yaml {_settings(material)} -o again",
            "",
            f"The run was made by:  {command or 'a call from Python'}",
            f"Run:                  {run.id}",
            f"Begun:                {run.started[:19].replace('T', ' ')} UTC",
            f"Draws of the runs:    {', '.join(findings.runs)}",
            "",
            "Hashes (SHA-256)",
            f"  what the scenario says (comments and layout aside)  {findings.digest}",
            f"  data/scenario.yaml                                  {text_hash}",
            "",
            "Versions",
            *versions,
            "",
            "With other versions the same command may differ in a last digit, and a verdict near",
            "a threshold may fall on its other side.",
            "",
        ]
    )


def without_folders(command: str) -> str:
    """A command without the folders of its files, which are nobody's business.

    >>> without_folders("foedus assess drafts/2024/crisis.yaml --draws 64")
    'foedus assess …/crisis.yaml --draws 64'
    """
    return re.sub(r"(?<!\S)\S*/(\S*)", r"…/\1", command)


def _settings(material: Material) -> str:
    findings = material.findings
    words = [
        f"--draws {findings.draws}",
        f"--seed {findings.seed}",
        f"--checks {findings.checks}",
    ]
    if findings.design != "sobol":
        words.append(f"--design {findings.design}")
    if findings.samples.blocks:
        words.append(f"--total-effects {findings.samples.blocks}")
    if quick(material):
        words.append("--quick")
    return " ".join(words)


def quick(material: Material) -> bool:
    """Whether the run left out what has to be compiled first, as its entry in the store says."""
    asked: bool = parsed(material.run.identity)["description"]["quick"]
    return asked
