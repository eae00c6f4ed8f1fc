"""Work for the tests: random waves whose numbers depend on seed, cell and draw alone.

As a script it carries out `PLAN` and prints a line per chunk: `waves.py STORE EXECUTOR`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foedus.ensemble import (
    Chunk,
    Executor,
    Failure,
    InProcess,
    Label,
    Plan,
    Processes,
    Progress,
    Report,
    Result,
    RunInterrupted,
    Store,
    run,
)
from foedus.ensemble.work import Work

PLAN = Plan(
    description={"seed": 7}, draws=100, chunk_size=8, axes={"side": ["a", "b"], "pass": ["x", "y"]}
)
LABEL = Label(kind="test", title="Waves", source="seed: 7\n", versions={"waves": "1"})
EXECUTORS = {"here": InProcess(), "threads": InProcess(threads=2), "processes": Processes(2)}


@dataclass(frozen=True)
class Waves:
    """Fails at every 37th draw. Takes `seconds` per chunk."""

    seconds: float = 0.0

    def __call__(self) -> Work:
        return self.compute

    def compute(self, chunk: Chunk) -> Result:
        time.sleep(self.seconds)
        cell = chunk.index % PLAN.n_cells
        waves = np.stack([self.wave(cell, draw) for draw in chunk.draws])
        failed = [draw for draw in chunk.draws if draw % 37 == 36]
        waves[[draw - chunk.draws[0] for draw in failed]] = np.nan
        return Result(
            {"wave": waves, "crest": waves.argmax(axis=1), "high": waves > 1, "unused": None},
            tuple(
                Failure(draw=d, error="SolveError", message="no calm", inputs={"x": d / 4})
                for d in failed
            ),
        )

    def wave(self, cell: int, draw: int) -> np.ndarray:
        numbers = np.random.Generator(np.random.Philox(key=[7, draw])).normal(size=(40, 3))
        return np.cumsum(np.exp(numbers @ np.sin(np.arange(3) + cell)))


@dataclass(frozen=True)
class Deadly(Waves):
    """Kills its worker at chunk `victim`, as long as the file has fewer than `times` marks."""

    marks: Path = Path()
    victim: int = 10
    times: int = 1

    def compute(self, chunk: Chunk) -> Result:
        with self.marks.open("a+") as file:
            file.seek(0)
            if chunk.index == self.victim and len(file.read()) < self.times:
                file.write("x")
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        return super().compute(chunk)


@dataclass(frozen=True)
class Broken(Waves):
    """Raises an error that does not unpickle, at the chunks from `first` on."""

    first: int = 0

    def compute(self, chunk: Chunk) -> Result:
        if chunk.index >= self.first:
            raise Unpicklable(chunk, why="out of paper")
        return super().compute(chunk)


class Unpicklable(Exception):
    def __init__(self, chunk: Chunk, *, why: str) -> None:
        super().__init__(f"{why} at {chunk.index}")


def carry_out(path: Path, executor: Executor, work: Waves = Waves()) -> Report:
    """Carry out `PLAN` with the store at `path`."""
    with Store(path) as store:
        return run(PLAN, work, store=store, label=LABEL, executor=executor)


def main(path: Path, executor: Executor) -> None:
    def tell(progress: Progress) -> None:
        print(progress.done, flush=True)  # noqa: T201

    with Store(path) as store:
        try:
            run(PLAN, Waves(0.02), store=store, label=LABEL, executor=executor, progress=tell)
        except RunInterrupted as stop:
            print("interrupted", stop.done, stop.total, flush=True)  # noqa: T201
            sys.exit(130)


if __name__ == "__main__":
    main(Path(sys.argv[1]), EXECUTORS[sys.argv[2]])
