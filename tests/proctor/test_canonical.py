"""Canonical JSON, against RFC 8785's own examples."""

from __future__ import annotations

import json
import struct

import pytest
from greenroom_proctor import canonical
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("bits", "text"),
    [  # RFC 8785, appendix B
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
    ],
)
def test_a_number_is_written_as_ecmascript_writes_it(bits: str, text: str) -> None:
    assert canonical.number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


def test_names_are_sorted_by_utf16_units() -> None:  # RFC 8785, 3.2.3
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    wanted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical.encode(dict.fromkeys(names, 0)))) == wanted


def test_text_is_escaped_as_little_as_possible() -> None:  # RFC 8785, 3.2.2.2
    value = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    assert canonical.encode(value) == (
        b'{"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"\udc00": 1}])
def test_what_is_not_the_same_everywhere_is_refused(value: canonical.Value) -> None:
    with pytest.raises(ValueError, match="refused"):
        canonical.encode(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself(value: float) -> None:
    assert float(canonical.number(value)) == value


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    )
)
def test_a_value_reads_back_as_itself_and_is_written_once(value: canonical.Value) -> None:
    written = canonical.encode(value)
    assert json.loads(written) == value
    assert canonical.encode(json.loads(written)) == written


_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-canonical.LARGEST, canonical.LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-2, 2)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.text(st.characters(max_codepoint=127))
)


@given(
    st.recursive(
        _scalars,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    )
)
def test_the_short_way_gives_the_bytes_of_the_long_one(value: canonical.Value) -> None:
    assert canonical.encode(value) == canonical._text(value).encode()
