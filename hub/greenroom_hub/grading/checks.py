"""Hidden checks as a template declares them. For staff only: no candidate's page, kernel or notebook gets any of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Identifier = Annotated[str, Meta(pattern="^[A-Za-z_][A-Za-z0-9_]{0,39}$")]
HiddenFile = Annotated[str, Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$")]


class Score(StrEnum):
    """How predictions are judged: the share that is right, the mean of what they are off by, or the area under the ROC
    curve (the chance that a row of class 1 is put above one of class 0)."""

    ACCURACY = "accuracy"
    MEAN_ERROR = "mean_error"
    AREA = "area"


class _Check(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What all kinds have. `name` and `title` are all of it that a candidate is told."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    function: Identifier  # of the candidate's notebook; it is asked. For a program, the reference's
    # Processor time of one box: the notebook from the top, and one question. Ten times what an interview takes.
    seconds: Annotated[float, Meta(gt=0, le=120)] = 30.0


class Call(_Check, frozen=True, tag="call"):
    """Call a function with fresh arguments and compare what it gives with the reference.

    `reference`: a Python file beside the notebook with `cases(random, count)`, or `cases_FUNCTION` where one function
    needs other ones, which makes lists of arguments from a seeded `random.Random`, and the function itself.
    `tolerance` is absolute below 1 and relative above it; 0, the default, means exactly equal.
    """

    reference: HiddenFile
    cases: Annotated[int, Meta(ge=1, le=32)] = 5
    tolerance: Annotated[float, Meta(ge=0, le=1)] = 0.0


class Predict(_Check, frozen=True, tag="predict"):
    """Have a function predict the column `target` of `holdout`, a CSV file that never enters a box with that column.

    It passes with a score of `bar` or better.
    """

    holdout: HiddenFile
    target: Annotated[str, Meta(min_length=1, max_length=80)]
    score: Score
    bar: float


class Program(_Check, frozen=True, tag="program"):
    """Run the notebook's last `%%piston` cell, as a program of its own, on texts that it has not seen.

    The reference's cases are lists with one text, for standard input; its function gives what must be printed (spaces
    and line ends after it do not count).
    """

    reference: HiddenFile
    cases: Annotated[int, Meta(ge=1, le=32)] = 5


Check = Call | Predict | Program

MADE = "holdout/"  # what `maker` makes under this name stays outside


class Checks(Struct, frozen=True, forbid_unknown_fields=True):
    """All checks of a template. `tries`: how often a candidate may press each; the grade at the end is no try.

    `maker`: a Python file beside the notebook whose `make(seed)` gives the session's own files (name -> text), so that
    no two candidates get the same numbers; the checks' holdouts too, under names that begin with `holdout/`.
    """

    items: Annotated[tuple[Check, ...], Meta(max_length=20)] = ()
    tries: Annotated[int, Meta(ge=0, le=100)] = 5
    maker: HiddenFile | None = None

    def __post_init__(self) -> None:
        names = [one.name for one in self.items]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"checks: two are called '{twice}'; every check needs a name of its own")

    def named(self, name: str) -> Check:
        """The check of this name. LookupError when there is none."""
        for one in self.items:
            if one.name == name:
                return one
        raise LookupError(f"this task has no check called {name!r}")

    @property
    def files(self) -> frozenset[str]:
        """The hidden files that they need, but for those that the maker makes."""
        needed = {one.holdout if isinstance(one, Predict) else one.reference for one in self.items}
        if self.maker is None:
            return frozenset(needed)
        return frozenset({name for name in needed if not name.startswith(MADE)} | {self.maker})
