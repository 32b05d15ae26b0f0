"""docs/accuracy.md: what was measured, how sure that is, and in plain words what it proves and what not."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from greenroom_proctor.words import Kind

from accuracy.bounds import poisson, wilson

if TYPE_CHECKING:
    from accuracy.measure import Found, Tally

HEAD = """# How often the camera check is right, and how often wrong

Written by `make accuracy`; table of rules, version {rules}. Run it again after every change of a threshold.

## What this proves, and what not

All of this was measured on **three rendered heads** (docs: [the clips](../tests/resources/face-clips/README.md)), well lit, without a real camera's compression, and on timelines made of what was
read in them. It shows that the rules do what they say, that they survive noise, other light, other seats and cameras that drop or repeat pictures, and how much of what is there they
find. **It is no evidence about people**: not about you, not about people who wear a veil or thick glasses, whose eyes or skin differ from the rendered ones, who squint, have a tic or
one eye. Rates for real people will be higher. An organisation that wants to know measures on its own consenting people: [`greenroom replay`](replay.md).
The timelines vary numbers, with noise and habits that we chose; what we did not think of is not in them. Their hours are cheap and not independent: three heads said everything.
What the signals cannot see at all stands in [replay.md](replay.md).

Bounds are 95 %: Wilson's for shares (E. B. Wilson, 1927), Garwood's exact ones for rates (F. Garwood, 1936). "At most" is the upper bound.
"""


@dataclass(frozen=True)
class Result:
    """Everything that stands on the page."""

    varied: dict[str, Found]
    seconds: tuple[float, float]
    fair: Tally
    recall: dict[tuple[Kind, float], Found]
    slow: Tally
    slow_recall: dict[tuple[Kind, float], Found]
    rules: int


def text(result: Result) -> str:
    """The page."""
    parts = [
        HEAD.format(rules=result.rules),
        _rates(
            "Fair behaviour",
            result.fair,
            "Timelines of numbers at 5 to 30 pictures a second: reading, typing looks of up to 1.4 s, looks up and aside of up to 1.6 s, stares of up to 4.5 s, blinks, a hand before the face for up to a second, somebody who passes for up to half a second; other seats, noise, dropped and repeated pictures.",
        ),
        _recall("What is found, by kind and length", result.recall, "Events in the middle of such work."),
        _pictures(result),
        _rates(
            "Two pictures a second",
            result.slow,
            "The mode for weak machines, with its own times (`slow` in the table). A frozen camera and a still picture are not judged in it.",
        ),
        _recall(
            "What is found at two pictures a second",
            result.slow_recall,
            "An event must last longer than the rule's dwell to be found at all: 5 s for the gaze, 3 s for an absence, 2 s for a second face and a cover.",
        ),
    ]
    return "\n".join(parts)


def _rates(title: str, tally: Tally, what: str) -> str:
    hours = tally.seconds / 3600
    rows = [("observations of " + kind, count) for kind, count in sorted(tally.false.items())]
    rows += [
        ("false observations in all", sum(tally.false.values())),
        ("warnings to the candidate", tally.warnings),
        ("flags to the interviewer", tally.flags),
    ]
    lines = [f"| {name} | {count} | {count / hours:.2f} | {_between(count, hours)} |" for name, count in rows]
    head = f"{hours:.1f} hours in {tally.sittings} sittings. {what}"
    return "\n".join(
        [f"## {title}\n\n{head}\n", "| | counted | an hour | 95 % bounds |", "|---|---|---|---|", *lines, ""]
    )


def _between(count: int, hours: float) -> str:
    low, high = poisson(count, hours)
    return f"at most {high:.2f}" if count == 0 else f"{low:.2f} – {high:.2f}"


def _recall(title: str, found: dict[tuple[Kind, float], Found], what: str) -> str:
    lines = []
    for (kind, length), one in sorted(found.items()):
        low, high = wilson(one.found, one.of)
        late = f"{median(one.latencies):+.2f} s, at most {max(one.latencies, key=abs):+.2f}" if one.latencies else "–"
        lines.append(
            f"| {kind} | {length:g} s | {one.found} of {one.of} | {100 * low:.0f} – {100 * high:.0f} % | {late} |"
        )
    head = ["| kind | length | found | 95 % bounds | onset, median |", "|---|---|---|---|---|"]
    return "\n".join([f"## {title}\n\n{what}\n", *head, *lines, ""])


def _pictures(result: Result) -> str:
    total, quiet = (one / 3600 for one in result.seconds)
    lines = []
    for name, one in result.varied.items():
        least = f"{100 * wilson(one.found, one.of)[0]:.0f} %" if one.of else "–"
        lines.append(f"| {name} | {one.found} of {one.of} | {least} | {one.false} |")
    false = sum(one.false for one in result.varied.values())
    what = (
        f"The clips with their pictures varied and read again: {total:.2f} hours, of which {quiet:.2f} without an event; {false} false "
        f"observations in all, {_between(false, quiet)} an hour. `poor_picture` is not counted: it is what is said, rightly, of a picture that is too dark."
    )
    head = ["| variation | events found | at least (95 %) | false |", "|---|---|---|---|"]
    return "\n".join([f"## Varied pictures\n\n{what}\n", *head, *lines, ""])
