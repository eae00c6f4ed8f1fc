"""The flagship's claims on many draws: seconds and memory, and what a change of claims costs.

python -m benchmarks.assess 250 1000
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import record

import foedus


def main(counts: list[int]) -> None:
    rows = []
    for draws in counts:
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "runs.sqlite"
            rows.append(measure("us-ukraine-pact", draws, store))
            other = Path(folder) / "other.yaml"
            other.write_text(without_last_claim(), encoding="utf-8")
            again = measure(str(other), draws, store)
            rows.append({**again, "what": "the same draws, one claim fewer"})
    record("assess", rows)


def measure(scenario: str, draws: int, store: Path) -> dict[str, object]:
    """One assessment without further settings, as a process of its own."""
    settings = ["--draws", str(draws), "--checks", "0", "--quick", "--json", "--store", str(store)]
    started = time.perf_counter()
    process = subprocess.Popen(
        ["foedus", "assess", scenario, *settings], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    findings = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    assert status == 0
    return {
        "what": "all claims",
        "draws": draws,
        "regimes": 4,
        "claims": len(findings["claims"]),
        "plausible": findings["plausible"],
        "seconds": round(seconds, 1),
        "cpu seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak MB": round(usage.ru_maxrss / 1024),
        "cores": os.cpu_count(),
    }


def without_last_claim() -> str:
    """The flagship without the rival claim that stands last."""
    path = Path(foedus.__file__).parent / "scenario" / "library" / "us-ukraine-pact.yaml"
    text = path.read_text(encoding="utf-8")
    return text[: text.index("  R5:")].replace("rivals: [R3, R5]", "rivals: [R3]")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [250, 1000])
