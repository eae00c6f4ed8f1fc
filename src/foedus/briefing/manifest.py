"""What a briefing says of itself to a publication: `briefing.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from foedus.briefing.answer import sentences
from foedus.briefing.material import Material
from foedus.briefing.wording import plain, slug

NAME = "briefing.json"
FORMAT = 1


def manifest(material: Material, files: Mapping[str, bytes]) -> bytes:
    """The manifest: what it is about, its verdicts and assumptions, and a hash of every file.

    `edition` is a hash of all files, so two briefings with the same bytes are the same edition.
    """
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    scenario, findings = material.scenario, material.findings
    edition = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    content: dict[str, Any] = {
        "foedus_briefing": FORMAT,
        "slug": slug(scenario.name) or slug(material.title) or "briefing",
        "title": material.title,
        "summary": plain(scenario.summary),
        "sentence": plain(" ".join(sentences(material)[:1])),
        "tags": [plain(tag) for tag in scenario.tags],
        "date": material.run.started[:19] + "Z",
        "run": material.run.id,
        "scenario": findings.digest,
        "edition": edition[:16],
        "draws": findings.draws,
        "plausible": findings.plausible,
        "verdicts": [
            {
                "claim": one.claim.name,
                "label": plain(one.claim.label),
                "verdict": one.finding.verdict.word,
                "share": one.finding.verdict.share,
            }
            for one in findings.claims
        ],
        "assumptions": [
            {
                "name": parameter.name,
                "low": parameter.low,
                "high": parameter.high,
                "scale": parameter.scale,
                "value": parameter.value,
            }
            for parameter in material.parameters.values()
        ],
        "files": hashes,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
