"""The policy: what a program may use. Data only; every backend reads the same object."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20

SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/lib32",
    "/bin",
    "/sbin",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ssl/openssl.cnf",
)
"""What every box sees of the machine, read-only: programs and libraries, no settings and no accounts."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one box. Times in seconds, sizes in bytes unless the name says MiB."""

    wall: float | None = 10.0  # a program of an exercise; None for a kernel, which lives as long as its session
    cpu: float | None = 10.0
    memory: int = 256  # MiB, of all processes together
    processes: int = 64  # and threads; a JVM starts about 20
    open_files: int = 256  # per process; pandas and matplotlib together stay below 100
    file_size: int = 16 * MIB  # of one file
    disk: int = 64  # MiB of the home folder, and again of /tmp
    output: int = 64 * 1024  # standard output and error, each
    read_only: tuple[str, ...] = ()  # more of the machine, such as a kernel's environment
