"""The last step before hostile code, inside its box or container: limits, Landlock, seccomp, own uid, then the program.

Runs as a plain file under `python3 -I -S`, with nothing of Greenroom beside it: standard library, any Python from 3.8.
`launch.py ORDERS -- PROGRAM…`, ORDERS as `packed` makes them: rlimits {name: value}, uid (or None), umask, home,
readable (default: everything), writable, shared and sockets (folders), report (a file descriptor for the outcome, or
None to become the program). In a container, where no bubblewrap has done it before: filters (two seccomp filters in
hex, for a kernel with Landlock and for one without), oom (the program's oom_score_adj) and ward (whether to stay as the
program's parent, who ends what it leaves behind).

`launch.py fd:N` waits for its orders at a descriptor until the other end is closed, so that a box can be made before
anybody knows for what. They then say the program, too, its env, its files (name: bytes) and stdin (whether it has one).
"""

import ctypes
import marshal
import os
import resource
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any
else:  # the public one, like json, costs every box 10 ms
    import _signal as signal

# Landlock (linux/landlock.h). Bits of access to files:
EXECUTE, WRITE, READ, READ_DIR, REMOVE_FILE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5
MAKE_CHAR, MAKE_SOCKET, MAKE_FIFO, MAKE_BLOCK, MAKE_LINK = 1 << 6, 1 << 9, 1 << 10, 1 << 11, 1 << 12
REFER, TRUNCATE, IOCTL = 1 << 13, 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE | READ | TRUNCATE | IOCTL
FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many bits an ABI knows; 16 from ABI 5 on
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
NO_NEW_PRIVILEGES, DUMPABLE, DROP_BOUND, SET_NAME, SECCOMP, SUBREAPER = 38, 4, 24, 15, 22, 36
SCOPES = 6  # the ABI from which on Landlock keeps signals and abstract sockets in
WARDEN = b"warden"  # the name of a parent that stays, so that whoever looks for the program passes it over

libc = ctypes.CDLL(None, use_errno=True)


def packed(orders: "dict[str, Any]") -> bytes:
    """Orders as they go through a descriptor; in hex they are an argument."""
    return marshal.dumps(orders, 2)  # the last format that every Python 3 reads


def unpacked(argument: str) -> "dict[str, Any]":
    """Orders from an argument, or from the descriptor that it names. SystemExit when nobody wanted this box."""
    if not argument.startswith("fd:"):
        return marshal.loads(bytes.fromhex(argument))  # type: ignore[no-any-return]  # noqa: S302 - ours
    handle, pieces = int(argument[3:]), []
    while piece := os.read(handle, 65_536):
        pieces.append(piece)
    os.close(handle)
    if not pieces:
        raise SystemExit(0)
    return marshal.loads(b"".join(pieces))  # type: ignore[no-any-return]  # noqa: S302 - ours


def _syscall(number: int, *arguments: object) -> int:
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def landlock_abi() -> int:
    """The Landlock version of this kernel; 0 when there is none."""
    try:
        return _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def landlock(readable: "list[str]", writable: "list[str]", shared: "list[str]", sockets: "list[str]") -> None:
    """Confine this process for good.

    `writable`: folders of its own. `shared`: folders somebody else reads too, so no links, sockets or pipes. `sockets`:
    sockets and nothing else can be made there. `readable` can only be read and run; what is in none of them, neither.
    """
    abi = landlock_abi()
    if abi == 0:
        return
    everything = (1 << FILE_BITS.get(abi, 16)) - 1
    network = 3 if abi >= 4 else 0  # bind and connect over TCP: no rule allows any
    scope = 3 if abi >= SCOPES else 0  # abstract sockets and signals stay inside
    attributes = struct.pack("<QQQ", everything, network, scope)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = _syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    own = everything & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL)
    for folders, access in (
        (readable, EXECUTE | READ | READ_DIR),
        (["/dev"], WRITE | TRUNCATE | IOCTL),
        (writable, own),
        (shared, own & ~(MAKE_LINK | MAKE_FIFO | MAKE_SOCKET)),
        (sockets, READ | READ_DIR | MAKE_SOCKET | REMOVE_FILE),
    ):
        for folder in folders:
            if folders is readable and not os.path.exists(folder):  # noqa: PTH110
                continue
            # A folder that is not writable may still be a mount of a single file; then only a file's rights are legal.
            _allow(rules, access & everything & (-1 if os.path.isdir(folder) else ON_FILES), folder)  # noqa: PTH112
    _restrict(rules)


def _allow(rules: int, access: int, folder: str) -> None:
    handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    _syscall(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(1), struct.pack("<Qi", access, handle), ctypes.c_uint(0))
    os.close(handle)


