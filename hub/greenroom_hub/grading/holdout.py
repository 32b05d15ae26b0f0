"""A holdout: rows whose truth is kept here. Predictions for them are scored outside every box. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from dataclasses import dataclass

from greenroom_hub.grading import values
from greenroom_hub.grading.checks import Predict, Score


@dataclass(frozen=True, slots=True)
class Holdout:
    """`features`: the CSV text without the target's column; `truth`: that column, row by row."""

    features: str
    truth: tuple[str, ...]

    @classmethod
    def read(cls, content: bytes, target: str) -> Holdout:
        """From the hidden file. ValueError when it has no such column, or no row."""
        rows = list(csv.reader(io.StringIO(content.decode())))
        if len(rows) < 2 or target not in rows[0]:
            raise ValueError(
                f"the holdout has no row, or no column {target!r}: it has {', '.join(rows[0] if rows else [])}"
            )
        at = rows[0].index(target)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*row[:at], *row[at + 1 :]] for row in rows)
        return cls(text.getvalue(), tuple(row[at] for row in rows[1:]))


def passes(check: Predict, holdout: Holdout, found: object) -> bool:
    """Whether what a box predicted is as good as the bar. Anything that is not one prediction a row is not."""
    predictions = values.numbers(found)
    if predictions is None or len(predictions) != len(holdout.truth):
        return False
    pairs = list(zip(holdout.truth, predictions, strict=True))
    if check.score is Score.AREA:
        ranked = [(truth == "1", given) for truth, given in pairs if isinstance(given, float)]
        return len(ranked) == len(pairs) and _area(ranked) >= check.bar
    if check.score is Score.ACCURACY:
        return sum(_equal(truth, given) for truth, given in pairs) / len(pairs) >= check.bar
    off = [abs(float(truth) - given) if isinstance(given, float) else math.inf for truth, given in pairs]
    mean = sum(off) / len(off)
    return math.isfinite(mean) and mean <= check.bar


def _area(ranked: list[tuple[bool, float]]) -> float:
    """Mann and Whitney's U over the pairs of both classes, a tie half a pair; 0 where a class is missing."""
    ones = sum(truth for truth, _ in ranked)
    pairs = ones * (len(ranked) - ones)
    if not pairs or not all(math.isfinite(given) for _, given in ranked):
        return 0.0
    by_value: defaultdict[float, list[bool]] = defaultdict(list)
    for truth, given in ranked:
        by_value[given].append(truth)
    below, won = 0, 0.0
    for given in sorted(by_value):
        here = sum(by_value[given])
        noughts = len(by_value[given]) - here
        won += here * (below + noughts / 2)
        below += noughts
    return won / pairs


def _equal(truth: str, given: str | float) -> bool:
    if isinstance(given, str):
        return given == truth
    try:
        return float(truth) == given
    except ValueError:
        return False
