"""What is kept comes back bit for bit, and nothing else is taken for a result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from foedus.ensemble import Failure, Result, decode, encode
from foedus.ensemble.codec import MAGIC
from foedus.errors import EnsembleError

kinds = (
    arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.unsigned_integer_dtypes(endianness="?")
    | arrays.floating_dtypes(endianness="?", sizes=(16, 32, 64))
)
values = st.none() | arrays.arrays(kinds, arrays.array_shapes(min_dims=0, min_side=0, max_side=5))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
failures = st.builds(
    Failure,
    draw=st.none() | st.integers(0),
    error=st.text(),
    message=st.text(),
    inputs=st.dictionaries(st.text(), plain),
)
results = st.builds(
    Result, st.dictionaries(st.text(), values), st.lists(failures, max_size=3).map(tuple)
)


@given(result=results)
def test_a_result_comes_back_bit_for_bit(result: Result) -> None:
    back = decode(encode(result))
    assert back.failures == result.failures
    assert set(back.arrays) == set(result.arrays)
    for name, array in result.arrays.items():
        found = back.arrays[name]
        if array is None or found is None:
            assert found is array
            continue
        assert found.dtype == array.dtype.newbyteorder("<")
        assert found.shape == array.shape
        assert found.tobytes() == array.astype(found.dtype).tobytes()


@given(result=results)
def test_equal_results_give_equal_bytes(result: Result) -> None:
    """Whatever the order of names, the order of bytes or the layout in memory."""
    turned = {
        name: None if array is None else _turned(array)
        for name, array in reversed(result.arrays.items())
    }
    assert encode(Result(turned, result.failures)) == encode(result)


def _turned(array: np.ndarray) -> np.ndarray:
    """The same numbers, columns first and in the other order of bytes."""
    return np.array(array, dtype=array.dtype.newbyteorder(), order="F")


def test_the_bytes_are_the_same_everywhere_and_for_ever() -> None:
    result = Result({"b": np.array([1.5, np.nan]), "a": np.array(True), "none": None})
    header = b'{"arrays":{"a":["|b1",[]],"b":["<f8",[2]],"none":null},"failures":[]}'
    expected = [
        b"foedus-1",
        len(header).to_bytes(8, "little"),
        header.ljust(72, b"\0"),
        b"\1".ljust(8, b"\0"),
        bytes.fromhex("000000000000f83f 000000000000f87f"),
    ]
    assert encode(result) == b"".join(expected)


@given(result=results, cut=st.integers(1, 10_000))
def test_cut_bytes_are_not_a_result(result: Result, cut: int) -> None:
    data = encode(result)
    with pytest.raises(EnsembleError, match="are not a kept result"):
        decode(data[: -(1 + cut % len(data))])


@given(data=st.binary() | st.binary().map(lambda rest: MAGIC + rest))
def test_other_bytes_are_not_a_result(data: bytes) -> None:
    with pytest.raises(EnsembleError, match="are not a kept result"):
        decode(data)


@given(header=plain)
def test_another_header_is_not_a_result(header: object) -> None:
    text = json.dumps({"arrays": header, "failures": 1}).encode()
    with pytest.raises(EnsembleError, match="are not a kept result"):
        decode(MAGIC + len(text).to_bytes(8, "little") + text)


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.array([None]), np.array([1j]), np.array([1], "M8[s]")]
)
def test_only_numbers_are_kept(array: np.ndarray) -> None:
    with pytest.raises(EnsembleError, match=r"array 'x' holds .* only numbers can be kept"):
        encode(Result({"x": array}))
