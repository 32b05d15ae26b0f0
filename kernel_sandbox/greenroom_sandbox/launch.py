"""The last step before hostile code, inside its box: limits, Landlock, own uid, then the program.

Runs as a plain file under `python3 -I -S`, with nothing of Greenroom beside it: standard library, any Python from 3.8.
`launch.py ORDERS -- PROGRAM…`, ORDERS as JSON: rlimits {name: value}, uid (or null), umask, home, writable, shared and
sockets (folders), report (a file descriptor for the outcome, or null to become the program).
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys

# Landlock (linux/landlock.h). Bits of access to files:
EXECUTE, WRITE, READ, READ_DIR, REMOVE_FILE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5
MAKE_CHAR, MAKE_SOCKET, MAKE_FIFO, MAKE_BLOCK, MAKE_LINK = 1 << 6, 1 << 9, 1 << 10, 1 << 11, 1 << 12
REFER, TRUNCATE, IOCTL = 1 << 13, 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE | READ | TRUNCATE | IOCTL
FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many bits an ABI knows; 16 from ABI 5 on
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
NO_NEW_PRIVILEGES, DUMPABLE, DROP_BOUND = 38, 4, 24

libc = ctypes.CDLL(None, use_errno=True)


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


def landlock(writable: "list[str]", shared: "list[str]", sockets: "list[str]") -> None:
    """Confine this process for good.

    `writable`: folders of its own. `shared`: folders somebody else reads too, so no links, sockets or pipes. `sockets`:
    sockets and nothing else can be made there. Everything else can only be read and run.
    """
    abi = landlock_abi()
    if abi == 0:
        return
    everything = (1 << FILE_BITS.get(abi, 16)) - 1
    network = 3 if abi >= 4 else 0  # bind and connect over TCP: no rule allows any
    scope = 3 if abi >= 6 else 0  # abstract sockets and signals stay inside
    attributes = struct.pack("<QQQ", everything, network, scope)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = _syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    own = everything & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL)
    for folders, access in (
        (["/"], EXECUTE | READ | READ_DIR),
        (["/dev"], WRITE | TRUNCATE | IOCTL),
        (writable, own),
        (shared, own & ~(MAKE_LINK | MAKE_FIFO | MAKE_SOCKET)),
        (sockets, READ | READ_DIR | MAKE_SOCKET | REMOVE_FILE),
    ):
        for folder in folders:
            handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            # A folder that is not writable may still be a mount of a single file; then only a file's rights are legal.
            allowed = access & everything & (-1 if os.path.isdir(folder) else ON_FILES)  # noqa: PTH112
            _syscall(
                ADD_RULE, ctypes.c_int(rules), ctypes.c_int(1), struct.pack("<Qi", allowed, handle), ctypes.c_uint(0)
            )
            os.close(handle)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _syscall(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


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
    ended = {"cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}
    ended["signal" if os.WIFSIGNALED(status) else "code"] = (
        os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    )
    os.write(report, json.dumps(ended).encode())
    return 0


def become(program: "list[str]") -> None:
    """Turn into the program; what cannot be started is said like a shell says it."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        os.write(2, f"{program[0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def main() -> int:
    """Follow the orders."""
    orders, program = json.loads(sys.argv[1]), sys.argv[3:]
    os.umask(orders.get("umask", 0o077))
    landlock(orders["writable"], orders["shared"], orders["sockets"])
    for name, value in orders["rlimits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    if orders["uid"] is not None:
        drop(orders["uid"])
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    os.environ.pop("PWD", None)  # bubblewrap's, and no longer true
    os.chdir(orders["home"])  # only now: a home of 0700 lets nobody else in
    if orders["report"] is None:
        become(program)
    return supervise(program, orders["report"])


if __name__ == "__main__":
    sys.exit(main())
