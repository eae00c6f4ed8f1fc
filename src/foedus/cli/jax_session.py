"""JAX as the command line uses it: double precision, and compiled programs kept between runs."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

CACHE_BYTES = 256 * 2**20


def start_jax() -> None:
    """Import JAX and set it up for this process. Compiled programs are kept where that works."""
    import jax

    jax.config.update("jax_enable_x64", True)
    directory = cache_directory(os.environ)
    if directory is None or not _private(directory):
        return
    settings = {
        "jax_compilation_cache_dir": str(directory),
        "jax_compilation_cache_max_size": CACHE_BYTES,
        "jax_persistent_cache_min_compile_time_secs": 0.1,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        # XLA's own caches put their path into the key, so that a moved cache would never hit.
        "jax_persistent_cache_enable_xla_caches": "none",
    }
    for name, value in settings.items():
        jax.config.update(name, value)
        os.environ[name.upper()] = str(value)  # for processes that this one starts


def cache_directory(environment: Mapping[str, str]) -> Path | None:
    """Where compiled programs go, or None for nowhere.

    A program is machine code of one jaxlib for one kind of processor: the
    directory's name says which, because loading another's can crash.

    >>> cache_directory({"FOEDUS_CACHE_DIR": "off"}) is None
    True
    """
    chosen = environment.get("FOEDUS_CACHE_DIR", "")
    if chosen == "off":
        return None
    if chosen:
        base = Path(chosen).expanduser()
    elif environment.get("XDG_CACHE_HOME"):
        base = Path(environment["XDG_CACHE_HOME"]) / "foedus"
    elif environment.get("HOME"):
        base = Path(environment["HOME"]) / ".cache" / "foedus"
    else:
        return None
    return base / f"jax-{version('jaxlib')}-{_processor()}"


def _processor() -> str:
    """A short name for this kind of processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = [platform.processor()]
    kinds = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    words = "\n".join([platform.machine(), *(kinds or lines[:1])])
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _private(directory: Path) -> bool:
    """Make the directory ours alone, since what is loaded from it is run; False if we cannot."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        owned = not hasattr(os, "getuid") or directory.stat().st_uid == os.getuid()
        if owned:
            directory.chmod(0o700)
        return owned and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        return False
