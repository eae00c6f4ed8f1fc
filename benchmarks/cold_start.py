"""Whole processes: how long a person waits at the command line, and how much memory it takes.

python -m benchmarks.cold_start
"""

from __future__ import annotations

import tempfile

from benchmarks.measuring import foedus, record, whole_process

FLAGSHIP = "us-ukraine-pact"


def main() -> None:
    rows = [
        {"command": "foedus --help", **whole_process(foedus("--help"))},
        {"command": f"foedus check {FLAGSHIP}", **whole_process(foedus("check", FLAGSHIP))},
    ]
    solve = foedus("solve", FLAGSHIP, "--fresh")
    with tempfile.TemporaryDirectory() as cache:
        places = {"FOEDUS_CACHE_DIR": cache, "FOEDUS_STORE": f"{cache}/runs.sqlite"}
        cold = whole_process(solve, runs=1, **places)
        rows.append({"command": f"foedus solve {FLAGSHIP}, caches empty", **cold})
        warm = whole_process(solve, runs=3, **places)
        rows.append({"command": f"foedus solve {FLAGSHIP}, programs compiled", **warm})
        kept = whole_process(foedus("solve", FLAGSHIP), runs=3, **places)
        rows.append({"command": f"foedus solve {FLAGSHIP}, answer kept", **kept})
    record("cold_start", rows)


if __name__ == "__main__":
    main()
