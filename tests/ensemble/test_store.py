"""What was put comes back; what cannot be put or read is explained, and costs nothing kept."""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from kept import Chunks, chunks, dump, flip_byte
from waves import LABEL, PLAN, carry_out

from foedus.ensemble import (
    Failure,
    InProcess,
    Label,
    Plan,
    Result,
    Store,
    default_store,
    encode,
    results,
    set_aside,
)
from foedus.ensemble.place import on_network
from foedus.errors import StoreError

SMALL = Plan(description={"small": True}, draws=3, chunk_size=1)


def _bytes(number: float, size: int = 4) -> bytes:
    return encode(Result({"x": np.full(size, number)}))


def _put(store: Store, index: int, result: bytes) -> bool:
    return store.put(SMALL, index, result, seconds=0.5, worker="here")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        store.begin(SMALL, LABEL)
        yield store


def test_a_run_is_found_by_the_start_of_its_id(store: Store) -> None:
    run = store.run(SMALL.run_id[:5])
    assert (run.id, run.identity, run.label) == (SMALL.run_id, SMALL.identity, LABEL)
    assert (run.n_chunks, run.n_done, run.finished) == (3, 0, None)
    with pytest.raises(StoreError, match="no run 'xyz'"):
        store.run("xyz")
    store.begin(PLAN, LABEL)
    with pytest.raises(StoreError, match="2 runs begin with ''"):
        store.run("")


def test_runs_are_listed_newest_first_and_the_oldest_are_pruned(store: Store) -> None:
    plans = [Plan(description={"n": n}, draws=1) for n in range(3)]
    for plan in plans:
        store.begin(plan, LABEL)
    ids = [plan.run_id for plan in reversed(plans)]
    assert [run.id for run in store.runs()] == [*ids, SMALL.run_id]
    assert store.prune(keep=2) == (ids[2], SMALL.run_id)
    assert [run.id for run in store.runs()] == ids[:2]


def test_a_run_is_finished_only_with_all_its_chunks(store: Store) -> None:
    _put(store, 0, _bytes(0.0))
    with pytest.raises(StoreError, match="has 1 of 3 chunks"):
        store.finish(SMALL.run_id)
    _put(store, 1, _bytes(1.0))
    _put(store, 2, _bytes(2.0))
    store.finish(SMALL.run_id)
    finished = store.run(SMALL.run_id).finished
    assert finished is not None
    store.finish(SMALL.run_id)
    assert store.run(SMALL.run_id).finished == finished


def test_a_removed_run_leaves_nothing_and_the_file_shrinks(store: Store, path: Path) -> None:
    other = Plan(description={"other": True}, draws=1)
    _put(store, 0, _bytes(0.0, 100_000))
    _put(store, 1, encode(Result({}, (Failure(draw=1, error="E", message=""),))))
    store.put_artefact(SMALL.run_id, "findings", [1])
    store.begin(other, LABEL)
    store.put(other, 0, _bytes(5.0), seconds=0, worker="here")
    store.remove(SMALL.run_id)
    assert [run.id for run in store.runs()] == [other.run_id]
    assert store.failures(SMALL.run_id) == ()
    assert store.artefacts(SMALL.run_id) == {}
    assert path.stat().st_size < 100_000
    assert store.result(other.run_id, 0).arrays["x"][0] == 5.0
    with pytest.raises(StoreError, match="not, or no longer"):
        _put(store, 2, _bytes(2.0))


def test_artefacts_are_kept_by_name(store: Store) -> None:
    store.put_artefact(SMALL.run_id, "b", {"share": np.float64(0.5)})
    store.put_artefact(SMALL.run_id, "a", None)
    store.put_artefact(SMALL.run_id, "b", {"share": 0.75})
    assert store.artefacts(SMALL.run_id) == {"a": None, "b": {"share": 0.75}}


