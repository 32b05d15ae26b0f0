"""Strict comparison, outside the box."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import greenroom_sandbox
import pytest
from greenroom_hub.grading import values
from greenroom_hub.grading.checks import Predict, Score
from greenroom_hub.grading.holdout import Holdout, passes

ENVIRONMENT = Path(sys.prefix) / "environments" / "default"
_ENCODE = """
import sys, json; sys.path.insert(0, sys.argv[1])
import numpy as np, pandas as pd
from asking import encode
class E(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
print(json.dumps([encode(eval(text)) for text in json.loads(sys.argv[2])]))
"""


def encoded(*texts: str) -> list[dict[str, Any]]:
    """What the box's side makes of values, in the kernels' own environment."""
    folder = str(Path(greenroom_sandbox.__file__).parent)
    said = subprocess.run(
        [ENVIRONMENT / "bin" / "python", "-c", _ENCODE, folder, json.dumps(texts)], capture_output=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(said.stdout)
    return found


EQUAL = [
    ("1", "1"),
    ("1", "np.int64(1)"),
    ("0.5", "np.float64(0.5)"),
    ("float('nan')", "np.nan"),
    ("float('inf')", "float('inf')"),
    ("10**40", "10**40"),
    ("[1, 'a', None, True]", "[1, 'a', None, True]"),
    ("{'a': 1, 'b': [2]}", "{'b': [2], 'a': 1}"),
    ("{1, 2}", "{2, 1}"),
    ("pd.Series([1, 2], index=['a', 'b'])", "pd.Series([1, 2], index=['a', 'b'])"),
    ("pd.DataFrame({'a': [1.0, np.nan]})", "pd.DataFrame({'a': [1.0, np.nan]})"),
    ("pd.Timestamp('2026-08-17')", "pd.Timestamp('2026-08-17')"),
]
DIFFERENT = [
    ("1", "1.0"),
    ("1", "True"),
    ("1", "'1'"),
    ("1", "E(1)"),
    ("0.1 + 0.2", "0.3"),
    ("float('nan')", "0.0"),
    ("float('nan')", "None"),
    ("float('inf')", "float('-inf')"),
    ("[1, 2]", "(1, 2)"),
    ("[1, 2]", "[2, 1]"),
    ("[1, 2]", "[1, 2, 2]"),
    ("{'a': 1}", "{'a': 2}"),
    ("{'a': 1, 'b': 1}", "{'a': 1, 'a ': 1}"),
    ("pd.Series([1, 2], index=['a', 'b'])", "pd.Series([1, 2])"),
    ("pd.DataFrame({'a': [1]})", "pd.DataFrame({'b': [1]})"),
    ("pd.DataFrame({'a': [1], 'b': [2]})", "pd.DataFrame({'a': [1]})"),
    ("object()", "object()"),
]


def test_equal_values_are_the_same_and_others_are_not() -> None:
    trees = encoded(*(text for pair in (*EQUAL, *DIFFERENT) for text in pair))
    for index, pair in enumerate((*EQUAL, *DIFFERENT)):
        found = values.same(trees[2 * index], trees[2 * index + 1], 0.0)
        assert found == (index < len(EQUAL)), pair


def test_a_tolerance_is_for_floats_and_only_where_it_is_stated() -> None:
    near, far, whole, third = encoded("1 / 3", "0.3333333", "3", "{'x': [1 / 3]}")
    assert not values.same(near, far, 0.0)
    assert values.same(near, far, 1e-6)
    assert values.same(third, encoded("{'x': [0.3333333]}")[0], 1e-6)
    assert not values.same(whole, encoded("4")[0], 1.0)


@pytest.mark.parametrize(
    "found",
    [None, 3, [], {}, {"t": "int"}, {"t": "int", "v": 3}, {"t": "int", "v": None}, {"t": "float", "v": "3"}],
)
def test_what_is_malformed_is_different(found: object) -> None:
    assert not values.same({"t": "int", "v": "3"}, found, 0.0)


def test_a_nest_without_end_is_different() -> None:
    nest: dict[str, Any] = {"t": "int", "v": "3"}
    for _ in range(100):
        nest = {"t": "list", "v": [nest]}
    assert not values.same(nest, nest, 0.0)


def _predict(score: Score, bar: float) -> Predict:
    return Predict(name="late", title="Late", function="predict", holdout="h.csv", target="y", score=score, bar=bar)


@pytest.mark.parametrize(
    ("score", "bar", "given", "good"),
    [
        (Score.ACCURACY, 0.75, "['1', '0', '1', '1']", True),
        (Score.ACCURACY, 0.75, "[1, 0, 1, 0]", True),
        (Score.ACCURACY, 0.75, "np.array([1, 0, 0, 0])", True),
        (Score.ACCURACY, 0.75, "[1, 1, 0, 1]", False),
        (Score.ACCURACY, 0.75, "[1, 0, 1]", False),
        (Score.ACCURACY, 0.75, "7", False),
        (Score.MEAN_ERROR, 0.25, "pd.Series([1.5, 0.0, 1.0, 0.5])", True),
        (Score.MEAN_ERROR, 0.25, "[9.0, 0.0, 1.0, 0.0]", False),
        (Score.MEAN_ERROR, 0.25, "[float('nan')] * 4", False),
        (Score.MEAN_ERROR, 0.25, "['a'] * 4", False),
    ],
)
def test_predictions_are_scored_against_rows_kept_outside(score: Score, bar: float, given: str, good: bool) -> None:
    kept = Holdout.read(b"x,y\na,1\nb,0\nc,1\nd,0\n", "y")
    assert kept.features == "x\na\nb\nc\nd\n"
    assert passes(_predict(score, bar), kept, encoded(given)[0]) is good


def test_a_holdout_without_its_target_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no column 'z': it has x, y"):
        Holdout.read(b"x,y\n1,2\n", "z")
