"""`greenroom sandbox`, as people call it: what it says of each way a program can end."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GREENROOM = str(Path(sys.executable).with_name("greenroom"))
PYTHON = "/usr/bin/python3"
KEYS = ["status", "exit_code", "signal", "stdout", "stderr", "wall_seconds", "cpu_seconds", "memory_bytes"]


def sandbox(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([GREENROOM, "sandbox", *words], input=stdin, capture_output=True, check=False, timeout=120)


def told(program: str, *limits: str, stdin: bytes = b"") -> dict[str, Any]:
    """The JSON about a Python program."""
    done = sandbox("--json", *limits, "--", PYTHON, "-c", program, stdin=stdin)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert list(found) == KEYS
    return found


def test_an_honest_program_is_ok_with_all_numbers() -> None:
    found = told("print(sum(range(10**6)))")
    assert (found["status"], found["exit_code"], found["signal"]) == ("ok", 0, None)
    assert (found["stdout"], found["stderr"]) == ("499999500000\n", "")
    assert 0 < found["cpu_seconds"] < 10
    assert found["wall_seconds"] > 0
    assert found["memory_bytes"] > 1 << 20


@pytest.mark.parametrize("code", [1, 7, 126, 137, 255])
def test_an_exit_code_is_an_error_with_that_code(code: int) -> None:
    found = told(f"raise SystemExit({code})")
    assert (found["status"], found["exit_code"], found["signal"]) == ("error", code, None)


@pytest.mark.parametrize("number", [6, 9, 11, 15])
def test_a_death_by_a_signal_names_it(number: int) -> None:
    found = told(f"import os; os.kill(os.getpid(), {number})")
    assert (found["status"], found["exit_code"], found["signal"]) == ("signal", None, number)


def test_used_up_memory_is_named_memory() -> None:
    found = told("x = bytearray(10**9)\nfor i in range(0, 10**9, 4096): x[i] = 1", "--memory", "64")
    assert found["status"] == "memory" or "MemoryError" in found["stderr"], found
    assert found["memory_bytes"] <= 80 << 20


def test_a_sleeper_ends_at_the_wall_clock_s_limit() -> None:
    found = told("import time; time.sleep(60)", "--wall", "1", "--cpu", "50")
    assert found["status"] == "time"
    assert 1 <= found["wall_seconds"] < 60
    assert found["cpu_seconds"] < 1


def test_a_loop_ends_at_the_processor_s_limit() -> None:
    found = told("while True: pass", "--wall", "100", "--cpu", "1")
    assert found["status"] == "time"
    assert found["cpu_seconds"] >= 1
    assert found["wall_seconds"] < 100


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_first_bytes_of_too_much_output_are_kept(stream: str) -> None:
    found = told(f"import sys\nsys.{stream}.write('first' + 'x' * (5 << 20))", "--output", "100")
    assert found["status"] == "output"
    assert found[stream] == "first" + "x" * 95


def test_output_up_to_the_limit_is_no_offence() -> None:
    found = told("print('x' * 99)", "--output", "100")
    assert (found["status"], len(found["stdout"])) == ("ok", 100)


def test_a_fork_bomb_ends_at_a_limit() -> None:
    found = told("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", "--wall", "3", "--cpu", "2")
    assert found["status"] in {"time", "signal"}
    assert told("print(6 * 7)")["stdout"] == "42\n"


def test_input_arrives_byte_for_byte_and_ends() -> None:
    content = bytes(range(256)) * 1000
    program = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    done = sandbox("--", PYTHON, "-c", program, stdin=content)
    assert done.stdout.decode().strip() == hashlib.sha256(content).hexdigest()


def test_output_that_is_no_text_comes_out_byte_for_byte() -> None:
    content = bytes(range(256))
    assert sandbox("--", "cat", stdin=content).stdout == content
    assert "\ufffd" in json.loads(sandbox("--json", "--", "cat", stdin=b"\xff").stdout)["stdout"]


def test_without_json_the_program_s_streams_and_code_are_ours() -> None:
    done = sandbox("--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 3)


def test_words_behind_the_dashes_are_the_program_s() -> None:
    assert sandbox("--", "echo", "--json", "--wall", "1").stdout == b"--json --wall 1\n"


def test_a_program_that_is_not_there_is_an_error() -> None:
    found = json.loads(sandbox("--json", "--", "no-such-program").stdout)
    assert (found["status"], found["exit_code"]) == ("error", 127)
    assert "No such file" in found["stderr"]


@pytest.mark.parametrize("words", [["--wall", "0"], ["--cpu", "-1"], ["--memory", "nan"], ["--output", "x"], []])
def test_a_limit_that_is_none_is_refused(words: list[str]) -> None:
    done = sandbox(*words, *(["--", "true"] if words else []))
    assert done.returncode == 2
    assert b"usage" in done.stderr
