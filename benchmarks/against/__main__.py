"""foedus beside sgamesolver on the same games, in one run: processor seconds, one thread each.

    python -m benchmarks.against --peer PEER_PYTHON [--recorded] [--only NAME ...]

`PEER_PYTHON` is the interpreter of an environment with sgamesolver 1.0.2 (see benchmarks/README.md);
`FOEDUS_PEER_PYTHON` does as well. With `--recorded`, rows that take the peer more than a minute
use its figures of the last run, and say so. Writes results/against_sgamesolver.json and the table
in README.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.against import comparison
from benchmarks.against.games import DISCOUNT, random_games
from benchmarks.against.rows import ROWS, Row

HERE = Path(__file__).parent
LONG = 60.0  # processor seconds of the peer from which `--recorded` takes the last figures
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


def main() -> None:
    options = _options()
    problem = _peer_problem(options.peer)
    if problem:
        sys.exit(f"{problem}\nHow to install sgamesolver for this: benchmarks/README.md")
    known = comparison.recorded()
    chosen = [row for row in ROWS if not options.only or row.name in options.only]
    found = []
    for row in chosen:
        print(f"{row.title} ...", flush=True)
        found.append(_measure(row, options, known.get(row.name)))
        print("   ", comparison.in_words(found[-1]), flush=True)
    kept = {**known, **{line["name"]: line for line in found}}
    lines = [kept[row.name] for row in ROWS if row.name in kept]
    comparison.write(lines)
    sys.exit(0 if all(line["met"] for line in lines) else 1)


def _measure(row: Row, options: argparse.Namespace, known: dict[str, Any] | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        games, result = Path(folder) / "games.npz", Path(folder) / "result.npz"
        payoffs, transitions = random_games(row.shape, row.seeds)
        np.savez(
            games,
            payoffs=payoffs,
            transitions=transitions,
            discount=DISCOUNT,
            precision=row.precision,
        )
        ours = [sys.executable, HERE / "ours.py", games, result, row.kind, str(row.repeats)]
        mine = _run(ours, result)
        old = None if known is None else known["peer"]
        if row.bar is None:
            peer, theirs = None, None
        elif options.recorded and old is not None and old["seconds"] > LONG:
            peer, theirs = {**old, "recorded": True}, None
        else:
            theirs = _run([options.peer, HERE / "peer.py", games, result], result)
            peer = {
                "seconds": _total(row, theirs["seconds"]),
                "preparation": float(theirs["preparation"].sum()),
                "steps": float(np.median(theirs["steps"])),
                "solved": int(theirs["solved"].sum()),
                "date": date.today().isoformat(),
                "version": str(theirs["version"]),
                "recorded": False,
            }
            peer.update(comparison.agreement(row, payoffs, transitions, mine, theirs))
    return comparison.line(row, _total(row, mine["seconds"]), mine, peer)


def _total(row: Row, seconds: np.ndarray) -> float:
    """Of all games where they are one task, of the middle one where each is a task of its own."""
    return float(seconds.sum() if row.kind == "batch" else np.median(seconds))


def _run(command: list[Any], result: Path) -> dict[str, np.ndarray]:
    subprocess.run([str(word) for word in command], check=True, env={**os.environ, **ONE_THREAD})
    with np.load(result) as found:
        return dict(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("--peer", default=os.environ.get("FOEDUS_PEER_PYTHON"))
    parser.add_argument("--recorded", action="store_true")
    parser.add_argument("--only", nargs="*", choices=[row.name for row in ROWS])
    return parser.parse_args()


def _peer_problem(python: str | None) -> str | None:
    """Why the peer cannot run; None if it can."""
    if not python:
        return "Say where sgamesolver is installed: --peer PEER_PYTHON, or FOEDUS_PEER_PYTHON."
    try:
        tried = subprocess.run(
            [python, "-c", "import sgamesolver"], capture_output=True, text=True, check=False
        )
    except OSError as reason:
        return f"{python} does not start: {reason}"
    if tried.returncode:
        return f"{python} has no sgamesolver that works: {tried.stderr.strip().splitlines()[-1]}"
    return None


if __name__ == "__main__":
    main()
