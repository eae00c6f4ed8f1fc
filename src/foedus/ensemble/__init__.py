"""Many runs of any function: plan them, place them on workers, keep what they give."""

from __future__ import annotations

from foedus.ensemble.cluster import Cluster
from foedus.ensemble.codec import decode, encode
from foedus.ensemble.driver import Progress, Report, RunInterrupted, results, run
from foedus.ensemble.executors import Executor, InProcess, Processes
from foedus.ensemble.place import default_store, set_aside
from foedus.ensemble.plan import Chunk, Plan
from foedus.ensemble.records import FailureRecord, Label, Run
from foedus.ensemble.result import Failure, Result
from foedus.ensemble.store import Store
from foedus.ensemble.versions import versions

__all__ = [
    "Plan",
    "Chunk",
    "Result",
    "Failure",
    "run",
    "results",
    "Progress",
    "Report",
    "RunInterrupted",
    "Executor",
    "InProcess",
    "Processes",
    "Cluster",
    "Store",
    "default_store",
    "set_aside",
    "versions",
    "Label",
    "Run",
    "FailureRecord",
    "encode",
    "decode",
]
