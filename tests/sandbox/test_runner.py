"""The embedded runner, over HTTP, with real boxes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_sandbox import runner, runtimes, stages
from greenroom_sandbox.piston import Limits
from greenroom_sandbox.queue import Queue
from greenroom_sandbox.runner import Runner
from tornado.httpclient import AsyncHTTPClient, HTTPResponse


class Far:
    """A runner and a client of it."""

    def __init__(self, runner: Runner, port: int) -> None:
        self.runner, self.port = runner, port
        self.client = AsyncHTTPClient(force_instance=True, max_clients=100)

    async def fetch(self, method: str, path: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
        return await self.client.fetch(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            body=body,
            headers=headers,
            raise_error=False,
            request_timeout=60,
        )

    async def post(self, body: object) -> tuple[int, Any]:
        response = await self.fetch(
            "POST", "/api/v2/execute", json.dumps(body).encode(), **{"Content-Type": "application/json"}
        )
        return response.code, json.loads(response.body)

    async def run(self, language: str, source: str, **more: object) -> Any:
        status, answer = await self.post({"language": language, "version": "*", "files": [{"content": source}], **more})
        assert status == 200, answer
        return answer["run"]


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Far]:
    work = stages.folder_for_work()
    one = Runner(runtimes.installed(), work)
    server, port = one.serve(0)
    yield Far(one, port)
    await asyncio.wait_for(one.stop(), 60)
    server.stop()
    await server.close_all_connections()
    assert not list(work.iterdir()), "a job left something behind"
    shutil.rmtree(work)


async def test_every_installed_language_says_hello(far: Far) -> None:
    programs = {
        "bash": "echo hello",
        "c": '#include <stdio.h>\nint main(){puts("hello");}',
        "c++": '#include <iostream>\nint main(){std::cout << "hello\\n";}',
        "java": 'class Greeting { public static void main(String[] a) { System.out.println("hello"); } }',
        "javascript": "console.log('hello')",
        "python": "print('hello')",
        "r": "cat('hello\\n')",
        "sqlite3": "select 'hello';",
    }
    listed = json.loads((await far.fetch("GET", "/api/v2/runtimes")).body)
    assert {"python", "bash"} <= {one["language"] for one in listed}
    far.runner.limits = Limits(*(60_000,) * 4)  # a JVM on a machine that does much else
    for one in listed:
        ran = await far.run(one["language"], programs[one["language"]])
        assert (ran["stdout"], ran["code"], ran["status"]) == ("hello\n", 0, None), one


async def test_a_failed_compilation_is_told_apart_and_nothing_runs(far: Far) -> None:
    _, answer = await far.post({"language": "c", "version": "*", "files": [{"name": "m.c", "content": "int main({"}]})
    assert answer["compile"]["code"] == 1
    assert answer["compile"]["stderr"].startswith("m.c:1:10: error:")
    assert answer["run"] == answer["compile"]


async def test_including_an_endless_file_ends_at_the_compilation_limit(far: Far) -> None:
    source = '#include "/dev/zero"\nint main(){}'
    _, answer = await far.post(
        {"language": "c", "version": "*", "files": [{"content": source}], "compile_memory_limit": 100_000_000}
    )
    assert answer["compile"]["status"] in {"ML", "TO"}


async def test_the_compiled_program_cannot_change_itself_or_its_folder(far: Far) -> None:
    source = (
        "#include <stdio.h>\n#include <errno.h>\n#include <string.h>\n"
        'int main(int c,char**v){printf("%s\\n",fopen(v[0],"r+")?"open":"refused");strcpy(strrchr(v[0],47),"/x");'
        'printf("%s\\n",fopen(v[0],"w")?"open":"refused");}'
    )
    assert (await far.run("c", source))["stdout"] == "refused\nrefused\n"


async def test_nothing_passes_from_one_job_to_the_next(far: Far) -> None:
    places = "['/dev/shm', '/tmp', '/var/tmp', '/run/lock', '/run', '.', '/home/candidate']"
    write = f"import os\nfor d in {places}:\n try: open(d+'/bean','w').write('b')\n except OSError: pass"
    look = f"import os\nprint([d for d in {places} if os.path.exists(d+'/bean')])"
    await far.run("python", write)
    assert (await far.run("python", look))["stdout"] == "[]\n"


async def test_eight_jobs_at_once_keep_their_output_apart(far: Far) -> None:
    runs = await asyncio.gather(*(far.run("bash", f"echo {n}; cat", stdin=f"in {n}") for n in range(8)))
    assert [ran["stdout"] for ran in runs] == [f"{n}\nin {n}\n" for n in range(8)]


async def test_output_is_kept_up_to_the_cap(far: Far) -> None:
    ran = await far.run("python", "print('x' * 70_000)")
    assert (ran["status"], ran["message"], len(ran["stdout"])) == ("OL", "stdout length exceeded", 65_536)
    ran = await far.run("python", "import sys\nwhile True: print('E', file=sys.stderr)")
    assert (ran["status"], ran["message"], len(ran["stderr"])) == ("EL", "stderr length exceeded", 65_536)


async def test_a_daemon_does_not_outlive_its_job(far: Far) -> None:
    await far.run(
        "python", "import os,time\nif os.fork()==0:\n os.setsid()\n if os.fork()==0: time.sleep(99.125)\n os._exit(0)"
    )
    found = [p for p in Path("/proc").glob("[0-9]*/cmdline") if _reads(p, b"99.125")]
    assert found == []


def _reads(path: Path, word: bytes) -> bool:
    try:
        return word in path.read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("source", "statuses", "printed"),
    [
        ("import os\nwhile True:\n try: os.fork()\n except OSError: pass", {"TO"}, ""),
        ("f=open('big','wb')\ntry: f.write(b'x'*20_000_000)\nexcept OSError as e: print(e.errno)", {None}, "27\n"),
        (
            "try:\n for n in range(99): open(f'f{n}','wb').write(b'x'*8_000_000)\nexcept OSError as e: print(e.errno)",
            {None, "ML"},
            "28\n",
        ),
        (
            "import os\nfs=[]\ntry:\n while True: fs.append(os.dup(1))\nexcept OSError as e: print(e.errno)",
            {None},
            "24\n",
        ),
        ("import os,signal\nos.kill(-1,9)", {"SG", "RE"}, ""),
        ("import os,signal\nos.kill(os.getppid(),9)", {None, "SG", "RE"}, ""),
        ("import sys\nsys.stdin.close()", {None}, ""),
    ],
    ids=["fork bomb", "large file", "full disk", "descriptors", "kill all", "kill parent", "stdin unread"],
)
async def test_a_hostile_job_ends_and_the_next_one_is_served(
    far: Far, source: str, statuses: set[str | None], printed: str
) -> None:
    ran = await far.run("python", source, stdin="x" * 90_000)
    assert ran["status"] in statuses, ran
    assert ran["stdout"] == printed or ran["status"] == "ML"
    assert (await far.run("bash", "echo next"))["stdout"] == "next\n"


async def test_a_job_has_no_network_and_sees_no_secret(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_RUNNER", "42")
    source = (
        f"import os,socket\nprint('SECRET_OF_THE_RUNNER' in os.environ)\n"
        f"try: socket.create_connection(('127.0.0.1',{far.port}),2);print('connected')\nexcept OSError: print('refused')"
    )
    assert (await far.run("python", source))["stdout"] == "False\nrefused\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"run_timeout": 0}, "run_timeout must be at least 1: 0 would mean no limit; leave it out for 3000"),
        ({"run_cpu_time": 0.5}, "run_cpu_time must be at least 1: 0 would mean no limit; leave it out for 3000"),
        ({"compile_timeout": -1}, "compile_timeout must be non-negative"),
        ({"compile_cpu_time": 10_001}, "compile_cpu_time cannot exceed the configured limit of 10000"),
        ({"run_memory_limit": -1}, "run_memory_limit must be non-negative"),
        ({"run_memory_limit": 10**12}, "run_memory_limit cannot exceed the configured limit of 268435456"),
        ({"compile_memory_limit": True}, "If specified, compile_memory_limit must be a number"),
        ({"stdin": 3}, "If specified, stdin must be a string"),
        ({"args": "a b"}, "If specified, args must be an array of strings"),
        ({"args": ["a\0b"]}, "If specified, args must be an array of strings"),
        ({"files": []}, "files is required as an array"),
        ({"files": [None]}, "files[0].content is required as a string"),
        ({"files": [{"content": "x", "encoding": "utf16"}]}, "files[0].encoding must be one of utf8, base64, hex"),
        ({"files": [{"content": "x!", "encoding": "base64"}]}, "files[0].content is not valid base64"),
        ({"files": [{"content": ""}] * 65}, "files cannot be more than 64; there are 65"),
        (
            {"files": [{"name": "a", "content": ""}, {"name": "a/b", "content": ""}]},
            'files[1].name "a/b" was refused: a file stands where it needs a folder',
        ),
        (
            {"files": [{"name": "a", "content": ""}, {"name": "a", "content": ""}]},
            'files[1].name "a" was refused: another file has it',
        ),
        ({"version": "<3"}, "python-<3 runtime is unknown"),
    ],
    ids=str,
)
async def test_a_wrong_request_is_refused_in_words(far: Far, more: dict[str, object], message: str) -> None:
    body = {"language": "python", "version": "*", "files": [{"content": "1"}], **more}
    assert await far.post(body) == (400, {"message": message})


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "a//b", ".", "a/.", "a\nb", 'a"b', "x/" * 8 + "x"]
)
async def test_a_file_name_stays_inside(far: Far, name: str) -> None:
    status, answer = await far.post({"language": "bash", "version": "*", "files": [{"name": name, "content": ""}]})
    assert status == 400
    assert "a name stays inside the job's folder" in answer["message"]


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"", b'{"language": ', b"\xff\xfe", b'{"stdin": "\\ud800"}'])
async def test_a_body_that_is_no_object_is_refused_without_a_stack_trace(far: Far, body: bytes) -> None:
    response = await far.fetch("POST", "/api/v2/execute", body, **{"Content-Type": "application/json"})
    assert response.code == 400
    assert json.loads(response.body)["message"].startswith(("the body ", "language is required"))
    assert b"Traceback" not in response.body


async def test_a_chunked_body_is_held_to_the_same_length(far: Far) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", far.port)
    head = "POST /api/v2/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode() + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 8 + b"0\r\n\r\n")
    assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    assert b'{"message":"the body cannot exceed 102400 bytes"}' in await reader.readuntil(b"}")
    writer.close()


async def test_a_full_queue_says_how_long_it_is(far: Far) -> None:
    far.runner.queue = Queue(1, waiting=1)
    jobs = [
        asyncio.create_task(far.post({"language": "bash", "version": "*", "files": [{"content": "read x; sleep 1"}]}))
    ]
    while not far.runner.queue.inside:
        await asyncio.sleep(0.01)
    jobs.append(asyncio.create_task(far.post({"language": "bash", "version": "*", "files": [{"content": "echo 2"}]})))
    while not far.runner.queue.line:
        await asyncio.sleep(0.01)
    status, answer = await far.post({"language": "bash", "version": "*", "files": [{"content": "echo 3"}]})
    assert (status, answer["message"]) == (503, "1 jobs run and 1 wait, as many as may; try again in a moment")
    assert [status for status, _ in await asyncio.gather(*jobs)] == [200, 200]


async def test_a_client_that_leaves_ends_its_job(far: Far) -> None:
    far.runner.limits = Limits(run_timeout=600_000)
    body = json.dumps({"language": "bash", "version": "*", "files": [{"content": "sleep 600"}]}).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", far.port)
    head = f"POST /api/v2/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    while not far.runner.queue.inside:
        await asyncio.sleep(0.01)
    writer.close()
    await asyncio.wait_for(far.runner.queue.empty(), 60)


async def test_a_client_that_leaves_the_line_never_runs(far: Far) -> None:
    far.runner.queue = Queue(0, waiting=1)
    body = json.dumps({"language": "bash", "version": "*", "files": [{"content": "echo"}]}).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", far.port)
    head = f"POST /api/v2/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    while not far.runner.queue.line:
        await asyncio.sleep(0.01)
    writer.close()
    while far.runner.queue.line:
        await asyncio.sleep(0.01)


def test_a_port_in_use_is_said_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert runner.main(["--port", str(port)]) == 2
    assert f"Port {port} was refused: Address already in use. Choose another with --port." in capsys.readouterr().err


def test_a_limit_of_zero_is_refused_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        runner.main(["--run-timeout", "0"])
    assert "--run-timeout 0 was refused; give a number above 0" in capsys.readouterr().err


async def test_the_folder_of_a_killed_runner_is_swept() -> None:
    ended = await asyncio.create_subprocess_exec("true")
    await ended.wait()
    mine = stages.folder_for_work()
    left = mine.parent / f"greenroom-runner-{ended.pid}-left"
    left.mkdir()
    (left / "a.out").write_text("x")
    again = stages.folder_for_work()
    assert not left.exists()
    assert mine.exists()
    mine.rmdir()
    again.rmdir()


async def test_the_command_ends_on_sigterm_and_leaves_no_folder(tmp_path: Path) -> None:
    code = "import sys; from greenroom_sandbox.runner import main; sys.exit(main(['--port', '0']))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("Runner on http://127.0.0.1:")
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0