def _restrict(rules: int) -> None:
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _syscall(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def keep_signals_in() -> bool:
    """Let this process and its children signal each other and nobody else. Whether this kernel can."""
    if landlock_abi() < SCOPES:
        return False
    scopes = struct.pack("<QQQ", REFER, 0, 3)  # moving files about is refused by every rule set that does not allow it
    rules = _syscall(CREATE_RULESET, scopes, ctypes.c_size_t(len(scopes)), ctypes.c_uint(0))
    _allow(rules, REFER, "/")
    _restrict(rules)
    return True


def seccomp(program: bytes) -> None:
    """Have the kernel refuse what this filter names, for good. OSError where there are no filters."""
    steps = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(steps))
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.prctl(SECCOMP, 2, described, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, "the seccomp filter was refused: " + os.strerror(code))


def drop(uid: int) -> None:
    """Become `uid`, with no group, no capability and no way back."""
    for capability in range(64):
        libc.prctl(DROP_BOUND, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # That left what could be inherited; version 3 of the call, this process, and three empty sets of 64.
    libc.capset(struct.pack("<Ii", 0x20080522, 0), bytes(24))


def supervise(program: "list[str]", report: int) -> int:
    """Run the program as a child and write how it ended, so that exit code 137 and a kill are told apart."""
    libc.prctl(DUMPABLE, 0, 0, 0, 0)  # the program, of the same uid, cannot open our descriptors
    child = os.fork()
    if child == 0:
        os.close(report)
        become(program)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _, status, usage = os.wait4(child, 0)
    signalled = os.WIFSIGNALED(status)
    how = ("signal", os.WTERMSIG(status)) if signalled else ("code", os.WEXITSTATUS(status))
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    os.write(report, f'{{"cpu": {cpu:f}, "peak": {peak}, "{how[0]}": {how[1]}}}'.encode())  # read as JSON
    return 0


def ward(orders: "dict[str, Any]", program: "list[str]") -> int:
    """Run the program as a child and, when it ends, end all that it left: daemons, too, come back to this process."""
    libc.prctl(SUBREAPER, 1, 0, 0, 0)
    libc.prctl(SET_NAME, WARDEN, 0, 0, 0)
    scoped = keep_signals_in()
    child = os.fork()
    if child == 0:
        libc.prctl(SET_NAME, b"python3", 0, 0, 0)
        os.setsid()
        confine(orders)
        become(program)
    libc.prctl(DUMPABLE, 0, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ended, status = os.wait()
    while ended != child:
        ended, status = os.wait()
    while _left(scoped):
        time.sleep(0.005)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        os.kill(os.getpid(), signal.SIGKILL)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _left(scoped: bool) -> bool:
    """Kill what is left below this process. Whether there was anything."""
    try:
        if scoped:  # all at once, also what is just being born; this process itself is spared
            os.kill(-1, signal.SIGKILL)
        else:
            for pid in _below(os.getpid()):
                os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def _below(pid: int) -> "list[int]":
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:  # noqa: PTH123
            own = [int(child) for child in children.read().split()]
    except OSError:
        return []
    return own + [deeper for child in own for deeper in _below(child)]


def become(program: "list[str]") -> None:
    """Turn into the program; what cannot be started is said like a shell says it."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        os.write(2, f"{program[0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def furnish(orders: "dict[str, Any]") -> None:
    """What a program finds: its files, which it may change, its environment, and no input where it has none."""
    os.umask(0)
    for name, content in orders["files"].items():
        place = orders["home"] + "/" + name
        os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)  # noqa: PTH103, PTH120
        with open(place, "xb") as file:  # noqa: PTH123
            file.write(content)
    os.environ.update(orders["env"])
    if not orders["stdin"]:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)


def confine(orders: "dict[str, Any]") -> None:
    """Give up, in this order, what each step still needs."""
    os.umask(orders.get("umask", 0o077))
    if "oom" in orders:
        with open("/proc/self/oom_score_adj", "w") as score:  # noqa: PTH123
            score.write(str(orders["oom"]))
    landlock(orders.get("readable", ["/"]), orders["writable"], orders["shared"], orders["sockets"])
    for name, value in orders["rlimits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    if orders["uid"] is not None:
        drop(orders["uid"])
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if "filters" in orders:
        seccomp(bytes.fromhex(orders["filters"]["landlock" if landlock_abi() else "without"]))
    os.environ.pop("PWD", None)  # bubblewrap's, and no longer true
    os.chdir(orders["home"])  # only now: a home of 0700 lets nobody else in


def main() -> int:
    """Follow the orders."""
    orders = unpacked(sys.argv[1])
    program = orders.get("program", sys.argv[3:])
    if orders.get("ward"):
        return ward(orders, program)
    if "files" in orders:
        furnish(orders)
    confine(orders)
    if orders["report"] is None:
        become(program)
    return supervise(program, orders["report"])


if __name__ == "__main__":
    sys.exit(main())
