"""Results as bytes: equal results give equal bytes, and reading them runs no code.

The bytes are eight that name the format, the length of the header, the header as canonical
JSON, and the arrays in order of name, little-endian, rows first, each at a multiple of
eight. They are not compressed: random doubles shrink by a twentieth at many times the cost,
and two builds of zlib may differ.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from foedus.ensemble.result import Failure, Result
from foedus.ensemble.text import canonical, parsed
from foedus.errors import EnsembleError

if TYPE_CHECKING:
    # Loaded on use: listing what is kept needs no arrays.
    import numpy as np

MAGIC = b"foedus-1"
ALIGNMENT = 8
KINDS = "biuf"  # truth values, integers with and without sign, floating point


def encode(result: Result) -> bytes:
    """The result as bytes.

    Raises `EnsembleError` for an array of another kind than numbers and truth values.

    >>> import numpy as np
    >>> data = encode(Result({"reach": np.array([0.25, np.nan]), "paid": None}))
    >>> decode(data).arrays
    {'paid': None, 'reach': array([0.25,  nan])}
    """
    import numpy as np

    entries: dict[str, Any] = {}
    parts: list[bytes] = []
    for name, array in sorted(result.arrays.items()):
        if array is None:
            entries[name] = None
            continue
        kind = np.asarray(array).dtype
        if kind.kind not in KINDS or kind.itemsize > 8:
            raise EnsembleError(f"array {name!r} holds {kind}; only numbers can be kept")
        little = np.asarray(array, dtype=kind.newbyteorder("<"))
        entries[name] = [little.dtype.str, list(little.shape)]
        parts.append(_padded(little.tobytes()))
    failures = [asdict(failure) for failure in result.failures]
    header = canonical({"arrays": entries, "failures": failures}).encode()
    start = MAGIC + len(header).to_bytes(ALIGNMENT, "little")
    return b"".join([start, _padded(header), *parts])


def decode(data: bytes) -> Result:
    """The result that `encode` wrote. Its arrays are views on `data` and cannot be changed.

    Raises `EnsembleError` if the bytes are not a whole result.
    """
    try:
        return _decoded(data)
    except (LookupError, ValueError, TypeError, AttributeError) as fault:
        raise EnsembleError(f"these {len(data)} bytes are not a kept result: {fault}") from fault


def _decoded(data: bytes) -> Result:
    import numpy as np

    if data[: len(MAGIC)] != MAGIC:
        raise ValueError(f"they begin with {data[: len(MAGIC)]!r}, not {MAGIC!r}")
    first = len(MAGIC) + ALIGNMENT
    length = int.from_bytes(data[len(MAGIC) : first], "little")
    header = parsed(data[first : first + length].decode())
    place = first + _rounded(length)
    arrays: dict[str, np.ndarray[Any, Any] | None] = {}
    for name, entry in header["arrays"].items():
        if entry is None:
            arrays[name] = None
            continue
        kind, shape = np.dtype(entry[0]), tuple(entry[1])
        count = int(np.prod(shape, dtype=np.int64))
        # An array without elements may stand at the very end, where frombuffer refuses.
        flat = np.frombuffer(data, kind, count, place) if count else np.empty(0, kind)
        arrays[name] = flat.reshape(shape)
        place += _rounded(count * kind.itemsize)
    if place != len(data):
        raise ValueError(f"their header announces {place}")
    return Result(arrays, tuple(Failure(**failure) for failure in header["failures"]))


def _rounded(length: int) -> int:
    return -(-length // ALIGNMENT) * ALIGNMENT


def _padded(data: bytes) -> bytes:
    return data.ljust(_rounded(len(data)), b"\0")