def test_the_same_chunk_may_come_twice_but_not_another_one(store: Store) -> None:
    assert _put(store, 1, _bytes(1.0))
    assert not _put(store, 1, _bytes(1.0))
    with pytest.raises(StoreError, match=r"chunk 1 \(draws 1 to 1\) .* different results"):
        _put(store, 1, _bytes(1.5))
    assert store.result(SMALL.run_id, 1).arrays["x"][0] == 1.0


def test_failures_are_listed_with_their_inputs(tmp_path: Path) -> None:
    carry_out(tmp_path / "a", InProcess())
    with Store(tmp_path / "a", readonly=True) as store:
        found = store.failures(PLAN.run_id)
        assert store.run(PLAN.run_id).n_failures == len(found) == 2 * PLAN.n_cells
    assert {record.failure.draw for record in found} == {36, 73}
    first = found[0]
    assert (first.chunk, first.cell) == (16, {"side": "a", "pass": "x"})
    assert first.failure == Failure(
        draw=36, error="SolveError", message="no calm", inputs={"x": 9.0}
    )


def test_a_flipped_byte_is_named_and_the_chunk_computed_again(path: Path, unbroken: Chunks) -> None:
    carry_out(path, InProcess())
    flip_byte(path, of=unbroken[33][2][-200:-100])
    with Store(path) as store:
        assert store.check() == (f"run {PLAN.run_id}: chunk 33 is damaged",)
        with pytest.raises(StoreError, match=r"chunk 33 of run .* is damaged"):
            list(results(PLAN, store))
    report = carry_out(path, InProcess())
    assert (report.damaged, report.computed) == ((33,), 1)
    assert dump(path) == unbroken
    with Store(path, readonly=True) as store:
        assert store.check() == ()


def test_the_stream_of_results_holds_one_chunk_at_a_time(store: Store) -> None:
    for index in range(3):
        _put(store, index, _bytes(index, 200_000))
    tracemalloc.start()
    stream = results(SMALL, store)
    means = [result.arrays["x"].mean() for _, result in stream]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert means == [0.0, 1.0, 2.0]
    assert peak < 2 * 1.7e6


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _replace_by_text(path: Path) -> None:
    path.write_text("Not a database at all.\n" * 500)


def _overwrite_start(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * 10_000)


@pytest.mark.parametrize("damage", [_truncate, _replace_by_text, _overwrite_start])
def test_a_damaged_file_is_named_and_replaced_on_request_only(
    path: Path, unbroken: Chunks, damage: object
) -> None:
    carry_out(path, InProcess())
    assert callable(damage)
    damage(path)
    found = path.read_bytes()
    with pytest.raises(StoreError, match="damaged or is not a run store") as caught:
        carry_out(path, InProcess())
    assert caught.value.damaged
    assert caught.value.path == path
    assert str(path) in str(caught.value)
    assert path.read_bytes() == found
    aside = set_aside(path)
    assert aside.name.startswith("runs.sqlite.damaged-")
    assert aside.read_bytes() == found
    carry_out(path, InProcess())
    assert dump(path) == unbroken


