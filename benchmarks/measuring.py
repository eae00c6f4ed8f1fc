"""Timing, memory and the record of a benchmark run; shared by the scripts in this folder."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def whole_process(command: Sequence[str], *, runs: int = 5, **environment: str) -> dict[str, float]:
    """Median wall and processor seconds, and the largest peak memory in MB, of a command."""
    wall, cpu, peak = [], [], 0.0
    # As installed: an environment that keeps Python from storing bytecode would have every
    # run compile the package anew.
    environment = {**os.environ, **environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
        peak = max(peak, after.ru_maxrss / 1024)
    return {"wall": statistics.median(wall), "cpu": statistics.median(cpu), "peak_mb": peak}


def repeated(call: Callable[[], Any], *, runs: int = 7) -> float:
    """Median wall seconds of a warm call."""
    call()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def peak_mb() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def record(name: str, rows: list[dict[str, Any]]) -> None:
    """Writes the rows with versions and date, and prints them as a table."""
    content = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "devices": _devices(),
        "versions": {p: version(p) for p in ("foedus", "jax", "jaxlib", "numpy", "scipy")},
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_cell(row.get(c)) for c in columns] for row in rows)]
    widths = [max(len(r[i]) for r in cells) for i in range(len(columns))]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def _devices() -> list[str]:
    """What JAX runs on, a GPU where there is one; empty where a benchmark does not use JAX."""
    jax = sys.modules.get("jax")
    return [] if jax is None else [device.device_kind for device in jax.devices()]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def foedus(*arguments: str) -> list[str]:
    """The command line of this environment's foedus."""
    return [str(Path(sys.executable).with_name("foedus")), *arguments]
