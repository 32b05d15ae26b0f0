"""The policy: what a program may use. Data only; every backend reads the same object."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20

SHARE = 2.0
"""Of the processor, for all boxes of a machine together, where any other program has 1: however many cells loop, the
service gets its turn, and boxes get theirs beside whatever runs. Alone they have all of it. See docs/decisions/0006."""

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

HOME = "/home/candidate"

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": HOME,
    "USER": "candidate",
    "LOGNAME": "candidate",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""All that a program finds in its environment, whoever started it."""


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
    cores: float | None = None  # of the machine, at most; None: shares of all of them, behind everybody else's
    read_only: tuple[str, ...] = ()  # more of the machine, such as a kernel's environment

    def rlimits(self, *, mapped: bool = False) -> dict[str, int]:
        """The limits of each process. `mapped`: where no control group counts for all of them."""
        limits = {"CORE": 0, "NOFILE": self.open_files, "FSIZE": self.file_size, "MEMLOCK": 64 * 1024, "MSGQUEUE": 0}
        if self.cpu is not None:
            limits["CPU"] = max(1, int(self.cpu + 1))  # per process, whole seconds: the last resort behind the watch
        if mapped:  # the watchdog counts what is used, this bounds what is asked for between two looks
            limits |= {"DATA": (2 * self.memory + 1024) * MIB, "NPROC": self.processes}
        return limits


KERNELS = Policy(
    wall=None, cpu=None, memory=1024, processes=128, open_files=1024, file_size=256 * MIB, disk=512, cores=2
)
"""A session's kernels, all together. `cores`: as many as OMP_NUM_THREADS lets numerical libraries start threads."""

GUEST = Policy(wall=None, cpu=None, memory=512, processes=64, open_files=1024, file_size=16 * MIB, disk=16, cores=1)
"""A session's server, which hosts kernels and computes nothing."""