def test_damage_inside_the_file_never_passes_for_a_result(path: Path, unbroken: Chunks) -> None:
    """Pages overwritten at many places, some of which hold no results."""
    carry_out(path, InProcess())
    whole = path.read_bytes()
    for page in range(2, len(whole) // 4096, 7):
        path.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        assert _end(path) in ("found", unbroken)


def _end(path: Path) -> str | Chunks:
    """How a run ends whose store may be damaged."""
    try:
        carry_out(path, InProcess())
    except StoreError as error:
        return "found" if error.damaged else str(error)
    return chunks(path)


def test_damage_inside_an_entry_is_named(path: Path, store: Store) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE runs SET versions = '{'")
        with pytest.raises(StoreError, match="an entry cannot be read") as caught:
            store.runs()
        assert caught.value.damaged
        file.execute("UPDATE runs SET versions = '{}', identity = '{}'")
    with pytest.raises(StoreError, match="is kept with another description"):
        store.begin(SMALL, LABEL)


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE runs (pace REAL)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="of another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_foedus_is_left_alone(path: Path, store: Store) -> None:
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 2")
    with pytest.raises(StoreError, match="made by a newer foedus: its schema is 2"):
        Store(path)


def test_a_missing_store_is_not_made_by_reading(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no run store"):
        Store(path, readonly=True)
    assert not path.exists()


def test_a_full_disk_costs_nothing_that_was_kept(path: Path, store: Store) -> None:
    _put(store, 0, _bytes(0.0))
    rows = store._database.rows
    ((pages,),) = rows("PRAGMA page_count")
    rows(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreError, match="has no room to grow") as caught:
        _put(store, 1, _bytes(1.0, 100_000))
    assert not caught.value.damaged
    assert store.stored(SMALL.run_id) == {0}
    rows("PRAGMA max_page_count = 1000000")
    assert _put(store, 1, _bytes(1.0, 100_000))
    assert store.check() == ()


def test_an_exhausted_quota_costs_nothing_that_was_kept(path: Path, store: Store) -> None:
    _put(store, 0, _bytes(0.0))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        with pytest.raises(StoreError, match="Everything finished before is kept"):
            _put(store, 1, _bytes(1.0, 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.stored(SMALL.run_id) == {0}
    assert _put(store, 1, _bytes(1.0, 100_000))


@contextmanager
def _closed(directory: Path) -> Iterator[None]:
    """Writing is forbidden in the directory, even if the tests run as root."""
    root = os.geteuid() == 0
    for place in (*directory.iterdir(), directory):
        place.chmod(0o555 if place.is_dir() else 0o444)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        directory.chmod(0o755)


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that every user can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_store_on_a_read_only_disk_can_be_read_and_not_written(public: Path) -> None:
    path = public / "runs.sqlite"
    with Store(path) as store:
        store.begin(SMALL, LABEL)
        _put(store, 0, _bytes(0.0))
    with _closed(public):
        with Store(path, readonly=True) as store:
            assert store.stored(SMALL.run_id) == {0}
            with pytest.raises(StoreError, match="cannot be written"):
                _put(store, 1, _bytes(1.0))
        with pytest.raises(StoreError, match="cannot be"), Store(path) as store:
            _put(store, 1, _bytes(1.0))
    with Store(path) as store:
        assert store.stored(SMALL.run_id) == {0}


def test_a_store_cannot_begin_where_nothing_may_be_written(public: Path) -> None:
    with _closed(public), pytest.raises(StoreError, match="cannot be opened"):
        Store(public / "deeper" / "runs.sqlite")


def test_a_directory_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: it is a directory"):
        Store(tmp_path)


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"FOEDUS_STORE": "/a/b.sqlite", "HOME": "/h"}, "/a/b.sqlite"),
        ({"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/foedus/runs.sqlite"),
        ({"XDG_DATA_HOME": "x", "HOME": "/h"}, "/h/.local/share/foedus/runs.sqlite"),
    ],
)
def test_the_default_place(environment: dict[str, str], place: str) -> None:
    assert default_store(environment).as_posix() == place


def test_without_a_home_the_user_must_name_a_place() -> None:
    with pytest.raises(StoreError, match="FOEDUS_STORE"):
        default_store({})


def test_the_deepest_mount_decides_whether_a_file_is_on_the_network() -> None:
    mounts = "d / ext4 rw\nn:/ /net nfs rw\nd2 /net/local\\040disk xfs rw\ns /net/s fuse.sshfs rw\n"
    network = ["/net/a", "/net/localdisk/a", "/net/s/a/b"]
    local = ["/a", "/network/a", "/net/local disk/a"]
    assert [on_network(Path(p), mounts) for p in network] == [True] * 3
    assert [on_network(Path(p), mounts) for p in local] == [False] * 3


def test_on_a_network_the_journal_is_the_older_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mode() -> str:
        with Store(path) as store:
            store.begin(SMALL, Label(kind="test", title=""))
            return store._database.rows("PRAGMA journal_mode")[0][0]

    assert mode() == "wal"
    monkeypatch.setattr("foedus.ensemble.database._mounts", lambda: "n:/ / nfs rw 0 0")
    assert mode() == "delete"
