"""The grader with real boxes: honest work passes, forged work does not, and nothing comes out but counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from greenroom_hub.grading.checks import Call, Predict, Score
from greenroom_hub.grading.grader import Broken, Grader, Outcome, Work

REFERENCE = b"""
def second_largest(numbers):
    return sorted(set(numbers))[-2]

def cases(random, count):
    for _ in range(count):
        yield [[random.randint(-99, 99) for _ in range(8)] + [100, -100]]
"""
CHECK = Call(
    name="second", title="The second largest", function="second_largest", reference="r.py", cases=3, seconds=60
)
HONEST = "def second_largest(numbers):\n    return sorted(set(numbers))[-2]"


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(Path(sys.prefix) / "environments" / "default", memory=1024)


async def graded(grader: Grader, *cells: str, seed: int = 7, check: Call = CHECK, **files: bytes) -> Outcome:
    return await grader.grade(check, {"r.py": REFERENCE}, Work(cells, files), seed)


async def test_honest_work_passes_every_case(grader: Grader) -> None:
    told: list[tuple[int, int]] = []
    work = Work(["x = 1/0", "%%piston bash\necho no door here", "print('loud' * 1000)", HONEST, "%check"], {})
    outcome = await grader.grade(CHECK, {"r.py": REFERENCE}, work, 1, lambda done, total: told.append((done, total)))
    assert outcome == Outcome(3, 3)
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_work_that_is_right_now_and_then_passes_now_and_then(grader: Grader) -> None:
    half = "def second_largest(numbers):\n    top = sorted(set(numbers))[-2]\n    return top if top % 2 else 0"
    passed = {(await graded(grader, half, seed=seed)).passed for seed in (1, 2, 3, 4)}
    assert passed - {0, 3}, "each seed makes cases of its own"


# The seven of the field notes, and rows 41 to 48 of the hostile cases.
FORGERIES = {
    "41 prints success and leaves": "import os\nprint('RESULT {\"passed\": true}', flush=True)\nos._exit(0)",
    "41 prints success when it is called": (
        'import os\ndef second_largest(n):\n    os.write(1, b\'{"ready": true}\\n{"value": 1}\\n\'); os._exit(0)'
    ),
    "42 patches the tests' own tools": (
        "import unittest, operator, json\nunittest.TestCase.assertEqual = lambda *a, **k: None\n"
        "operator.eq = lambda a, b: True\njson.dumps = lambda *a, **k: '{}'\ndef second_largest(n): return 0"
    ),
    "gives an object that equals everything": (
        "class E(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef second_largest(n): return E(0)"
    ),
    "43 reads the files beside it": (
        "import pathlib, re\ntext = ''.join(p.read_text() for p in pathlib.Path('.').rglob('*') if p.is_file())\n"
        "def second_largest(n): return int(re.findall(r'expected.*?(-?\\d+)', text)[0])"
    ),
    "reads its callers' variables": (
        "import sys\ndef second_largest(n):\n    f = sys._getframe()\n    while f:\n"
        "        for name in ('expected', 'want', 'answer'):\n            if name in f.f_locals: return f.f_locals[name]\n"
        "        f = f.f_back\n    return 0"
    ),
    "rewrites what is printed": (
        "import sys, io, json\nold = json.dumps\njson.dumps = lambda o, **k: old(o).replace('false', 'true')\n"
        "class W(io.StringIO):\n    def write(s, t): return sys.__stdout__.write(t.replace('0', '1'))\n"
        "sys.stdout = W()\ndef second_largest(n): return 0"
    ),
    "44 knows the visible cases": "def second_largest(n): return {(3, 1, 2): 2, (5, 5, 4): 4, (10, 9): 9}.get(tuple(n), 0)",
    "45 writes the results": (
        "import json\nfor f in ('results.json', '/tmp/results.json', 'run_autograder'):\n"
        "    open(f, 'w').write(json.dumps({'passed': 3, 'score': 100}))\ndef second_largest(n): return 0"
    ),
    "46 calls home": (
        "import socket\ndef second_largest(n):\n    socket.create_connection(('198.51.100.1', 80), 2); return 0"
    ),
    "48 marks its own cells": "get_ipython().user_ns['__grade__'] = 100\ndef second_largest(n): return 0",
    "answers before it is asked": (
        'import os\nfor fd in range(3, 64):\n    try: os.write(fd, b\'{"ready": true}\\n{"nonce": "", "value": {}}\\n\')\n'
        "    except OSError: pass\ndef second_largest(n): return 0"
    ),
    "answers twice": (
        "import os, json\ndef second_largest(n):\n    for fd in range(3, 64):\n"
        "        for v in range(-99, 100):\n            try: os.write(fd, json.dumps({'value': {'t': 'int', 'v': str(v)}}).encode() + b'\\n')\n"
        "            except OSError: break\n    return 0"
    ),
    "raises": "def second_largest(n): raise SystemExit(0)",
    "is no answer but a promise": "def second_largest(n): return max(n) if False else None",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_grade_is_0(grader: Grader, name: str) -> None:
    check = Call(name="second", title="x", function="second_largest", reference="r.py", cases=1, seconds=60)
    assert (await graded(grader, FORGERIES[name], check=check)).passed == 0


async def test_47_what_hidden_runs_print_never_comes_out(grader: Grader) -> None:
    loud = "def second_largest(n):\n    print('the hidden input is', n)\n    raise ValueError(f'it was {n}')"
    outcome = await graded(grader, loud)
    assert outcome == Outcome(0, 3), "no note, no text: two numbers"


async def test_what_goes_wrong_before_any_case_is_said(grader: Grader) -> None:
    assert (await graded(grader, "x = 1")).note == (
        "After the notebook was run from the top there is no function second_largest()."
    )
    assert (await graded(grader, "import os; os._exit(0)")).note == "The notebook, run from the top, ended its kernel."
    short = Call(name="second", title="x", function="second_largest", reference="r.py", seconds=4)
    assert (await graded(grader, "while True: pass", check=short)).note == (
        "The notebook, run from the top, did not end within 4 s of processor time."
    )


async def test_the_template_s_files_are_there_as_they_were_given_out(grader: Grader) -> None:
    cell = "text = open('data/x.csv').read()\ndef second_largest(n): return sorted(set(n))[-2] if text == 'a,b' else 0"
    work = Work([cell], {"data/x.csv": b"a,b"})
    assert (await grader.grade(CHECK, {"r.py": REFERENCE}, work, 3)).passed == 3


async def test_predictions_for_rows_it_never_saw(grader: Grader) -> None:
    check = Predict(
        name="late",
        title="x",
        function="predict",
        holdout="h.csv",
        target="y",
        score=Score.ACCURACY,
        bar=0.9,
        seconds=60,
    )
    rows = b"x,y\n" + b"".join(f"{n},{int(n > 5)}\n".encode() for n in range(20))

    async def passed(cell: str) -> int:
        return (await grader.grade(check, {"h.csv": rows}, Work([cell], {}), 0)).passed

    assert await passed("def predict(table): return (table.x > 5).astype(int)") == 1
    assert await passed("def predict(table): return [0] * len(table)") == 0
    assert await passed("def predict(table): return table.y") == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"def cases(random, count): return []", "made no case"),
        (b"1/0", "ZeroDivisionError"),
        (b"def cases(random, count): yield [1]", "KeyError: 'second_largest'"),
    ],
)
async def test_a_broken_reference_is_the_house_s_fault_and_says_so(grader: Grader, source: bytes, said: str) -> None:
    with pytest.raises(Broken, match=said):
        await grader.grade(CHECK, {"r.py": source}, Work([HONEST], {}), 1)
