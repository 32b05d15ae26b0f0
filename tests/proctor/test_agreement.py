"""Both detectors, Python's and the browser's, find the same in traces that nobody wrote: to the last digit they give."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from greenroom_proctor import rules, trace

LAB = Path(__file__).parents[2] / "labextension"
TABLE = rules.load().detector
NONE = dict.fromkeys(("yaw", "pitch", "roll", "gaze", "ear", "blink"))

# What a stretch of a random trace is made of; each lasts up to five seconds.
SCENES: list[dict[str, Any]] = [
    {},
    {"yaw": 35.0},
    {"yaw": -14.0, "gaze": -14.0},
    {"pitch": 25.0, "ear": 0.12, "blink": 0.5},
    {"pitch": -12.0},
    {"ear": 0.17},
    {"faces": 2, "area_ratio": 0.4},
    {"faces": 2, "area_ratio": 0.1},
    {"faces": 0, **NONE},
    {"faces": 0, **NONE, "luma": 2.0, "std": 0.5},
    {"faces": 0, **NONE, "luma": 45.0, "std": 8.0},
    {"faces": 0, **NONE, "luma": 20.0, "std": 9.0},
    {"diff": 0.0, "still": True},
    {"still": True},
    {"luma": 245.0},
    {"faces": None, **NONE},
]


def random_trace(dice: random.Random) -> dict[str, Any]:
    fps = dice.choice([2, 5, 8, 12.5, 30])
    noise = dice.choice([0.2, 1.0, 3.0])
    frames: list[dict[str, Any]] = []
    t, until, scene = 0.0, 0.0, SCENES[0]
    while t < 30:
        if t >= until:
            scene, until = (dice.choice(SCENES) if t > 3 else SCENES[0]), t + dice.uniform(0.3, 5)
        if dice.random() > 0.03:  # now and then a frame is dropped
            frames.append({"t": round(t, 4), **_frame(dice, scene, noise)})
        t += 1 / fps if dice.random() > 0.01 else dice.uniform(0.5, 4)
    return {"fps": fps, "calibrate": dice.choice([None, [0.0, 2.5]]), "frames": frames}


def _frame(dice: random.Random, scene: dict[str, Any], noise: float) -> dict[str, Any]:
    plain = {
        "faces": 1, "area_ratio": None, "yaw": 1.0, "pitch": 10.0, "roll": 0.0, "gaze": 0.0, "ear": 0.3, "blink": 0.05,
        "luma": 105.0, "std": 28.0, "diff": 0.4,
    }  # fmt: skip
    if not scene.get("still") and dice.random() < 0.06:
        plain |= {"ear": 0.05, "blink": 0.6}
    made = plain | {name: value for name, value in scene.items() if name != "still"}
    wide = {"yaw": noise, "pitch": noise, "gaze": 0.5 if scene.get("still") else 4 * noise, "ear": 0.01 * noise}
    return {
        name: value + dice.gauss(0, wide[name]) if value is not None and name in wide else value
        for name, value in made.items()
    }


def test_both_detectors_find_the_same_in_two_hundred_random_traces(tmp_path: Path) -> None:
    dice = random.Random(20261128)
    traces = [random_trace(dice) for _ in range(200)]
    (tmp_path / "traces.json").write_text(json.dumps(traces))
    run = subprocess.run(
        ["node", "scripts/detect.mjs", str(tmp_path / "traces.json")],
        cwd=LAB,
        capture_output=True,
        text=True,
        check=True,
    )
    browsers = [[_plain(one) for one in found] for found in json.loads(run.stdout)]
    ours = [[_ours(one) for one in trace.observe(TABLE, trace.read(json.dumps(one).encode()))] for one in traces]
    assert browsers == ours
    found = {one[1] for trace_ in ours for one in trace_}
    assert found == {one.kind for one in TABLE.rules if one.source == "frames"}, "the traces show every kind"


def _plain(one: dict[str, Any]) -> tuple[str, str, float, float, float]:
    return (one["signal"], one["kind"], round(one["start"], 3), round(one["end"], 3), round(one["confidence"], 3))


def _ours(one: trace.Observation) -> tuple[str, str, float, float, float]:
    return (one.signal, one.kind, one.start, one.end, one.confidence)
