"""What a real Piston answered, sent to ours: the same answer, or a better one that is named in docs/piston.md."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from greenroom_sandbox import bubblewrap
from greenroom_sandbox.piston import Limits
from sandbox.test_runner import Far, far

__all__ = ["far"]

RECORDINGS = Path(__file__).parents[1] / "resources" / "piston"
VARYING = {"memory", "cpu_time", "wall_time", "version"}

SAME = [
    "args",
    "body-99k",
    "exception",
    "exit-256",
    "exit-7",
    "file-20mb",
    "file-noname",
    "files-missing",
    "get-execute",
    "hello",
    "hello-bash",
    "hello-c",
    "hello-js",
    "inf-loop",
    "keepalive-after",
    "lang-missing",
    "lang-unknown",
    "multi-files",
    "no-type",
    "notfound",
    "out-1024",
    "out-utf8",
    "shm-writer",
    "sleep-wall",
    "stdin",
    "stdin-90k",
    "stdin-none",
    "sys-cgroup",
    "timeout-neg",
    "timeout-over",
    "timeout-str",
    "version-missing",
    "version-number",
    "version-range",
    "zombie",
]

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/home/candidate",
    "USER": "candidate",
    "LOGNAME": "candidate",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PISTON_LANGUAGE": "python",
}

BETTER: dict[str, tuple[int, dict[str, Any]]] = {
    "bad-json": (400, {"message": "the body is not valid JSON: Input data was truncated"}),
    "body-101k": (413, {"message": "the body cannot exceed 102400 bytes"}),
    "c-abort": (200, {"code": None, "signal": "SIGABRT", "status": "SG", "stderr": ""}),
    "c-segv": (200, {"code": None, "signal": "SIGSEGV", "status": "SG", "stderr": ""}),
    "compile-error": (200, {"code": 1, "status": "RE"}),
    "err-runaway": (200, {"status": "EL", "stderr": "E\n" * 32_768, "output": "E\n" * 32_768}),
    "file-dash": (200, {"code": 0, "stdout": "1\n"}),
    "file-null": (400, {"message": "files[0].content is required as a string"}),
    "file-traversal": (
        400,
        {
            "message": 'files[0].name "../../evil.py" was refused: a name stays inside the job\'s folder, '
            "is plain and at most 200 bytes and 8 levels long"
        },
    ),
    "hello-java": (200, {"code": 0, "stdout": "hi java\n"}),
    "mem-1gb-64m": (200, {"code": None, "signal": "SIGKILL", "status": "ML", "message": "memory limit exceeded"}),
    "mem-over": (400, {"message": "run_memory_limit cannot exceed the configured limit of 268435456"}),
    "out-1025": (200, {"code": 0, "status": None, "stdout": "x" * 1025}),
    "out-100mb": (200, {"status": "OL", "message": "stdout length exceeded", "stdout": "x" * 65_536, "stderr": ""}),
    "shm-reader": (200, {"code": 1, "stdout": ""}),
    "sigsegv": (200, {"code": None, "signal": "SIGSEGV", "status": "SG", "stderr": ""}),
    "sigterm-self": (200, {"code": None, "signal": "SIGTERM", "status": "SG", "stderr": ""}),
    "timeout-0": (400, {"message": "run_timeout must be at least 1: 0 would mean no limit; leave it out for 3000"}),
    "env": (200, {"code": 0, "stdout": f"{_ENVIRONMENT}\n"}),
    "forkbomb": (200, {"code": None, "signal": "SIGKILL", "status": "TO", "stdout": ""}),
    "keyring": (200, {"stdout": "shmget 0 msgget 0 add_key -1 1\n"}),
    "ls-root": (200, {"code": 0, "stderr": ""}),
    "network-dns": (200, {"code": 1, "stdout": "", "status": "RE"}),
    "network-lo": (200, {"code": 1, "stdout": "", "status": "RE"}),
    "network-tcp": (200, {"code": 1, "stdout": "", "status": "RE"}),
    "open-files": (200, {"code": 0, "stdout": "253 [Errno 24] Too many open files: '/dev/null'\n"}),
    "out-mixed": (200, {"code": 0, "stdout": "o 0\no 1\no 2\no 3\no 4\n", "stderr": "e 0\ne 1\ne 2\ne 3\ne 4\n"}),
    "passwd": (200, {"code": 0, "stderr": ""}),
    "persist-1": (200, {"code": 0, "stderr": ""}),
    "pkg-write": (200, {"code": 1, "stdout": ""}),
    "proc": (200, {"code": 0, "stderr": ""}),
    "ptrace": (200, {"code": 0, "stdout": "-1 1\n"}),
    "setuid-bin": (200, {"code": 0, "status": None}),
    "symlink": (200, {"code": 0, "stdout": "[Errno 2] No such file or directory: 's'\n"}),
    "unix-vsock": (200, {"code": 0, "stdout": "vsock [Errno 13] Permission denied\n"}),
}
ELSEWHERE = {"root", "runtimes"}
# Recordings about the limits themselves. The others get more time: this machine may do much else.
ABOUT_LIMITS = {
    "forkbomb",
    "inf-loop",
    "mem-over",
    "sleep-wall",
    "timeout-0",
    "timeout-neg",
    "timeout-over",
    "timeout-str",
}
PATIENT = Limits(*(60_000,) * 4)


def _whole(value: Any) -> Any:
    """The recording with its long strings, which were clipped to their two ends, made whole again."""
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict) and value.get("$clipped"):
        return value["head"] + "x" * (value["len"] - len(value["head"]) - len(value["tail"])) + value["tail"]
    return {key: _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items() if key not in VARYING}
    return value.replace("/box/submission/", "/home/candidate/") if isinstance(value, str) else value


async def _send(far: Far, recording: dict[str, Any]) -> tuple[int, Any]:
    request = recording["request"]
    if recording["id"] not in ABOUT_LIMITS:
        far.runner.limits = PATIENT
    body = request["body"] if isinstance(request["body"], str | None) else json.dumps(_whole(request["body"]))
    response = await far.fetch(
        request["method"], request["path"], None if body is None else body.encode(), **request["headers"]
    )
    return response.code, json.loads(response.body)


def _recorded(name: str) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return recording


@pytest.mark.parametrize("name", SAME)
async def test_ours_answers_as_recorded(far: Far, name: str) -> None:
    recording = _recorded(name)
    status, answer = await _send(far, recording)
    assert (status, _masked(answer)) == (recording["response"]["status"], _masked(recording["response"]["body"]))


@pytest.mark.parametrize("name", sorted(BETTER))
async def test_ours_answers_better(far: Far, name: str) -> None:
    status, answer = await _send(far, _recorded(name))
    expected_status, expected = BETTER[name]
    if name == "hello-java" and not any(one.info.language == "java" for one in far.runner.known):
        expected_status, expected = 400, {"message": "java-* runtime is unknown"}
    if name == "mem-1gb-64m" and os.geteuid() != 0:  # without a control group the program itself is told: no more
        expected = {"code": 1, "signal": None}
    found = answer.get("run", answer)
    assert (status, {key: found[key] for key in expected}) == (expected_status, expected)


def test_each_recording_is_used_and_each_better_answer_is_documented() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.json") if not path.stem.startswith("ws-")} == {
        *SAME,
        *BETTER,
        *ELSEWHERE,
    }
    page = (Path(__file__).parents[2] / "docs" / "piston.md").read_text()
    assert [name for name in BETTER if f"`{name}`" not in page] == []


async def test_the_list_of_runtimes_has_the_recorded_names(far: Far) -> None:
    _, listed = await _send(far, _recorded("runtimes"))
    ours = {one["language"]: one for one in listed}
    for one in _recorded("runtimes")["response"]["body"]:
        if one["language"] in ours:
            assert _masked(ours[one["language"]]) == _masked(one)


async def test_the_banner_is_a_message(far: Far) -> None:
    status, answer = await _send(far, _recorded("root"))
    assert status == 200
    assert list(answer) == list(_recorded("root")["response"]["body"])


async def test_no_path_of_the_machine_is_seen_inside(far: Far) -> None:
    seen = {name: (await _send(far, _recorded(name)))[1]["run"]["stdout"] for name in ("proc", "ls-root", "passwd")}
    # Where bubblewrap itself is installed is seen: it is the name of process 1.
    assert str(Path(__file__).parents[2]) not in "".join(seen.values()).replace(str(bubblewrap.program()), "")
    assert "piston" not in seen["ls-root"].partition("]")[0]
    assert "root:" not in seen["passwd"]


@pytest.mark.parametrize("name", ["network-dns", "network-lo", "network-tcp"])
async def test_there_is_no_network_and_it_is_said_at_once(far: Far, name: str) -> None:
    ran = (await _send(far, _recorded(name)))[1]["run"]
    assert "rror: [Errno" in ran["stderr"].splitlines()[-1]
    assert ran["wall_time"] < 2000  # milliseconds; the program itself would have waited 2 s for a connection
