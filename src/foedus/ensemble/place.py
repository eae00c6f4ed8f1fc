"""Where the run store lies, and how its file system lets SQLite keep its journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from foedus.errors import StoreError

NETWORK = (  # how the kinds of file systems begin that several machines share
    *("9p", "afs", "beegfs", "ceph", "cifs", "fuse.", "gfs", "gluster", "gpfs", "lustre"),
    *("ncp", "nfs", "ocfs", "orangefs", "prl_fs", "smb", "vboxsf", "virtiofs", "vmhgfs"),
)


def default_store(environment: Mapping[str, str]) -> Path:
    """The user's own store: FOEDUS_STORE, else foedus/runs.sqlite in the data directory.

    Raises `StoreError` if neither that variable nor a home directory is set.

    >>> default_store({"HOME": "/srv/ada"}).as_posix()
    '/srv/ada/.local/share/foedus/runs.sqlite'
    """
    if chosen := environment.get("FOEDUS_STORE"):
        return Path(chosen).expanduser()
    data = environment.get("XDG_DATA_HOME", "")
    # The XDG rules say that a relative path counts as unset.
    if Path(data).is_absolute():
        return Path(data) / "foedus" / "runs.sqlite"
    if home := environment.get("HOME") or environment.get("USERPROFILE"):
        return Path(home) / ".local" / "share" / "foedus" / "runs.sqlite"
    raise StoreError(
        "there is no place to keep runs: neither HOME nor XDG_DATA_HOME is set",
        path=Path("runs.sqlite"),
        hints=["set FOEDUS_STORE to a file on a local disk"],
    )


def on_network(path: Path, mounts: str) -> bool:
    """Whether the file system of `path` belongs to other machines too.

    SQLite's write-ahead log needs memory that all its users share, so it cannot be used there.
    `mounts` is the text of `/proc/mounts`.

    >>> on_network(Path("/data/runs.sqlite"), "disk / ext4 rw 0 0\\nnas:/d /data nfs4 rw 0 0")
    True
    """
    deepest, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        mount = Path(fields[1].replace("\\040", " "))
        # A later mount on the same directory hides the earlier one.
        if path.is_relative_to(mount) and len(mount.parts) >= deepest:
            deepest, kind = len(mount.parts), fields[2]
    return kind.startswith(NETWORK)


def set_aside(path: Path) -> Path:
    """Rename a damaged store to NAME.damaged-TIME, so that an empty one can be begun.

    Its journals go with it: beside an empty store they would be replayed into it. Returns
    the new name. Raises `StoreError` if the file cannot be renamed.
    """
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    try:
        path.rename(aside)
        for suffix in ("-wal", "-shm", "-journal"):
            journal = path.with_name(path.name + suffix)
            if journal.exists():
                journal.rename(aside.with_name(aside.name + suffix))
    except OSError as fault:
        raise StoreError(f"{path} cannot be moved aside: {fault.strerror}", path=path) from fault
    return aside
