"""The seccomp filter: which system calls of a box the kernel refuses. The numbers are data; the filter is made of them.

A deny list on top of namespaces: it closes what they leave open (AF_VSOCK, io_uring, bpf, keyrings, more namespaces).
Sources of the numbers: Linux's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from greenroom_sandbox.launch import landlock_abi

# Shared by every architecture: numbers from 424 on are the same everywhere.
_NEW = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "open_tree_attr": 467,
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """System call numbers of one processor architecture; `audit` is its AUDIT_ARCH value."""

    audit: int
    socket: int
    socketpair: int
    clone: int
    ioctl: int
    denied: Mapping[str, int]
    links: Mapping[str, int]  # what makes links and pipes: refused only where there is no Landlock to say where
    clone3: int = 435
    foreign_from: int | None = field(default=None)  # numbers from here on belong to another ABI (x32)


X86_64 = Architecture(
    audit=0xC000003E,
    socket=41,
    socketpair=53,
    clone=56,
    ioctl=16,
    foreign_from=0x40000000,
    denied=_NEW
    | {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "bpf": 321, "userfaultfd": 323,
        "perf_event_open": 298, "add_key": 248, "request_key": 249, "keyctl": 250, "mount": 165, "umount2": 166,
        "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "kexec_load": 246, "kexec_file_load": 320,
        "init_module": 175, "finit_module": 313, "delete_module": 176, "swapon": 167, "swapoff": 168, "reboot": 169,
        "quotactl": 179, "name_to_handle_at": 303, "open_by_handle_at": 304, "acct": 163, "settimeofday": 164,
        "clock_settime": 227, "clock_adjtime": 305, "adjtimex": 159, "syslog": 103, "lookup_dcookie": 212,
        "personality": 135, "iopl": 172, "ioperm": 173, "vhangup": 153, "fanotify_init": 300, "sethostname": 170,
        "setdomainname": 171, "modify_ldt": 154, "uselib": 134, "migrate_pages": 256, "move_pages": 279,
    },
    links={"symlink": 88, "symlinkat": 266, "mknod": 133, "mknodat": 259},
)  # fmt: skip

AARCH64 = Architecture(
    audit=0xC00000B7,
    socket=198,
    socketpair=199,
    clone=220,
    ioctl=29,
    denied=_NEW
    | {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "bpf": 280, "userfaultfd": 282,
        "perf_event_open": 241, "add_key": 217, "request_key": 218, "keyctl": 219, "mount": 40, "umount2": 39,
        "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "kexec_load": 104, "kexec_file_load": 294,
        "init_module": 105, "finit_module": 273, "delete_module": 106, "swapon": 224, "swapoff": 225, "reboot": 142,
        "quotactl": 60, "name_to_handle_at": 264, "open_by_handle_at": 265, "acct": 89, "settimeofday": 170,
        "clock_settime": 112, "clock_adjtime": 266, "adjtimex": 171, "syslog": 116, "lookup_dcookie": 18,
        "personality": 92, "vhangup": 58, "fanotify_init": 262, "sethostname": 161, "setdomainname": 162,
        "migrate_pages": 238, "move_pages": 239,
    },
    links={"symlinkat": 36, "mknodat": 33},
)  # fmt: skip

ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NUMBER, _ARCH = 0, 4


def _argument(index: int) -> int:
    return 16 + 8 * index  # the lower half of the 64-bit argument; both architectures are little-endian


def _refuse(code: int) -> int:
    return 0x00050000 | code


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)


def _return(value: int) -> bytes:
    return _step(_RETURN, value)


_CLONE_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_AF_UNIX, _AF_NETLINK = 1, 16
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # typing into somebody else's terminal


def program(machine: str = platform.machine(), *, links: bool = True) -> bytes:
    """The filter as classic BPF, as `bwrap --seccomp` reads it. KeyError for an architecture without numbers here.

    `links`: whether links and pipes may be made; Landlock then says where.
    """
    arch = ARCHITECTURES[machine]
    steps = [_step(_LOAD, _ARCH), _step(_EQUAL, arch.audit, 1, 0), _return(_KILL), _step(_LOAD, _NUMBER)]
    if arch.foreign_from is not None:
        steps += [_step(_AT_LEAST, arch.foreign_from, 0, 1), _return(_refuse(errno.EPERM))]
    for number in (arch.socket, arch.socketpair):
        steps += [
            _step(_EQUAL, number, 0, 6),
            _step(_LOAD, _argument(0)),
            _step(_EQUAL, _AF_UNIX, 0, 1),
            _return(_ALLOW),
            # EACCES or EPERM for netlink makes libzmq abort every ipykernel; "not supported" is an answer it knows.
            _step(_EQUAL, _AF_NETLINK, 0, 1),
            _return(_refuse(errno.EOPNOTSUPP)),
            _return(_refuse(errno.EACCES)),
        ]
    steps += [
        _step(_EQUAL, arch.clone, 0, 4),
        _step(_LOAD, _argument(0)),
        _step(_ANY_BIT, _CLONE_NAMESPACES, 0, 1),
        _return(_refuse(errno.EPERM)),
        _return(_ALLOW),
        _step(_EQUAL, arch.ioctl, 0, 5),
        _step(_LOAD, _argument(1)),
        _step(_EQUAL, _TIOCSTI, 1, 0),
        _step(_EQUAL, _TIOCLINUX, 0, 1),
        _return(_refuse(errno.EPERM)),
        _return(_ALLOW),
        # clone3 hides its flags in memory a filter cannot read; libc then falls back to clone.
        _step(_EQUAL, arch.clone3, 0, 1),
        _return(_refuse(errno.ENOSYS)),
    ]
    for number in (*arch.denied.values(), *(() if links else arch.links.values())):
        steps += [_step(_EQUAL, number, 0, 1), _return(_refuse(errno.EPERM))]
    return b"".join((*steps, _return(_ALLOW)))


def descriptor() -> int:
    """An open file with the filter in it, to hand to bwrap. The caller closes it."""
    handle = os.memfd_create("seccomp", 0)
    os.write(handle, program(links=landlock_abi() > 0))
    os.lseek(handle, 0, os.SEEK_SET)
    return handle
