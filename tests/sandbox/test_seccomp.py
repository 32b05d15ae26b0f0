"""The filter's decisions, computed by a small classic-BPF machine: also for the processor this test does not run on."""

from __future__ import annotations

import errno
import struct

import pytest
from greenroom_sandbox import seccomp
from greenroom_sandbox.seccomp import ARCHITECTURES, Architecture

ALLOW, KILL = 0x7FFF0000, 0x80000000


def decide(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the filter returns for one system call."""
    data = struct.pack("<IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("<HBBI", program))
    at, value = 0, 0
    while True:
        code, then, otherwise, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                (value,) = struct.unpack_from("<I", data, operand)
            case 0x15:
                at += then if value == operand else otherwise
            case 0x35:
                at += then if value >= operand else otherwise
            case 0x45:
                at += then if value & operand else otherwise
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(f"the filter has a step {code:#x} this machine does not know")


def refused(code: int) -> int:
    return 0x00050000 | code


@pytest.fixture(params=list(ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_only_unix_sockets_can_be_made(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine)
    for call in (arch.socket, arch.socketpair):
        assert decide(program, arch.audit, call, 1) == ALLOW
        assert decide(program, arch.audit, call, 16) == refused(errno.EOPNOTSUPP)  # netlink
        for family in (2, 10, 17, 38, 40):  # IPv4, IPv6, packets, kernel crypto, vsock
            assert decide(program, arch.audit, call, family) == refused(errno.EACCES)


def test_threads_are_made_and_namespaces_are_not(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine)
    assert decide(program, arch.audit, arch.clone, 0x3D0F00) == ALLOW
    for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):
        assert decide(program, arch.audit, arch.clone, flag | 17) == refused(errno.EPERM)
    assert decide(program, arch.audit, arch.clone3) == refused(errno.ENOSYS)


def test_what_is_on_the_list_is_refused_and_the_rest_allowed(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine)
    for name, number in arch.denied.items():
        assert decide(program, arch.audit, number) == refused(errno.EPERM), name
    special = {*arch.denied.values(), arch.socket, arch.socketpair, arch.clone, arch.clone3, arch.ioctl}
    for number in set(range(460)) - special:
        assert decide(program, arch.audit, number) == ALLOW, number


def test_nobody_types_into_another_terminal(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine)
    assert decide(program, arch.audit, arch.ioctl, 0, 0x5412) == refused(errno.EPERM)
    assert decide(program, arch.audit, arch.ioctl, 0, 0x5401) == ALLOW


def test_another_abi_is_no_way_round(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine)
    assert decide(program, 0x40000003, arch.socket, 2) == KILL  # 32-bit x86
    if arch.foreign_from is not None:
        assert decide(program, arch.audit, arch.foreign_from + arch.socket, 2) == refused(errno.EPERM)


def test_without_landlock_links_are_refused_everywhere(machine: str) -> None:
    arch, program = ARCHITECTURES[machine], seccomp.program(machine, links=False)
    for name, number in arch.links.items():
        assert decide(program, arch.audit, number) == refused(errno.EPERM), name


def test_the_architectures_refuse_the_same_calls() -> None:
    def names(arch: Architecture) -> set[str]:
        return set(arch.denied)

    assert names(seccomp.X86_64) - names(seccomp.AARCH64) == {"iopl", "ioperm", "modify_ldt", "uselib"}
    assert names(seccomp.AARCH64) <= names(seccomp.X86_64)
