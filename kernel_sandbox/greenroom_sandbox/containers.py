"""A session's two containers, as data: one for the guest, one for its kernels, neither with a network.

Whoever can start containers makes these: the hub's spawner with Docker, a pod with two containers on Kubernetes. All
they share are folders of sockets. The same policy limits both as it limits boxes; bubblewrap's part is played by the
container, control groups by its limits, and what is left to seccomp and Landlock is done inside, by launch.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from greenroom_sandbox import bubblewrap, launch, seccomp
from greenroom_sandbox.policy import ENVIRONMENT, HOME, MIB, Policy

PLACE = "/opt/greenroom"
PYTHON = "/usr/bin/python3"
SERVER_PYTHON = f"{PLACE}/server/bin/python"
KERNEL_PYTHON = f"{PLACE}/environments/default/bin/python"
BESIDE = f"{PLACE}/kernel"  # what lies beside a kernel: nothing else of ours can be imported from there
LAUNCH = f"{BESIDE}/launch.py"
HOUSE, UID = "greenroom.house", "greenroom.uid"  # labels: whose container it is, and who runs in it
FIRST_UID, UIDS = 63_000, 2_000  # behind those of boxes
AGENT_MEMORY, AGENT_PROCESSES = 64, 16  # MiB (measured: 35) and threads that the agent needs beside the kernels
PERIOD = 100_000  # microseconds over which the kernel counts processor time, its own default
_SMALL_LOG = {"Type": "local", "Config": {"max-size": "1m", "max-file": "1", "compress": "false"}}


@dataclass(frozen=True, slots=True)
class Pair:
    """What a session's containers are made from. `runtime` is the session's folder of sockets on this machine."""

    session: str
    house: str
    runtime: Path
    work: Path
    guest_uid: int
    kernel_uid: int
    service_uid: int
    image: str
    oci_runtime: str  # such as runsc; empty: Docker's default
    kernels: Policy
    guest: Policy


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine, and where a container sees it."""

    outside: Path
    inside: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """One container. `host` is what Docker calls the host's configuration, in the words of its API."""

    name: str
    image: str
    command: list[str]
    environment: dict[str, str]
    user: str
    labels: dict[str, str]
    host: dict[str, object]


ROLES = ("kernels", "guest")


def name(house: str, session: str, role: str) -> str:
    """The name of a session's container."""
    return f"greenroom-{house}-{session}-{role}"


def guest(pair: Pair) -> Container:
    """The server's container. It writes to /tmp, and makes its socket."""
    mounts = [
        Mount(pair.runtime / "guest", "/run/guest", writable=True),
        Mount(pair.runtime / "k", "/run/k"),
        Mount(pair.runtime / "agent", "/run/agent"),
    ]
    orders = _orders(pair.guest, writable=["/tmp", "/dev/shm"], sockets=["/run/guest"], home="/tmp")
    command = [*_launched(orders), SERVER_PYTHON, "-m", "greenroom_sandbox.guest_main", pair.session]
    environment = {
        **ENVIRONMENT,
        "HOME": "/tmp",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PATH": f"{PLACE}/jupyter",
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTER_DATA_DIR": "/tmp/data",
        "JUPYTER_RUNTIME_DIR": "/tmp/runtime",
        "JUPYTER_PLATFORM_DIRS": "1",
        "GREENROOM_AGENT": "/run/agent/guest.sock",
    }
    return _container(pair, "guest", pair.guest_uid, command, environment, mounts, pair.guest, (0, 0))


