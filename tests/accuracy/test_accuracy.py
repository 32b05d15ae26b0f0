"""`make accuracy` in small: its bounds are those of the tables, its timelines are what they say, its page holds all."""

from __future__ import annotations

import random

import pytest
from greenroom_proctor import truth
from greenroom_proctor.trace import Observation
from greenroom_proctor.words import Kind, Signal

from accuracy import measure, page, timelines
from accuracy.bounds import poisson, wilson
from accuracy.timelines import Frame, Source, Way

STILL = Way(8, 0, 0, 0, 0, 0)


def frames(seconds: float, **changes: object) -> list[Frame]:
    plain = {"faces": 1, "area_ratio": None, "yaw": 0.0, "pitch": 10.0, "roll": 0.0, "ear": 0.3, "blink": 0.05, "luma": 105.0, "std": 28.0, "diff": 0.3}  # fmt: skip
    return [{"t": n / 8, **plain, "gaze": float(n * 7 % 23 - 11), **changes} for n in range(round(seconds * 8))]


def test_the_bounds_are_those_of_the_published_tables() -> None:
    assert poisson(0, 1) == pytest.approx((0, 3.689), abs=0.001)
    assert poisson(10, 2) == pytest.approx((4.795 / 2, 18.39 / 2), abs=0.001)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=0.0001)
    assert wilson(0, 0) == (0, 1)


def test_fair_timelines_last_as_long_as_they_say_and_are_the_same_again() -> None:
    one = Source("a", (tuple(frames(10)),), (), None)
    made = [timelines.fair(one, random.Random(7), 60, timelines.way(random.Random(8))) for _ in range(2)]
    assert made[0] == made[1]
    assert 58 < made[0][-1]["t"] < 60.1
    assert measure.observe(timelines.fair(one, random.Random(7), 60, STILL)) == []


def test_an_event_lies_where_the_timeline_says() -> None:
    one = Source("a", (tuple(frames(10)),), tuple(frames(3, yaw=40.0)), Kind.GAZE_AWAY)
    film, event = timelines.with_event(one, random.Random(7), 5, STILL)
    (found,) = measure.observe(film)
    assert (found.kind, truth.compare([found], [event]).found) == (Kind.GAZE_AWAY, 1)
    assert abs(found.start - event.start) <= 0.25


def test_long_observations_become_warnings_and_very_long_ones_flags() -> None:
    def away(start: float, end: float) -> Observation:
        return Observation(Signal.GAZE, Kind.GAZE_AWAY, start, end, 1.0)

    assert measure.told([away(10, 12)]) == (0, 0)
    assert measure.told([away(10, 16)]) == (1, 0)
    assert measure.told([away(10, 60)]) == (1, 1)


def test_the_page_names_every_number_and_what_it_does_not_prove() -> None:
    tally = measure.Tally(3600.0, 6, {Kind.GAZE_AWAY: 2}, 1, 0)
    found = {(Kind.GAZE_AWAY, 2.5): measure.Found(3, 4, 0, [0.1, 0.2, -0.3])}
    varied = {"noise": measure.Found(9, 10, 1, [])}
    said = page.text(page.Result(varied, (3600, 1800), tally, found, tally, found, 2))
    assert "It is no evidence about people" in said
    assert "| observations of gaze_away | 2 | 2.00 | 0.24 – 7.22 |" in said
    assert "| flags to the interviewer | 0 | 0.00 | at most 3.69 |" in said
    assert "| gaze_away | 2.5 s | 3 of 4 | 30 – 95 % | +0.10 s, at most -0.30 |" in said
    assert "| noise | 9 of 10 | 60 % | 1 |" in said
