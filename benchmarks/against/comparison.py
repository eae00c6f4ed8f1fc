"""What the two runs of a row come to: the record, the words, and the table in README.md."""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.against.games import DISCOUNT
from benchmarks.against.rows import Row

import foedus as fd
from foedus.equilibrium.certificate import certify
from foedus.equilibrium.stochastic.arrays import arrays_of, profile_of

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "benchmarks" / "results" / "against_sgamesolver.json"
BEGIN, END = "<!-- written by benchmarks/against -->", "<!-- end of what is written -->"


def recorded() -> dict[str, dict[str, Any]]:
    """The lines of the last run by name."""
    if not RECORD.exists():
        return {}
    return {line["name"]: line for line in json.loads(RECORD.read_text())["rows"]}


def agreement(
    row: Row,
    payoffs: np.ndarray,
    transitions: np.ndarray,
    mine: dict[str, np.ndarray],
    theirs: dict[str, np.ndarray],
) -> dict[str, Any]:
    """How far the answers are apart, and what can be gained against the peer's, if Nash play."""
    if row.kind != "nash":
        apart = np.abs(mine["strategies"] - theirs["strategies"]).max(axis=(1, 2, 3))
        return {"apart": float(np.nanmax(apart)), "other": int((apart > 1e-4).sum())}
    game = fd.stochastic_game(payoffs[0], transitions[0], DISCOUNT)
    strategies = np.nan_to_num(theirs["strategies"][0])
    return {"gain": float(certify(game, profile_of(arrays_of(game), strategies)).regret)}


def line(
    row: Row, seconds: float, mine: dict[str, np.ndarray], peer: dict[str, Any] | None
) -> dict[str, Any]:
    """One row of the record."""
    ratio = None if peer is None else peer["seconds"] / seconds
    certified = int(np.sum(mine["solved"]))
    fast = ratio >= row.bar if ratio is not None else seconds <= row.limit
    gain = float(np.max(mine["regret"])) if row.kind == "nash" else None
    return {
        "name": row.name,
        "title": row.title,
        "games": len(row.seeds),
        "peer": peer,
        "seconds": seconds,
        "first call": float(mine["first"]),
        "preparation": float(mine["preparation"]),
        "certified": certified,
        "gain": gain,
        "ratio": ratio,
        "bar": row.bar,
        "limit": row.limit,
        "met": bool(fast and certified == len(row.seeds) and (gain is None or gain <= 1e-10)),
    }


def in_words(found: dict[str, Any]) -> str:
    peer = found["peer"]
    words = f"{found['seconds']:.3g} s (first call {found['first call']:.3g} s)"
    if peer is not None:
        label = f", recorded {peer['date']}" if peer["recorded"] else ""
        words += f"; sgamesolver {peer['seconds']:.3g} s{label}: {found['ratio']:.0f} times as long"
    bar = f"1/{found['bar']}" if found["bar"] else f"{found['limit']:g} s"
    return f"{words}; bar {bar} {'met' if found['met'] else 'NOT MET'}"


def write(lines: list[dict[str, Any]]) -> None:
    """The record as JSON, and the table between the marks in README.md."""
    content = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()),
        "versions": {name: version(name) for name in ("foedus", "numpy", "scipy")},
        "rows": lines,
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(content, indent=1) + "\n")
    readme = ROOT / "README.md"
    text = readme.read_text()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"README.md has no place for the table: {BEGIN} ... {END}")
    readme.write_text(f"{before}{BEGIN}\n{table(content)}\n{END}{after}")


def table(content: dict[str, Any]) -> str:
    """The record as a table in Markdown."""
    rows = [
        "| random games (states, players, actions) | sgamesolver 1.0.2 | foedus | first call "
        "| times as fast | asked for |",
        "|---|---|---|---|---|---|",
    ]
    for found in content["rows"]:
        peer, ratio = found["peer"], "-"
        theirs = "not run"
        if peer is not None:
            theirs = _seconds(peer["seconds"]) + (
                ", gain " + f"{peer['gain']:.0e}" if "gain" in peer else ""
            )
            theirs += f" (recorded {peer['date']})" if peer["recorded"] else ""
            ratio = f"{found['ratio']:.0f}"
        ours = _seconds(found["seconds"])
        if found["gain"] is not None:
            ours += f", gain {found['gain']:.0e}"
        if found["games"] > 3:
            ours += f", {found['certified']:,} certified"
        asked = f"{found['bar']}" if found["bar"] else f"{found['limit']:g} s"
        first = _seconds(found["first call"])
        missed = "" if found["met"] else " (missed)"
        rows.append(
            f"| {found['title']} | {theirs} | {ours} | {first} | {ratio} | {asked}{missed} |"
        )
    versions = content["versions"]
    rows += [
        "",
        f"Processor seconds, one thread, certificates included; {content['processor']}, "
        f"{content['date']}, NumPy {versions['numpy']}, load {content['load'][0]:.1f}. "
        "Nothing is compiled on the way: the first call shows what loading adds. Gain: the most a player wins "
        "by one deviation, by the same code for both.",
    ]
    return "\n".join(rows)


def _seconds(value: float) -> str:
    return f"{1e3 * value:.3g} ms" if value < 0.1 else f"{value:.3g} s"


def _processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.machine()