def kernels(pair: Pair) -> Container:
    """The kernels' container: the agent is its first process, which no signal from inside can end."""
    mounts = [
        Mount(pair.runtime / "k", "/run/k", writable=True),
        Mount(pair.runtime / "agent", "/run/agent", writable=True),
        Mount(pair.runtime / "door", "/run/greenroom"),
        Mount(pair.work, HOME, writable=True),
    ]
    # /proc: to make kernels the first that end when memory is used up.
    own = ["/tmp", "/dev/shm", "/run/k", "/run/agent", HOME, "/proc"]
    orders = _orders(pair.kernels, writable=own, sockets=[], home="/") | {"rlimits": {"CORE": 0}, "umask": 0o022}
    told = {
        "memory": pair.kernels.memory,
        "processes": pair.kernels.processes,
        "guest_uid": pair.guest_uid,
        "service_uid": pair.service_uid,
    }
    command = [*_launched(orders), SERVER_PYTHON, "-m", "greenroom_sandbox.sidecar", json.dumps(told)]
    more = (AGENT_MEMORY, AGENT_PROCESSES)
    return _container(pair, "kernels", pair.kernel_uid, command, dict(ENVIRONMENT), mounts, pair.kernels, more)


def kernel_orders(policy: Policy, sockets: str) -> dict[str, object]:
    """What launch.py does to one kernel: it reads programs and its own sockets, and writes to its home."""
    readable = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/dev", "/run/greenroom", BESIDE]
    readable += [str(Path(KERNEL_PYTHON).parents[1]), "/sys/devices/system/cpu", "/sys/fs/cgroup"]
    orders = _orders(policy, writable=["/tmp", "/dev/shm"], sockets=[sockets], home=HOME)
    orders |= {"readable": readable, "shared": [HOME], "umask": 0, "ward": True, "oom": 1000}
    # Less than the container's own limit, so that the agent can always start another process.
    orders["rlimits"] = policy.rlimits() | {"NPROC": policy.processes}
    return orders


def _orders(policy: Policy, *, writable: list[str], sockets: list[str], home: str) -> dict[str, object]:
    filters = {name: seccomp.program(links=links).hex() for name, links in (("landlock", True), ("without", False))}
    return {
        "uid": None,
        "home": home,
        "report": None,
        "rlimits": policy.rlimits(),
        "writable": writable,
        "shared": [],
        "sockets": sockets,
        "filters": filters,
    }


def _launched(orders: dict[str, object]) -> list[str]:
    return [PYTHON, "-I", "-S", LAUNCH, launch.packed(orders).hex(), "--"]


def _container(
    pair: Pair,
    role: str,
    uid: int,
    command: list[str],
    environment: dict[str, str],
    mounts: list[Mount],
    policy: Policy,
    more: tuple[int, int],
) -> Container:
    memory, processes = policy.memory + more[0], policy.processes + more[1]
    mounts = [*mounts, *(Mount(pair.runtime / "etc" / Path(path).name, path) for path in ACCOUNTS)]
    host: dict[str, object] = {
        "NetworkMode": "none",
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],  # and Docker's own seccomp profile, which is on unless one says otherwise
        "ReadonlyRootfs": True,
        "IpcMode": "private",
        "Tmpfs": {"/tmp": f"rw,nosuid,nodev,exec,size={policy.disk}m,mode=1777"},
        "ShmSize": policy.disk * MIB,
        "PidsLimit": processes,
        "Memory": memory * MIB,
        "MemorySwap": memory * MIB,
        "CpuPeriod": PERIOD,
        "CpuQuota": int((policy.cores or 1) * PERIOD),
        "LogConfig": _SMALL_LOG,
        "Mounts": [
            {"Type": "bind", "Source": str(one.outside), "Target": one.inside, "ReadOnly": not one.writable}
            for one in mounts
        ],
    }
    if pair.oci_runtime:
        host["Runtime"] = pair.oci_runtime
    return Container(
        name(pair.house, pair.session, role),
        pair.image,
        command,
        environment,
        f"{uid}:{uid}",
        {HOUSE: pair.house, UID: str(uid)},
        host,
    )


ACCOUNTS = ("/etc/passwd", "/etc/group")


def accounts(uid: int) -> dict[str, bytes]:
    """The accounts a container sees, by the name of the file."""
    return {Path(path).name: bubblewrap.FILES[path].format(uid=uid).encode() for path in ACCOUNTS}
